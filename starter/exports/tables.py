"""What the lists of the API look like as tables: one function a list, that names people's words for every code."""

from domain import masking
from domain.outlets import Audience
from domain.ticket import Tier
from domain.webhooks import type_of
from domain.wording import Both, both
from ledger.disclosures import Disclosure
from ledger.notices import PostedNotice
from ledger.queries import ComplaintRow
from starter.exports.columns import Cell, Column
from starter.telling import ways
from starter.telling.events import Names

_TIERS: dict[str, Both] = {
    Tier.ORDINARY: ("普通", "ordinary"),
    Tier.KEY: ("重点客户", "key account"),
    Tier.VIP: ("VIP", "VIP"),
}
_AUDIENCES: dict[str, Both] = {
    Audience.RESPONDERS: ("责任人", "responders"),
    Audience.MANAGER: ("经理", "manager"),
    Audience.VP: ("副总裁", "VP"),
    Audience.MANAGEMENT_OFFICE: ("企管部", "management office"),
    Audience.CX: ("客服", "CX"),
    Audience.LEADERSHIP: ("公司领导", "leadership"),
    Audience.REGIONAL_MANAGER: ("大区经理", "regional manager"),
    Audience.CUSTOMER: ("客户", "customer"),
}
_STATES: dict[str, Both] = {
    "pending": ("待投递", "waiting"),
    "delivered": ("已送达", "delivered"),
    "given_up": ("已放弃", "given up"),
}


def of_complaints(names: Names) -> tuple[Column, ...]:
    """For rows of `ledger.queries.every_complaint`. Nothing in them is personal."""

    def tags(row: ComplaintRow) -> Both:
        known = [names.tag(tag) for tag in row.tags]
        return "、".join(zh for zh, _ in known), ", ".join(en for _, en in known)

    return (
        Column(("工单号", "Ticket"), lambda row: row.ticket_no, width=20),
        Column(("灯", "Light"), lambda row: both(row.light)),
        Column(("状态", "Stage"), lambda row: both(row.stage), width=20),
        Column(("责任方", "Owner"), lambda row: names.of(row.owner), width=20),
        Column(("所在", "Desk"), lambda row: names.of(row.desk), width=20),
        Column(("时限", "Clock"), lambda row: both(f"clock:{row.clock_kind}") if row.clock_kind else ""),
        Column(("到期", "Due"), lambda row: row.due_at, is_instant=True),
        Column(("到期暂定", "Due is provisional"), lambda row: row.is_provisional),
        Column(("下一个时点", "Next deadline"), lambda row: row.next_due_at, is_instant=True),
        Column(("故障标签", "Fault tags"), tags, width=30),
        Column(("客户级别", "Tier"), lambda row: _TIERS.get(row.tier, row.tier)),
        Column(("渠道", "Channel"), lambda row: row.channel),
        Column(("风险等级", "Risk level"), lambda row: row.risk_level),
        Column(("复杂", "Complex"), lambda row: row.is_complex),
        Column(("灰色问题", "Grey issue"), lambda row: row.is_grey),
        Column(("红线", "Red line"), lambda row: row.is_red_line),
        Column(("创建", "Created"), lambda row: row.created_at, is_instant=True),
        Column(("流转次数", "Hops"), lambda row: row.hops),
        Column(("一次修复失败", "First-fix failures"), lambda row: row.first_fix_failures),
        Column(("被拒转派", "Transfers refused"), lambda row: row.transfers_refused),
        Column(("关闭方式", "Closed how"), lambda row: both(f"closing:{row.closing}") if row.closing else "", width=20),
        Column(("关闭", "Closed"), lambda row: row.closed_at, is_instant=True),
        Column(("并入", "Merged into"), lambda row: row.merged_into, width=20),
    )


