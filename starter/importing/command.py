"""`vocloop import`: somebody's complaint file, to the API or only counted."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import httpx2
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

import settings
from policy.faults import PolicyError
from policy.reading import PolicyFiles, load
from starter.api_client import base_url, bearer
from starter.importing.reading import Format, read_tickets
from starter.importing.rows import Accepted, ImportFileError, Rejected, Row
from starter.importing.sending import send
from starter.importing.tally import Tally
from starter.stopping import CannotGoOn
from starter.stopping import run as to_end

CANNOT = 2  # the exit code when nothing can be done with what was given

_out = Console()
_err = Console(stderr=True)


class Dates(StrEnum):
    NOW = "now"
    ORIGINAL = "original"


def import_file(
    file: Annotated[Path, typer.Argument(help="The complaint file.")],
    *,
    format: Annotated[Format, typer.Option(help="What the file is.")],  # noqa: A002
    map_path: Annotated[Path | None, typer.Option("--map", help="For csv: which column is what.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Read so many rows and stop.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send nothing; say who would own what.")] = False,
    dates: Annotated[Dates, typer.Option(help="Created now, or when the file says.")] = Dates.NOW,
    api: Annotated[str, typer.Option(help="The API's address; the running stack's when not given.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")] = False,
) -> None:
    """Turn each row of a file into a ticket. A bad row is named with its line, and the rest go on."""
    try:
        policy = load(settings.load().policy)
        tally = Tally(policy.policy_at(settings.utc_now()).matrix)
        with _progress(as_json) as progress:
            steps = _Steps(tally, progress, progress.add_task("Tickets", total=limit or _lines(file)))
            now = settings.utc_now()
            rows = _rows(file, format, map_path, limit, dates, policy, at=now)
            _run(rows, steps, api="" if dry_run else base_url(api, settings.load()), at=now)
    except (PolicyError, ImportFileError) as error:
        raise _failure(str(error)) from None
    _report(tally, policy, as_json=as_json)
    if not tally.accepted and tally.rejected:
        raise typer.Exit(1)


class _Steps:
    """Counts and shows what comes of each row, as soon as it is known."""

    def __init__(self, tally: Tally, progress: Progress, task: TaskID) -> None:
        self._tally, self._progress, self._task = tally, progress, task

    def readable(self, rows: Iterator[Row]) -> Iterator[Accepted]:
        for row in rows:
            if isinstance(row, Accepted):
                yield row
            else:
                self.done(row)

    def done(self, row: Row) -> None:
        if isinstance(row, Rejected):
            self._tally.reject()
            _err.print(f"line {row.line}: {escape(row.reason)}", soft_wrap=True, highlight=False)
        else:
            self._tally.accept(row.ticket)
        self._progress.advance(self._task)

    @property
    def accepted(self) -> int:
        return self._tally.accepted

    def finish(self) -> None:
        rows = self._tally.accepted + self._tally.rejected
        self._progress.update(self._task, total=rows, completed=rows)


def _run(rows: Iterator[Row], steps: _Steps, *, api: str, at: datetime) -> None:
    if api:
        to_end(_sent(rows, steps, api=api, at=at))
    else:
        for row in rows:
            steps.done(row)
    steps.finish()


async def _sent(rows: Iterator[Row], steps: _Steps, *, api: str, at: datetime) -> None:
    try:
        await send(steps.readable(rows), api=api, headers=bearer(api, settings.load()), stamped_at=at, done=steps.done)
    except (httpx2.TransportError, httpx2.InvalidURL) as error:
        raise CannotGoOn(
            f"The API at {api} is away ({type(error).__name__}) after {steps.accepted} tickets: "
            "start it with `vocloop up`, or name another with --api."
        ) from None


def _rows(
    file: Path,
    format_: Format,
    map_path: Path | None,
    limit: int | None,
    dates: Dates,
    policy: PolicyFiles,
    *,
    at: datetime,
) -> Iterator[Row]:
    rows = read_tickets(file, format=format_, map_path=map_path, limit=limit, policy=policy, received_at=at)
    return rows if dates is Dates.ORIGINAL else (_created(row, at) for row in rows)


def _created(row: Row, at: datetime) -> Row:
    # A ticket of two years ago would be red at birth, and escalated to the top in the same instant.
    if isinstance(row, Rejected):
        return row
    return row.model_copy(update={"ticket": row.ticket.model_copy(update={"created_at": at})})


def _lines(file: Path) -> int:
    try:
        with file.open("rb") as stream:
            return sum(1 for _ in stream)
    except OSError as error:
        raise ImportFileError(f"{file} cannot be read: {error.strerror}; give a file that exists.") from None


def _progress(as_json: bool) -> AbstractContextManager[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=_err, disable=as_json and not _err.is_terminal)


def _report(tally: Tally, policy: PolicyFiles, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(tally.figures(), ensure_ascii=False))
        return
    table = Table("Department", "部门", "Complaints", title="Who owns them")
    for department, count in tally.by_department.most_common():
        names = policy.department(department)
        table.add_row(names.en if names else department, names.zh if names else "", str(count))
    _out.print(table)
    _out.print(
        f"{tally.accepted + tally.rejected} rows: {tally.accepted} accepted, {tally.rejected} rejected; "
        f"{tally.dispatched} dispatched ({tally.grey} grey, {tally.red_line} red-line), {tally.triage} to triage.",
        highlight=False,
        soft_wrap=True,
    )


def _failure(sentence: str) -> typer.Exit:
    _err.print(escape(sentence), soft_wrap=True, highlight=False)
    return typer.Exit(CANNOT)
