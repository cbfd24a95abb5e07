"""What happened to a complaint, told: one sentence for each event, in Chinese and in English."""

from collections.abc import Callable, Iterable
from typing import Any

from domain import events as e
from domain.command_values import Actor
from domain.explanations import Sentence, wall_clock
from domain.policy import EscalationLevel
from domain.refusals import Refusal
from domain.risk_telling import FLOORS, facts_told, points_told
from domain.wording import Both, Language, both, refusal
from policy.reading import PolicyFiles


class Names:
    """What people call departments and tags, and whose wall clock they read. A code nobody named is its own name."""

    def __init__(self, files: PolicyFiles) -> None:
        self._departments = {each.id: (each.zh, each.en) for each in files.departments}
        self._files = files

    @property
    def zone(self) -> str:
        """The time zone of the policy's calendar."""
        return self._files.sheets.calendar.table.zone

    def of(self, code: str) -> Both:
        """A department or a desk by its id; anything else of `domain.wording` with its kind before it ("role:cx"),
        because departments are free to call themselves what a role, a level or a root cause is called.
        """
        return self._departments.get(code) or both(code)

    def tag(self, code: str) -> Both:
        known = self._files.tag(code)
        return (known.zh, known.en) if known else (code, code)


def told(event: e.Event, names: Names) -> Sentence:
    """The event in a sentence; who did it stands first where somebody did."""
    said = _TOLD[type(event)](event, names)
    return spoken(None if isinstance(event, _FOLLOWS) else event.actor, said, names)


def spoken(actor: Actor | None, said: Both, names: Names) -> Sentence:
    """What was done in a sentence; who did it stands first where somebody did."""
    zh, en = said
    if actor is None:
        return Sentence(zh=f"{zh}。", en=f"{en[:1].upper()}{en[1:]}.")
    who_zh, who_en = _who(actor, names)
    return Sentence(zh=f"{who_zh}：{zh}。", en=f"{who_en[:1].upper()}{who_en[1:]}: {en}.")


_FOLLOWS = (
    e.Dispatched,
    e.SentToTriage,
    e.ClockBreached,
    e.DeemedAccepted,
    e.RiskGraded,
    e.Closed,
)  # brought about by what was asked


def _who(actor: Actor, names: Names) -> Both:
    role, department = names.of(f"role:{actor.role}"), names.of(actor.department)
    by = f" {actor.id}" if actor.id else ""
    whose = _possessive(department[1]) if actor.department else "the"
    return f"{department[0]}{role[0]}{by}", f"{whose} {role[1]}{by}"


def _possessive(called: str) -> str:
    return f"{called}'" if called.endswith("s") else f"{called}'s"


def _opened(event: e.Opened, names: Names) -> Both:
    tags = _list(names.tag(tag) for tag in event.ticket.tags) if event.ticket.tags else ("无标签", "no tag")
    return f"收到客户投诉（{tags[0]}）", f"The customer's complaint was opened ({tags[1]})"


def _dispatched(event: e.Dispatched, names: Names) -> Both:
    to, why = names.of(event.department), names.of(f"origin:{event.origin}")
    zh, en = f"第 {event.hop} 次流转（{why[0]}）：由{to[0]}负责", f"Hop {event.hop}, by {why[1]}: {to[1]} owns it"
    if not event.supporters:
        return zh, en
    help_zh, help_en = _list(names.of(each) for each in event.supporters)
    return f"{zh}，{help_zh}协助", f"{en}, supported by {help_en}"


def _transferred(event: e.Transferred, names: Names) -> Both:
    to, count = names.of(event.to), len(event.evidence)
    return f"带 {count} 份举证转给{to[0]}", f"handed on to {to[1]} with {counted(count, 'piece')} of evidence"


def _arbitration_opened(event: e.ArbitrationOpened, names: Names) -> Both:
    arbiter, why = names.of(event.arbiter), names.of(f"dispute:{event.why}")
    return f"提交{arbiter[0]}仲裁，因为{why[0]}", f"it goes to arbitration by {arbiter[1]}, for {why[1]}"


def _ruled(event: e.Ruled, names: Names) -> Both:
    owner = names.of(event.owner)
    if event.reopened_hop:
        return (
            f"裁定由{owner[0]}负责，其第 {event.reopened_hop} 次流转视为从未中断",
            f"ruled that {owner[1]} owns it; its hop {event.reopened_hop} goes on as if it had never stopped",
        )
    return f"裁定由{owner[0]}负责", f"ruled that {owner[1]} owns it"


