"""What the demo shows at the end: one complaint told as a story, a table per department, the totals."""

from collections.abc import Sequence
from datetime import timedelta

from rich.console import Console
from rich.table import Table

from domain.events import Event
from ledger.boards import DepartmentCounts, Totals
from policy.reading import PolicyFiles
from starter.telling.events import Names, counted, told

_COLUMNS = (
    ("hops", "hops\n流转"),
    ("response_breaches", "late\n超期"),
    ("deemed_acceptances", "deemed\n视同"),
    ("transfers_made", "passed\n转出"),
    ("transfers_refused", "refused\n拒转"),
    ("claims", "claims\n申请"),
    ("first_fix_failures", "unfixed\n未修好"),
    ("reds", "reds\n红灯"),
)  # response breaches, deemed acceptances, transfers made and refused, claims, first-fix failures


def tell_story(console: Console, ticket_no: str, events: Sequence[Event], files: PolicyFiles) -> None:
    """The timeline in sentences, in both languages, by the time since the ticket was created."""
    console.rule(f"The most eventful complaint · 最曲折的一单 · {ticket_no}")
    began, names = events[0].at, Names(files)
    for event in events:
        said = told(event, names)
        console.print(f"[dim]{_since(event.at - began):>11}[/]  {said.en}", highlight=False, soft_wrap=True)
        console.print(f"{'':>11}  [dim]{said.zh}[/]", highlight=False, soft_wrap=True)


def show_departments(console: Console, rows: Sequence[DepartmentCounts], files: PolicyFiles) -> None:
    table = Table(title="Departments · 各部门", title_justify="left", show_lines=False, padding=(0, 1, 0, 0))
    table.add_column("department\n责任部门")
    for _, title in _COLUMNS:
        table.add_column(title, justify="right", no_wrap=True)
    names = Names(files)
    for row in rows:
        zh, en = names.of(row.department)
        table.add_row(f"{en}\n{zh}", *(str(getattr(row, figure) or "·") for figure, _ in _COLUMNS))
    console.print(table)


def show_totals(console: Console, totals: Totals, *, late: timedelta, broken: Sequence[str]) -> None:
    ended = ", ".join(f"{count} {how}" for how, count in sorted(totals.closings.items()))
    console.print(
        f"{counted(totals.complaints, 'complaint')}: {totals.closed} closed ({ended}), {totals.open} open; "
        f"{counted(totals.events, 'event')}.\n"
        f"{counted(totals.transfers, 'transfer')}, {totals.transfers_refused} refused; "
        f"{counted(totals.response_breaches, 'response breach', many='response breaches')}, "
        f"{counted(totals.vp_copies, 'VP copy', many='VP copies')}, {counted(totals.escalations, 'escalation')}, "
        f"{counted(totals.first_fix_failures, 'first-fix failure')}.\n"
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
