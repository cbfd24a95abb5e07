"""`vocloop simulate`: what a history of tickets says by itself, and what a policy would have made of it."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import settings
from domain.policy import Policy
from policy.faults import PolicyError
from policy.reading import load
from starter.importing.rows import ImportFileError, Rejected
from starter.simulating.assumptions import Assumptions, assumed, listed
from starter.simulating.cases import LogCase, LogEvent, cases_of
from starter.simulating.drawing import simulated
from starter.simulating.facts import LogFacts, facts_of
from starter.simulating.outcomes import PolicyOutcome, Tally
from starter.simulating.reading import LogFormat, read_log
from starter.simulating.replaying import replay
from starter.stopping import run

SHIPPED = "shipped"  # the policy that comes with this release
CANNOT = 2  # the exit code when nothing can be done with what was given

_out = Console()
_err = Console(stderr=True)


def simulate(
    *,
    log: Annotated[str, typer.Option(help="The history of tickets: a file, or a ledger's URL.")],
    format: Annotated[LogFormat, typer.Option(help="What the file is.")],  # noqa: A002
    policy: Annotated[str, typer.Option(help=f"A folder of policy files, or {SHIPPED}; none: no replay.")] = "",
    against: Annotated[str, typer.Option(help="A second policy, told beside the first.")] = "",
    at: Annotated[datetime | None, typer.Option(help="Rules as in force then, UTC; now when not given.")] = None,
    assume: Annotated[list[str] | None, typer.Option(help=f"What the log does not say: {listed()}.")] = None,
    html: Annotated[Path | None, typer.Option(help="Draw the policies side by side into this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")] = False,
) -> None:
    """Say what a history of tickets holds, and what would have become of it under a policy or two."""
    try:
        answers = assumed(assume or ())
        rules = [(name, _rules(name, at)) for name in (policy, against) if name]
        cases, rejected = _cases(log, format)
    except (PolicyError, ImportFileError) as error:
        raise _failure(str(error)) from None
    if not cases:
        raise _failure("The log holds no row that can be read; choose the format that fits it.")
    facts = facts_of(cases)
    _tell_facts(facts, rejected)
    outcomes = [_replayed(name, each, cases, answers) for name, each in rules]
    if outcomes:
        _tell_outcomes(outcomes, answers)
    if html:
        _draw(html, outcomes, answers)
    if as_json:
        told = [{**each.model_dump(), "assumed": answers.model_dump()} for each in outcomes]
        typer.echo(json.dumps({"log": facts.model_dump() | {"rejected_rows": rejected}, "policies": told}))


def _draw(html: Path, outcomes: list[PolicyOutcome], assume: Assumptions) -> None:
    if not outcomes:
        raise _failure("There is nothing to draw without a policy; name one with --policy.")
    try:
        html.write_text(simulated(outcomes, assumed=assume.model_dump()), encoding="utf-8")
    except OSError as error:
        raise _failure(f"{html} cannot be written: {error.strerror}; give another file.") from None


def _rules(name: str, at: datetime | None) -> Policy:
    instant = at.replace(tzinfo=at.tzinfo or UTC) if at else settings.utc_now()
    return load(None if name == SHIPPED else Path(name)).policy_at(instant)


def _replayed(name: str, policy: Policy, cases: tuple[LogCase, ...], assume: Assumptions) -> PolicyOutcome:
    since, until = min(case.events[0].at for case in cases), max(case.events[-1].at for case in cases)
    tally = Tally()
    with _progress() as progress:
        for case in progress.track(cases, description=f"Cases under {name}"):
            tally.add(replay(case, policy=policy, assume=assume, until=until))
    return tally.outcome(policy=name, version=policy.version, since=since, until=until)


def _cases(log: str, format_: LogFormat) -> tuple[tuple[LogCase, ...], int]:
    if format_ is LogFormat.LEDGER:
        from starter.simulating.recorded import recorded_cases  # the database's library, for those who ask it

        return run(recorded_cases(log)), 0
    rejected: list[Rejected] = []
    with _progress() as progress:
        task = progress.add_task("Rows", total=None)
        cases = cases_of(_readable(progress.track(read_log(Path(log), format=format_), task_id=task), rejected))
    return cases, len(rejected)


def _readable(rows: Iterable[LogEvent | Rejected], rejected: list[Rejected]) -> Iterator[LogEvent]:
    for row in rows:
        if isinstance(row, LogEvent):
            yield row
        else:
            rejected.append(row)
            _err.print(f"line {row.line}: {escape(row.reason)}", soft_wrap=True, highlight=False)


def _tell_facts(facts: LogFacts, rejected: int) -> None:
    table = Table("Fact of the log", "Figure")
    for name, value in facts.model_dump().items():
        table.add_row(name, str(value))
    table.add_row("rejected_rows", str(rejected))
    _out.print(table)


def _tell_outcomes(outcomes: list[PolicyOutcome], assume: Assumptions) -> None:
    table = Table("Under the policy", *(escape(each.policy) for each in outcomes))
    for name in PolicyOutcome.model_fields:
        table.add_row(name, *(_cell(getattr(each, name)) for each in outcomes))
    _out.print(table)
    said = ", ".join(f"{name}={value}" for name, value in assume.model_dump().items())
    _out.print(escape(f"Assumed, because the log does not say: {said}."), soft_wrap=True, highlight=False)


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return escape("\n".join(f"{key} {count}" for key, count in value.items())) or "none"
    return escape(str(value))


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=_err, transient=True)


def _failure(sentence: str) -> typer.Exit:
    _err.print(escape(sentence), soft_wrap=True, highlight=False)
    return typer.Exit(CANNOT)