def of_timeline() -> tuple[Column, ...]:
    """For the items of a complaint's timeline, whose notes are masked."""
    return (
        Column(("序号", "No."), lambda item: item.seq, width=6),
        Column(("时间", "When"), lambda item: item.at, is_instant=True),
        Column(("经过", "What happened"), lambda item: (item.sentence.zh, item.sentence.en), width=80),
        Column(("说明", "Note"), lambda item: item.note or "", width=60),
        Column(("记录于", "Recorded"), lambda item: item.recorded_at, is_instant=True),
        Column(("摘要", "Hash"), lambda item: item.hash, width=66),
    )


def of_notices(names: Names) -> tuple[Column, ...]:
    """For rows of `ledger.notices.every_notice`: customers' data in them is masked, addresses are left out."""
    return (
        Column(("时间", "When"), lambda row: row[0].created_at, is_instant=True),
        Column(("工单号", "Ticket"), lambda row: row[0].ticket_no, width=20),
        Column(("发给", "For"), lambda row: _AUDIENCES.get(row[0].audience, row[0].audience)),
        Column(("部门", "Department"), lambda row: names.of(row[0].department) if row[0].department else "", width=20),
        Column(("标题", "Subject"), lambda row: _masked(row, "subject"), width=50),
        Column(("内容", "Text"), lambda row: _masked(row, "body"), width=80),
        Column(("发出", "Sent"), lambda row: row[0].sent_at, is_instant=True),
        Column(("途径", "By"), lambda row: ways.said(row[0].sent_by), width=20),
        Column(("未能发出", "Not sent because"), lambda row: row[0].failed_reason, width=30),
    )


def of_disclosures(names: Names) -> tuple[Column, ...]:
    """For rows of `ledger.disclosures.every`: whose look it was, and what they said it was for."""

    def department(row: Disclosure) -> Cell | Both:
        return names.of(row.department) if row.department else ""

    return (
        Column(("序号", "No."), lambda row: row.number, width=8),
        Column(("时间", "When"), lambda row: row.at, is_instant=True),
        Column(("谁", "Who"), lambda row: (row.name.get("zh", ""), row.name.get("en", "")), width=24),
        Column(("账号", "Account"), lambda row: row.person_id, width=20),
        Column(("角色", "Role"), lambda row: both(f"role:{row.role}") if row.role else "", width=16),
        Column(("部门", "Department"), department, width=20),
        Column(("工单号", "Ticket"), lambda row: row.ticket_no, width=20),
        Column(("看了什么", "What"), _seen, width=30),
        Column(("原因", "Why"), lambda row: row.why, width=60),
    )


def of_deliveries() -> tuple[Column, ...]:
    """For rows of `ledger.webhook_log.every_delivery`, without what was sent."""
    return (
        Column(("事件", "Event"), lambda row: type_of(row.kind), width=44),
        Column(("工单号", "Ticket"), lambda row: row.ticket_no, width=20),
        Column(("序号", "No."), lambda row: row.seq or None, width=8),
        Column(("状态", "State"), lambda row: _STATES.get(row.state, row.state)),
        Column(("发生", "Happened"), lambda row: row.happened_at, is_instant=True),
        Column(("投递次数", "Attempts"), lambda row: row.attempts),
        Column(("对方答复", "Status"), lambda row: row.last_status or None),
        Column(("原因", "Error"), lambda row: row.last_error, width=30),
        Column(("耗时 (ms)", "Took (ms)"), lambda row: row.last_ms or None),
        Column(("最近投递", "Last attempt"), lambda row: row.last_attempt_at, is_instant=True),
        Column(("下次投递", "Next attempt"), lambda row: row.next_attempt_at, is_instant=True),
        Column(("送达", "Delivered"), lambda row: row.delivered_at, is_instant=True),
        Column(("消息编号", "webhook-id"), lambda row: row.delivery_id, width=38),
    )


def _seen(row: Disclosure) -> Both:
    digest = row.what.partition("evidence:")[2]
    return (f"文件 {digest}", f"file {digest}") if digest else ("个人信息", "personal data")


def _masked(row: tuple[PostedNotice, str], part: str) -> Cell:
    posted, customer = row
    return masking.of_customer(getattr(posted, part), customer)
