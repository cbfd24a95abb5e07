"""Who is told what: from an event and the complaint after it, the writes, notices and invitations that leave.

Facts are codes, ids and instants. Names, words and addresses are looked up where a notice is written.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from domain import events as e
from domain.clocks import governing, light, running
from domain.commands import Role
from domain.complaint import Complaint
from domain.outlets import Audience, CrmNote, CrmWrite, Invitation, Notice, NoticeKind
from domain.policy import ClockKind, EscalationLevel
from domain.service import service

Told = tuple[NoticeKind, Audience, str]  # what, to whom, of which department ("" where there is but one)


def crm_write(c: Complaint, *, at: datetime) -> CrmWrite:
    """How the complaint stands at `at`, for the CRM's ticket."""
    clock = governing(c)
    return CrmWrite(
        key=f"{c.ticket.ticket_no}:{c.seq}:crm",
        ticket_no=c.ticket.ticket_no,
        seq=c.seq,
        at=at,
        stage=c.stage,
        owner=c.owner,
        light=light(c, at=at),
        clock=clock.kind if clock else "",
        due_at=clock.due_at if clock else None,
        closing=c.closing or "",
    )


def crm_notes(ticket_no: str, events: Iterable[e.Event]) -> tuple[CrmNote, ...]:
    """What our side wrote with these events, for the CRM's ticket, in order; nothing of the customer's words."""
    return tuple(
        CrmNote(
            key=f"{ticket_no}:{event.seq}:note",
            seq=event.seq,
            at=event.at,
            kind=event.kind,
            by=event.actor.department or event.actor.role,
            note_id=event.note_id,
        )
        for event in events
        if isinstance(event, _TOLD_TO_CRM) and event.note_id and event.actor and event.actor.role is not Role.CUSTOMER
    )


def invitations(c: Complaint, event: e.Event) -> tuple[Invitation, ...]:
    """Every claim asks the customer."""
    if not isinstance(event, e.Claimed):
        return ()
    ticket_no = c.ticket.ticket_no
    key = f"{ticket_no}:{event.seq}:survey"
    return (Invitation(key=key, ticket_no=ticket_no, round=event.round, claimed_at=event.at),)


def notices(c: Complaint, event: e.Event) -> tuple[Notice, ...]:
    """The notices `event` causes; `c` is the complaint after it. Many events cause none."""
    tell = _TELLS.get(type(event))
    if tell is None:
        return ()
    facts = _facts(c, event)
    for_customer = _of_the_customers(facts, event) | _promise(c) | _wording(c)
    return tuple(
        Notice(
            key=f"{c.ticket.ticket_no}:{event.seq}:{number}",
            kind=kind,
            audience=audience,
            department=department,
            facts=for_customer if audience is Audience.CUSTOMER else facts,
        )
        for number, (kind, audience, department) in enumerate(tell(c, event))
    )


def _facts(c: Complaint, event: e.Event) -> dict[str, str]:
    said = event.model_dump(mode="json", include=_TOLD_FIELDS, exclude_none=True)
    clock = governing(c)
    return {
        "ticket_no": c.ticket.ticket_no,
        "owner": c.owner,
        "stage": c.stage,
        "at": event.at.isoformat(),
        **({"red_line": "yes"} if c.is_red_line else {}),
        **({"governing": clock.kind, "governing_due_at": clock.due_at.isoformat()} if clock else {}),
        **{name: str(value) for name, value in said.items()},
    }


def _of_the_customers(facts: dict[str, str], event: e.Event) -> dict[str, str]:
    """What colleagues write to each other is not for the customer: only news that was posted for them is."""
    if isinstance(event, e.ProgressPosted):
        return facts
    return {name: value for name, value in facts.items() if name != "note_id"}


def _wording(c: Complaint) -> dict[str, str]:
    """Letters of their own, where the service plan has them."""
    wording = service(c).wording
    return {"wording": wording} if wording else {}


def _promise(c: Complaint) -> dict[str, str]:
    """By when the customer hears again: the clock that runs on it."""
    promised = next((clock for clock in running(c) if clock.kind is ClockKind.PROGRESS), None)
    return {"promised_by": promised.due_at.isoformat()} if promised else {}


# A call's note and a verdict's hold what the customer said, and the facts of a case who was hurt: they stay here.
_TOLD_TO_CRM = (
    *(e.Transferred, e.ArbitrationOpened, e.Ruled, e.SupportRequested, e.ProgressPosted, e.Claimed),
    *(e.EscalationRaised, e.Reclassified, e.Closed),
)
_TOLD_FIELDS = {
    "clock_kind",
    "department",
    "due_at",
    "hop",
    "how",
    "level",
    "motion",
    "note_id",
    "origin",
    "owner",
    "proposed",
    "reminder",
    "root_cause",
    "round",
    "to",
    "why",
}


