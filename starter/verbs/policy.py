"""`vocloop policy`: check, compare and show the business's numbers."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

import settings
from domain.case import CaseKind
from domain.policy import Policy
from domain.ticket import Tier
from policy.checking import check as check_folder
from policy.differing import differences, settled
from policy.faults import PolicyError
from policy.reading import PolicyFiles, load
from starter.simulating.backtest import backtest
from starter.verbs.adoption import preview_adoption
from starter.verbs.holidays import import_holidays

app = typer.Typer(help="Check, compare and show the policy.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")]
At = Annotated[datetime | None, typer.Option(help="The instant, UTC; now when not given.")]
Folder = Annotated[Path | None, typer.Argument(help="A folder of policy files; the one in force when not given.")]

_out = Console()

app.command("import-holidays")(import_holidays)
app.command("preview-adoption")(preview_adoption)
app.command("backtest")(backtest)


@app.command()
def check(folder: Folder = None, *, as_json: Json = False) -> None:
    """Prove that the policy can be lived under; exit 1 and name every fault when it cannot."""
    faults = check_folder(folder or settings.load().policy)
    if as_json:
        _print_json([fault.model_dump() for fault in faults])
    else:
        for fault in faults:
            _say(str(fault))
        _say(f"{len(faults)} faults." if faults else "The policy holds.")
        if not faults:
            _say_precedence(load(folder or settings.load().policy).policy_at(settings.utc_now()))
    if faults:
        raise typer.Exit(1)


@app.command()
def diff(a: Path, b: Path, *, at: At = None, as_json: Json = False) -> None:
    """Say in words what folder B would change about folder A."""
    try:
        changes = differences(load(a), load(b), at=_instant(at))
    except PolicyError as error:
        raise _refusal(error, as_json) from None
    if as_json:
        _print_json(changes)
        return
    for change in changes or ("Nothing changes.",):
        _say(change)


@app.command()
def show(folder: Folder = None, *, at: At = None, as_json: Json = False) -> None:
    """Show the policy in force at an instant."""
    try:
        files = load(folder or settings.load().policy)
        policy = files.policy_at(_instant(at))
    except PolicyError as error:
        raise _refusal(error, as_json) from None
    if as_json:
        _print_json(policy.model_dump(mode="json"))
        return
    _out.print(_rules_table(policy))
    _out.print(_departments_table(files, policy))
    if policy.plans:
        _out.print(_plans_table(policy))


def _refusal(error: PolicyError, as_json: bool) -> typer.Exit:
    if as_json:
        _print_json([fault.model_dump() for fault in error.faults])
    else:
        _say(str(error))
    return typer.Exit(1)


def _rules_table(policy: Policy) -> Table:
    table = Table("Rule", "Now", title=f"Policy {policy.version}")
    for name, length in policy.clocks.model_dump().items():
        table.add_row(f"{name} clock", length)
    for rung in policy.escalations:
        when = [
            f"after {rung.after}" if rung.after else "",
            f"risk ≥ {rung.risk_at_least}" if rung.risk_at_least else "",
        ]
        table.add_row(f"escalation to {rung.level}", ", ".join(each for each in when if each))
    for name in ("yellow_share", "hop_limit", "lead_share", "triage_desk", "arbiter"):
        table.add_row(name, str(getattr(policy, name)))
    table.add_row("verification", ", ".join(str(each) for each in policy.verification.reminders))
    return table


def _departments_table(files: PolicyFiles, policy: Policy) -> Table:
    table = Table("Department", "部门", "Tags", "Red lines", "Supports", title="Ownership matrix")
    for department in files.departments:
        owned = policy.matrix.owners.get(department.id, ())
        supported = [tag for tag, who in policy.matrix.supporters.items() if department.id in who]
        red = set(owned) & set(policy.matrix.red_line_tags)
        table.add_row(department.en, department.zh, *(str(len(each)) for each in (owned, red, supported)))
    return table


def _say_precedence(policy: Policy) -> None:
    """Where service plans contradict each other, and which of them counts."""
    lines = [
        f"{tier} × {kind}: {each.name} {each.value} of {each.plan}, not {said} of {plan}."
        for tier, kind in product(Tier, CaseKind)
        for each in settled(policy, tier, kind)
        for plan, said in each.overruled
    ]
    if lines:
        _say("Where service plans contradict each other, the one that stands first in plans.toml counts:")
    for line in lines:
        _say(f"  {line}")


def _plans_table(policy: Policy) -> Table:
    table = Table("Tier", "Kind of case", "Otherwise than the rules", title="Service plans")
    for tier, kind in product(Tier, CaseKind):
        said = ", ".join(f"{each.name} {each.value} ({each.plan})" for each in settled(policy, tier, kind))
        table.add_row(tier, kind, said or "as the rules say")
    return table


def _instant(at: datetime | None) -> datetime:
    return at.replace(tzinfo=at.tzinfo or UTC) if at else settings.utc_now()


def _say(sentence: str) -> None:
    _out.print(escape(sentence), soft_wrap=True, highlight=False)


def _print_json(value: object) -> None:
    values = list(value) if isinstance(value, Iterable) and not isinstance(value, dict) else value
    typer.echo(json.dumps(values, ensure_ascii=False))
