"""What the board's tables look like as files."""

from datetime import datetime, timedelta

from domain.wording import Both, both
from ledger.wall import Handed, NewRed, OpenComplaint
from starter.exports.columns import Column
from starter.telling.board import Day, Lamp
from starter.telling.events import Names

_DAY = timedelta(days=1)


def of_lamps(head: Both) -> tuple[Column, ...]:
    """For the lamps of departments or systems, whichever `head` says."""

    def name(lamp: Lamp) -> Both:
        return lamp.name.zh, lamp.name.en

    return (
        Column(head, name, width=24),
        Column(("未关闭", "Open"), lambda lamp: lamp.total),
        Column(("红灯", "Red"), lambda lamp: lamp.red),
        Column(("黄灯", "Yellow"), lambda lamp: lamp.yellow),
        Column(("绿灯", "Green"), lambda lamp: lamp.green),
    )


def of_reds(names: Names) -> tuple[Column, ...]:
    def copied(red: NewRed) -> Both:
        known = [names.of(department) for department in red.copied]
        return "、".join(zh for zh, _ in known), ", ".join(en for _, en in known)

    return (
        Column(("工单号", "Ticket"), lambda red: red.ticket_no, width=20),
        Column(("部门", "Department"), lambda red: names.of(red.department), width=20),
        Column(("时限", "Clock"), lambda red: both(f"clock:{red.clock_kind}"), width=16),
        Column(("到期", "Fell due"), lambda red: red.due_at, is_instant=True),
        Column(("亮红灯", "Turned red"), lambda red: red.noticed_at, is_instant=True),
        Column(("已抄送副总裁", "Copied to the VP of"), copied, width=30),
    )


def of_oldest(names: Names, *, at: datetime) -> tuple[Column, ...]:
    """`at` is the instant up to which they have been open."""

    def days(row: OpenComplaint) -> float:
        return round((at - row.created_at) / _DAY, 1)

    return (
        Column(("工单号", "Ticket"), lambda row: row.ticket_no, width=20),
        Column(("所在", "Desk"), lambda row: names.of(row.desk), width=20),
        Column(("状态", "Stage"), lambda row: both(row.stage), width=20),
        Column(("已开天数", "Days open"), days),
        Column(("创建", "Created"), lambda row: row.created_at, is_instant=True),
        Column(("到期", "Due"), lambda row: row.due_at, is_instant=True),
        Column(("到期暂定", "Due is provisional"), lambda row: row.is_provisional),
    )


def of_rates() -> tuple[Column, ...]:
    """Rates are in percent, and empty on a day on which nothing was decided."""

    def day(row: Day) -> str:
        return row.day.isoformat()

    return (
        Column(("日期", "Day"), day),
        Column(("按时响应率 (%)", "Response in time (%)"), lambda row: row.in_time, width=20),
        Column(("应答数", "Responses"), lambda row: row.responses),
        Column(("一次修复率 (%)", "First-fix (%)"), lambda row: row.first_fix, width=20),
        Column(("客户答复数", "Verdicts"), lambda row: row.verdicts),
    )


def of_hand_offs(names: Names) -> tuple[Column, ...]:
    """One row for each pair of departments, the most frequent first."""

    def refuted(row: Handed) -> int:
        return row.refuted

    return (
        Column(("转出", "From"), lambda row: names.of(row.source), width=20),
        Column(("转入", "To"), lambda row: names.of(row.target), width=20),
        Column(("流转次数", "Hand-offs"), lambda row: row.count),
        Column(("其中无依据", "Of these without ground"), refuted, width=24),
    )
