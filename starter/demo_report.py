"""What the demo shows at the end: one complaint told as a story, a table per department, the totals."""

from collections.abc import Sequence
from datetime import timedelta

from rich.console import Console
from rich.table import Table

from domain.events import Event
from ledger.boards import DepartmentCounts, Totals
from policy.reading import PolicyFiles
from starter.telling_events import sentence

_COLUMNS = (
    ("hops", "hops\n流转"),
    ("response_breaches", "response\nbreaches\n响应超期"),
    ("deemed_acceptances", "deemed\naccepted\n视同接单"),
    ("transfers_made", "transfers\nmade\n转出"),
    ("transfers_refused", "transfers\nrefused\n拒转"),
    ("claims", "claims\n申请"),
    ("first_fix_failures", "first-fix\nfailures\n一次修复失败"),
    ("reds", "reds\n红灯"),
)


def tell_story(console: Console, ticket_no: str, events: Sequence[Event]) -> None:
    """The timeline in sentences, both languages, with what each event was caused by."""
    console.rule(f"The most eventful complaint · 最曲折的一单 · {ticket_no}")
    began = events[0].at
    for event in events:
        said = sentence(event)
        console.print(f"[dim]{_since(event.at - began):>12}[/]  {said.en}  [dim]{said.zh}[/]", highlight=False)


def show_departments(console: Console, rows: Sequence[DepartmentCounts], files: PolicyFiles) -> None:
    table = Table(title="Departments · 各部门", title_justify="left")
    table.add_column("department\n责任部门", no_wrap=True)
    for _, title in _COLUMNS:
        table.add_column(title, justify="right")
    for row in rows:
        department = files.department(row.department)
        table.add_row(f"{department.en} {department.zh}", *(str(getattr(row, figure) or "·") for figure, _ in _COLUMNS))
    console.print(table)


def show_totals(console: Console, totals: Totals, *, late: timedelta, broken: Sequence[str]) -> None:
    ended = ", ".join(f"{count} {how}" for how, count in sorted(totals.closings.items()))
    console.print(
        f"{totals.complaints} complaints: {totals.closed} closed ({ended}), {totals.open} open; {totals.events} events.\n"
        f"{totals.transfers} transfers, {totals.transfers_refused} refused; {totals.response_breaches} response "
        f"breaches, {totals.vp_copies} VP copies, {totals.escalations} escalations, "
        f"{totals.first_fix_failures} first-fix failures.\n"
        f"99 % of deadlines were noticed within {late.total_seconds() * 1000:.0f} ms of falling due."
    )
    if broken:
        console.print(f"[bold red]{len(broken)} things do not hold:[/]", *(f"\n  {fault}" for fault in broken))
    else:
        console.print(
            "[bold green]Every invariant held.[/] Ledger, projections, workflows and CRM agree. 各项不变量全部成立。"
        )


def _since(length: timedelta) -> str:
    hours, rest = divmod(int(length.total_seconds()), 3600)
    days, hours = divmod(hours, 24)
    return f"{days} d {hours:02}:{rest // 60:02}"