def _support_requested(event: e.SupportRequested, names: Names) -> Both:
    helper = names.of(event.department)
    return f"邀请{helper[0]}协助", f"called in {helper[1]}"


def _claimed(event: e.Claimed, names: Names) -> Both:
    cause = names.of(f"root_cause:{event.root_cause}")
    return f"第 {event.round} 次申请已解决，根因：{cause[0]}", f"claim {event.round}: resolved; root cause: {cause[1]}"


def _reminded(event: e.CustomerReminded, _names: Names) -> Both:
    return f"第 {event.reminder} 次提醒客户答复", f"The customer was reminded to answer, reminder {event.reminder}"


def _call_recorded(event: e.CallRecorded, names: Names) -> Both:
    outcome = names.of(f"call:{event.outcome}")
    return f"电话回访：{outcome[0]}", f"called the customer: {outcome[1]}"


def _confirmed(event: e.ClaimConfirmed, _names: Names) -> Both:
    return f"第 {event.round} 次申请得到客户确认", f"claim {event.round} is confirmed by the customer"


def _rejected(event: e.ClaimRejected, names: Names) -> Both:
    zh, en = _charged(event.charged, names)
    return (
        f"客户驳回第 {event.round} 次申请，记一次修复失败{zh}",
        f"claim {event.round} is rejected by the customer, a first-fix failure{en}",
    )


def _warned(event: e.ClockWarned, names: Names) -> Both:
    clock, due = _clock(event.clock_kind), wall_clock(event.due_at, zone=names.zone)
    return f"{clock[0]}亮黄灯，{due} 到期", f"The {clock[1]} turned yellow; it is due {due}"


def _breached(event: e.ClockBreached, names: Names) -> Both:
    clock, due = _clock(event.clock_kind), wall_clock(event.due_at, zone=names.zone)
    zh, en = _charged(event.charged, names)
    copied = _list(names.of(each) for each in event.copied)
    told_zh = f"，抄送{copied[0]}副总裁" if event.copied else ""
    told_en = f"; the VP of {copied[1]} is copied" if event.copied else ""
    return f"{clock[0]}超期（应于 {due}）{zh}{told_zh}", f"The {clock[1]} passed its due instant, {due}{en}{told_en}"


def _escalated(event: e.EscalationRaised, names: Names) -> Both:
    to, level, why = names.of(event.to), names.of(f"level:{event.level}"), names.of(f"escalation:{event.why}")
    if event.to == event.level == EscalationLevel.LEADERSHIP:
        level = "", ""  # leadership is its own level
    at_zh, at_en = f"（{level[0]}）" if level[0] else "", f" at {level[1]}" if level[1] else ""
    return (
        f"升级到{to[0]}{at_zh}，因为{why[0]}",
        f"{_first(event, 'escalated')} to {to[1]}{at_en}, for {why[1]}",
    )


def _first(event: e.Event, word: str) -> str:
    """A sentence's first word, unless somebody stands before it."""
    return word if event.actor else word.capitalize()


def _acknowledged(event: e.EscalationAcknowledged, names: Names) -> Both:
    level = names.of(f"level:{event.level}")
    return f"已确认收到升级（{level[0]}）", f"acknowledged the escalation at {level[1]}"


def _reclassified(event: e.Reclassified, names: Names) -> Both:
    tags = _list(names.tag(tag) for tag in event.tags) if event.tags else ("无标签", "no tag")
    kind = ("复杂问题", "complex") if event.is_complex else ("普通问题", "ordinary")
    return (
        f"重新分类为{tags[0]}，风险 {event.risk_level} 级，{kind[0]}",
        f"classified anew as {tags[1]}, risk {event.risk_level}, {kind[1]}",
    )


def _facts_reported(event: e.FactsReported, _: Names) -> Both:
    zh, en = facts_told(event.case)
    return f"报告案情：{zh}", f"reported what is known of the case: {en}"


def _risk_graded(event: e.RiskGraded, _: Names) -> Both:
    floors = [FLOORS[each] for each in event.floors]
    zh, en = _list(floors) if floors else points_told(event.points)
    return f"风险升为 {event.level} 级（{zh}）", f"The risk rose to level {event.level} ({en})"


def _proposed(event: e.Proposed, names: Names) -> Both:
    motion = names.of(f"motion:{event.motion}")
    return f"提请第二人同意：{motion[0]}", f"asks a second person to agree: {motion[1]}"


