"""`vocloop policy backtest`: what a points table makes of an imported history, and what another would move."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Printed

import settings
from domain.durations import Duration
from domain.ticket import Ticket
from policy.faults import PolicyError
from policy.reading import PolicyFiles, load
from policy.red_lines import load_red_lines
from starter.importing.reading import Format, read_tickets
from starter.importing.rows import Accepted, ImportFileError
from starter.simulating.drawing import backtested
from starter.simulating.grading import Moved, Spread, Table, graded, moved, spread_of

SHIPPED = "shipped"  # the policy that comes with this release
CANNOT = 2  # the exit code when nothing can be done with what was given
_BAR = 28  # characters of the longest bar

_out = Console()
_err = Console(stderr=True)


def backtest(
    file: Annotated[Path, typer.Argument(help="A complaint file, as for `vocloop import`.")],
    *,
    format: Annotated[Format, typer.Option(help="What the file is.")],  # noqa: A002
    policy: Annotated[str, typer.Option(help=f"A folder of policy files, or {SHIPPED}.")] = SHIPPED,
    against: Annotated[str, typer.Option(help="A second one, whose table is told beside the first.")] = "",
    map_path: Annotated[Path | None, typer.Option("--map", help="For csv: which column is what.")] = None,
    age: Annotated[str, typer.Option(help='Graded so long after they came in, as "3 calendar_days".')] = "",
    at: Annotated[datetime | None, typer.Option(help="Rules as in force then, UTC; now when not given.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Read so many rows and stop.")] = None,
    movers: Annotated[int, typer.Option(min=0, help="How many of the biggest movers to show.")] = 10,
    html: Annotated[Path | None, typer.Option(help="Draw the tables side by side into this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")] = False,
) -> None:
    """Grade past complaints by a policy's points table, and by another one beside it."""
    instant = at.replace(tzinfo=at.tzinfo or UTC) if at else settings.utc_now()
    try:
        tables = {name: _table(name, instant) for name in (policy, against) if name}
        tickets, rejected = _tickets(file, format, map_path, limit, files=_files(policy), at=instant)
        length = _length(age)
    except (PolicyError, ImportFileError) as error:
        raise _failure(str(error)) from None
    if not tickets:
        raise _failure(f"{file} holds no complaint that can be read; choose the format that fits it.")
    grades = {name: [graded(ticket, table, age=length) for ticket in tickets] for name, table in tables.items()}
    spreads = [spread_of(found, policy=name, version=tables[name].policy.version) for name, found in grades.items()]
    apart = moved([ticket.ticket_no for ticket in tickets], *grades.values()) if len(grades) > 1 else None
    if html:
        _draw(html, backtested(spreads, apart, most=movers))
    if as_json:
        typer.echo(json.dumps(_figures(spreads, apart, rejected, age, movers), ensure_ascii=False))
    else:
        _tell(spreads, apart, rejected=rejected, most=movers)


def _draw(html: Path, page: str) -> None:
    try:
        html.write_text(page, encoding="utf-8")
    except OSError as error:
        raise _failure(f"{html} cannot be written: {error.strerror}; give another file.") from None


def _files(name: str) -> PolicyFiles:
    return load(None if name == SHIPPED else Path(name))


def _table(name: str, at: datetime) -> Table:
    policy, words = _files(name).policy_at(at), load_red_lines(None if name == SHIPPED else Path(name))
    if policy.risk is None:
        raise ImportFileError(f"The policy {name} has no points table; give a folder with a risk.toml.")
    return Table(policy, words.on(at.date()))


def _length(age: str) -> Duration | None:
    try:
        return Duration.model_validate(age) if age else None
    except ValidationError:
        raise ImportFileError('--age is a number and a unit, like "3 calendar_days" or "24 hours".') from None


def _tickets(
    file: Path, format_: Format, map_path: Path | None, limit: int | None, *, files: PolicyFiles, at: datetime
) -> tuple[list[Ticket], int]:
    rows = list(read_tickets(file, format=format_, policy=files, received_at=at, map_path=map_path, limit=limit))
    for row in rows:
        if not isinstance(row, Accepted):
            _err.print(f"line {row.line}: {escape(row.reason)}", soft_wrap=True, highlight=False)
    tickets = [row.ticket for row in rows if isinstance(row, Accepted)]
    return tickets, len(rows) - len(tickets)


def _figures(spreads: list[Spread], apart: Moved | None, rejected: int, age: str, most: int) -> dict[str, object]:
    told = apart.model_copy(update={"movers": apart.movers[:most]}).model_dump() if apart else None
    complaints = sum(spreads[0].levels.values())
    policies = [each.model_dump() for each in spreads]
    return {"complaints": complaints, "rejected_rows": rejected, "age": age, "policies": policies, "moved": told}


def _tell(spreads: list[Spread], apart: Moved | None, *, rejected: int, most: int) -> None:
    for spread in spreads:
        _out.print(_bars(spread))
    if apart:
        _say(
            f"{apart.up} rise, {apart.down} fall, {apart.same} stay · 升 {apart.up}，降 {apart.down}，不变 {apart.same}"
        )
        if most and apart.movers:
            _out.print(_movers(apart, most))
    if rejected:
        _say(f"{rejected} rows could not be read · {rejected} 行无法读取")


def _bars(spread: Spread) -> Printed:
    title = escape(f"{spread.policy}: {spread.version}, table {spread.table}")
    printed = Printed("Level 等级", "", "Complaints 投诉", "Share 占比", title=title)
    longest, total = max(spread.levels.values()), sum(spread.levels.values())
    for level, count in spread.levels.items():
        printed.add_row(level, "█" * -(-count * _BAR // longest), str(count), f"{count / total:.1%}")
    floors = ", ".join(f"{floor} {count}" for floor, count in spread.floors.items()) or "none"
    printed.caption = f"mean {spread.points_mean} points; floors: {floors}; capped {spread.capped}"
    return printed


def _movers(apart: Moved, most: int) -> Printed:
    printed = Printed("Complaints", "Level", "Points", "Why 原因", "For instance", title="Biggest movers 变动最大")
    for each in apart.movers[:most]:
        why = "\n".join(line for reason in each.reasons for line in (reason.en, reason.zh))
        levels, points = f"{each.before} → {each.after}", f"{each.points_before} → {each.points_after}"
        printed.add_row(str(each.complaints), levels, points, escape(why), escape(", ".join(each.tickets)))
    return printed


def _say(sentence: str) -> None:
    _out.print(escape(sentence), soft_wrap=True, highlight=False)


def _failure(sentence: str) -> typer.Exit:
    _err.print(escape(sentence), soft_wrap=True, highlight=False)
    return typer.Exit(CANNOT)