def _dispatched(c: Complaint, event: e.Dispatched) -> Iterator[Told]:
    yield NoticeKind.WORK_ORDER, Audience.RESPONDERS, event.department
    yield NoticeKind.WORK_ORDER, Audience.MANAGEMENT_OFFICE, ""
    for supporter in event.supporters:
        yield NoticeKind.SUPPORT, Audience.RESPONDERS, supporter
    is_first_word = c.routed_at == event.at
    yield NoticeKind.CUSTOMER_RECEIVED if is_first_word else NoticeKind.CUSTOMER_PROGRESS, Audience.CUSTOMER, ""


def _sent_to_triage(_c: Complaint, _event: e.SentToTriage) -> Iterator[Told]:
    yield NoticeKind.TRIAGE, Audience.CX, ""
    yield NoticeKind.CUSTOMER_RECEIVED, Audience.CUSTOMER, ""


def _accepted(_c: Complaint, _event: e.Accepted) -> Iterator[Told]:
    yield NoticeKind.CUSTOMER_PROGRESS, Audience.CUSTOMER, ""


def _progress_posted(_c: Complaint, _event: e.ProgressPosted) -> Iterator[Told]:
    yield NoticeKind.CUSTOMER_PROGRESS, Audience.CUSTOMER, ""


def _arbitration_opened(_c: Complaint, event: e.ArbitrationOpened) -> Iterator[Told]:
    yield NoticeKind.ARBITRATION, Audience.MANAGER, event.arbiter


def _ruled(_c: Complaint, event: e.Ruled) -> Iterator[Told]:
    """A new hop that follows tells the customer itself."""
    yield NoticeKind.RULING, Audience.RESPONDERS, event.owner
    if event.reopened_hop:
        yield NoticeKind.CUSTOMER_PROGRESS, Audience.CUSTOMER, ""


def _support_requested(_c: Complaint, event: e.SupportRequested) -> Iterator[Told]:
    yield NoticeKind.SUPPORT, Audience.RESPONDERS, event.department


def _claimed(_c: Complaint, _event: e.Claimed) -> Iterator[Told]:
    yield NoticeKind.CLAIM_TO_VERIFY, Audience.CX, ""


def _customer_reminded(c: Complaint, event: e.CustomerReminded) -> Iterator[Told]:
    yield NoticeKind.CUSTOMER_REMINDER, Audience.CUSTOMER, ""
    if event.reminder == len(service(c).verification.reminders):
        yield NoticeKind.CALL_DUE, Audience.CX, ""


def _claim_rejected(c: Complaint, _event: e.ClaimRejected) -> Iterator[Told]:
    for audience in (Audience.RESPONDERS, Audience.MANAGER):
        yield NoticeKind.CLAIM_REJECTED, audience, c.claims[-1].department


def _clock_warned(_c: Complaint, event: e.ClockWarned) -> Iterator[Told]:
    yield NoticeKind.WARNING, Audience.RESPONDERS, event.holder


def _clock_breached(_c: Complaint, event: e.ClockBreached) -> Iterator[Told]:
    """One honest notice for each breach, and the VP's copy where the policy says so."""
    if event.clock_kind is ClockKind.VERIFICATION:
        yield NoticeKind.CALL_DUE, Audience.CX, ""
    elif event.clock_kind is ClockKind.PROGRESS:
        yield NoticeKind.BREACH, Audience.RESPONDERS, event.holder
    else:
        yield NoticeKind.BREACH, Audience.MANAGER, event.holder
    for department in event.copied:
        yield NoticeKind.VP_COPY, Audience.VP, department


def _escalation_raised(_c: Complaint, event: e.EscalationRaised) -> Iterator[Told]:
    match event.level:
        case EscalationLevel.STATION:
            yield NoticeKind.RISK_REPORT, Audience.REGIONAL_MANAGER, ""
        case EscalationLevel.SERVICE:
            yield NoticeKind.ESCALATION, Audience.MANAGER, event.to
        case EscalationLevel.LEADERSHIP:
            yield NoticeKind.ESCALATION, Audience.LEADERSHIP, ""


def _proposed(_c: Complaint, _event: e.Proposed) -> Iterator[Told]:
    yield NoticeKind.PROPOSAL, Audience.LEADERSHIP, ""


def _closed(c: Complaint, _event: e.Closed) -> Iterator[Told]:
    """The customer, and those who would go on working on it."""
    yield NoticeKind.CUSTOMER_CLOSED, Audience.CUSTOMER, ""
    if c.hop:
        for department in (c.hop.department, *c.hop.supporters):
            yield NoticeKind.CLOSED, Audience.RESPONDERS, department


_TELLS: dict[type, Callable[[Complaint, Any], Iterator[Told]]] = {
    e.Dispatched: _dispatched,
    e.SentToTriage: _sent_to_triage,
    e.Accepted: _accepted,
    e.ProgressPosted: _progress_posted,
    e.ArbitrationOpened: _arbitration_opened,
    e.Ruled: _ruled,
    e.SupportRequested: _support_requested,
    e.Claimed: _claimed,
    e.CustomerReminded: _customer_reminded,
    e.ClaimRejected: _claim_rejected,
    e.ClockWarned: _clock_warned,
    e.ClockBreached: _clock_breached,
    e.EscalationRaised: _escalation_raised,
    e.Proposed: _proposed,
    e.Closed: _closed,
}
