"""Around the work: escalate, acknowledge, classify again, live under new rules."""

from domain import events as e
from domain.commands import Acknowledge, AdoptPolicy, Escalate, Reclassify, ReportFacts
from domain.complaint import Stage
from domain.ownership import Ruling
from domain.policy import EscalationLevel
from domain.refusals import Refusal
from domain.rules.response import dispatch, needs_arbitration, open_by_reclassification
from domain.rules.voices import is_addressed
from domain.turns import Turn


def escalate(turn: Turn, command: Escalate) -> Refusal | None:
    """It cannot be coordinated: to the service department first, and from there to leadership."""
    c = turn.complaint
    service = c.escalation(EscalationLevel.SERVICE)
    level = EscalationLevel.LEADERSHIP if service else EscalationLevel.SERVICE
    if service and not is_addressed(service.to, command.actor):
        return Refusal.ALREADY_ESCALATED
    if c.escalation(level):
        return Refusal.ALREADY_ESCALATED
    to = next((rung.to for rung in c.policy.escalations if rung.level is level), str(level))
    why = e.EscalationCause.CANNOT_BE_COORDINATED
    turn.record(e.EscalationRaised, level=level, to=to, why=why, due_at=turn.at, note_id=command.note_id or "")
    return None


def acknowledge(turn: Turn, command: Acknowledge) -> Refusal | None:
    raised = turn.complaint.escalation(command.level)
    if raised is None or raised.acknowledged_at:
        return Refusal.NOTHING_TO_ACKNOWLEDGE
    if not is_addressed(raised.to, command.actor):
        return Refusal.NOT_YOURS
    turn.record(e.EscalationAcknowledged, level=command.level)
    return None


def reclassify(turn: Turn, command: Reclassify) -> Refusal | None:
    c = turn.complaint
    tags = c.tags if command.tags is None else command.tags
    ruling = c.policy.matrix.rule(tags)
    if ruling is None and command.tags is not None:
        return Refusal.UNKNOWN_TAG
    says_complex = c.ticket.is_complex or bool(ruling and ruling.is_complex)
    if command.tags is None:
        says_complex = c.is_complex
    is_complex = says_complex if command.is_complex is None else command.is_complex
    risk_level = command.risk_level or c.risk_level
    ends_triage = c.stage is Stage.TRIAGE and ruling is not None  # new rules may know a tag that was unknown
    if (tags, risk_level, is_complex) == (c.tags, c.risk_level, c.is_complex) and not ends_triage:
        return Refusal.NOTHING_CHANGES
    if risk_level < c.risk_level and c.policy.risk and not command.note_id:
        return Refusal.REASON_MISSING  # it falls only by a named person's reason
    turn.record(
        e.Reclassified,
        tags=tags,
        risk_level=risk_level,
        is_complex=is_complex,
        note_id=command.note_id or "",
    )
    if ruling and (tags != c.tags or ends_triage):
        _route_again(turn, ruling, note_id=command.note_id or "")
    return None


def report_facts(turn: Turn, command: ReportFacts) -> Refusal | None:
    """Facts come one by one and from many; what they do to the risk shows at once."""
    known = turn.complaint.case
    case = known.merged(command.case)
    if case == known:
        return Refusal.NOTHING_CHANGES
    turn.record(e.FactsReported, case=case, note_id=command.note_id or "")
    return None


def _route_again(turn: Turn, ruling: Ruling, *, note_id: str) -> None:
    """To the department the tags now name; before the arbiter where only the arbiter may move it."""
    c, lead = turn.complaint, ruling.lead
    if c.hop and lead == c.hop.department:
        for supporter in ruling.supporters:
            if supporter not in c.hop.supporters:
                turn.record(e.SupportRequested, department=supporter, note_id=note_id)
    elif c.stage is Stage.TRIAGE:
        dispatch(turn, lead, origin=e.Origin.DISPATCH)
    elif c.stage in (Stage.DISPATCHED, Stage.IN_WORK) and c.hop:
        if c.hop.is_accepted or needs_arbitration(c, lead):
            open_by_reclassification(turn, lead, note_id)
        else:
            dispatch(turn, lead, origin=e.Origin.RECLASSIFICATION)


def adopt_policy(turn: Turn, command: AdoptPolicy) -> Refusal | None:
    c, matrix = turn.complaint, command.policy.matrix
    if command.policy.version == c.policy.version:
        return Refusal.NOTHING_CHANGES
    if c.hop and c.hop.department not in matrix.departments():
        return Refusal.UNKNOWN_DEPARTMENT  # nothing may be left with an owner the rules do not know
    turn.record(e.PolicyAdopted, policy=command.policy)
    return None