def _proposal_decided(event: e.ProposalDecided, names: Names) -> Both:
    motion = names.of(f"motion:{event.motion}")
    said = ("同意", "agreed") if event.agrees else ("不同意", "did not agree")
    return f"{said[0]}：{motion[0]}", f"{said[1]}: {motion[1]}"


def _demand_made(event: e.DemandMade, names: Names) -> Both:
    remedy = names.of(f"remedy:{event.remedy}")
    return f"客户依三包规定要求{remedy[0]}", f"The customer demands {remedy[1]} under the three guarantees"


def _demand_decided(event: e.DemandDecided, names: Names) -> Both:
    decision = names.of(f"decision:{event.decision}")
    return f"更换或退货要求：{decision[0]}", f"The demand for replacement or refund: {decision[1]}"


def _closed(event: e.Closed, names: Names) -> Both:
    how = names.of(f"closing:{event.how}")
    into = f" {event.merged_into}" if event.merged_into else ""
    return f"工单关闭：{how[0]}{into}", f"Closed: {how[1]}{into}"


def _refused(event: e.CommandRefused, names: Names) -> Both:
    zh, en = (refusal(event.code, language).rstrip("。.") for language in _BOTH)
    asked = names.of(f"command:{event.command}")
    return f"“{asked[0]}”未被受理：{zh}", f"“{asked[1]}” was not taken: {en}"


_BOTH: tuple[Language, Language] = ("zh", "en")


def _message_rejected(event: e.MessageRejected, _: Names) -> Both:
    if event.code == Refusal.COMMAND_ID_REUSED:
        return "一条消息用了已有的命令编号，未受理", "A message under the id of another command was not taken"
    if event.code.startswith(f"{Refusal.FLOODED}: "):
        count = event.code.rpartition(" ")[2]
        return f"短时间内消息过多，{count} 条未受理", f"Messages came too fast; {count} of them were not taken"
    return "收到一条无法读取的消息，已记录", "A message nobody could read was recorded"


def _always(zh: str, en: str) -> Callable[[Any, Names], Both]:
    return lambda _event, _names: (zh, en)


def _clock(kind: str) -> Both:
    return both(f"clock:{kind}")


def _charged(charged: dict[str, int], names: Names) -> Both:
    """Who answers for it, and by how much of the whole."""
    if not charged:
        return "", ""
    shares = [(names.of(who), f"{basis_points / 100:g} %") for who, basis_points in charged.items()]
    zh, en = _list((f"{who[0]} {share}", f"{who[1]} {share}") for who, share in shares)
    return f"，计入{zh}", f", charged to {en}"


def _list(named: Iterable[Both]) -> Both:
    pairs = list(named)
    return "、".join(zh for zh, _ in pairs), ", ".join(en for _, en in pairs)


def counted(count: int, noun: str, *, many: str = "") -> str:
    """So many of it in English; `many` is the plural where an s does not make it."""
    return f"{count} {noun if count == 1 else many or f'{noun}s'}"


_TOLD: dict[type, Callable[[Any, Names], Both]] = {
    e.Opened: _opened,
    e.SentToTriage: _always("标签无法归属，转客服分拣", "No tag names an owner: CX triages it"),
    e.Dispatched: _dispatched,
    e.Accepted: _always("已接单", "took it on"),
    e.DeemedAccepted: _always("逾时未响应，视同接单", "Silence past the response clock: deemed accepted"),
    e.Transferred: _transferred,
    e.ArbitrationOpened: _arbitration_opened,
    e.Ruled: _ruled,
    e.SupportRequested: _support_requested,
    e.ProgressPosted: _always("向客户通报进展", "told the customer how it goes"),
    e.Claimed: _claimed,
    e.CustomerReminded: _reminded,
    e.CallRecorded: _call_recorded,
    e.ClaimConfirmed: _confirmed,
    e.ClaimRejected: _rejected,
    e.ClockWarned: _warned,
    e.ClockBreached: _breached,
    e.EscalationRaised: _escalated,
    e.EscalationAcknowledged: _acknowledged,
    e.Reclassified: _reclassified,
    e.FactsReported: _facts_reported,
    e.RiskGraded: _risk_graded,
    e.Proposed: _proposed,
    e.ProposalDecided: _proposal_decided,
    e.DemandMade: _demand_made,
    e.DemandDecided: _demand_decided,
    e.PolicyAdopted: lambda event, _: (f"改用规则 {event.policy.version}", f"lives under {event.policy.version} now"),
    e.Closed: _closed,
    e.CommandRefused: _refused,
    e.MessageRejected: _message_rejected,
    e.NoticeFailed: _always("一条通知无法送达", "A notice could not be delivered"),
}
