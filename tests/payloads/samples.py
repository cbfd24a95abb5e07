"""Values made by today's code, to keep: random lives of complaints, and by hand what they never say."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from random import Random
from typing import Any

from domain import commands as cmd
from domain.authority import Account
from domain.case import CaseFacts, CaseKind
from domain.consequences import NoticeFailed
from domain.demands import LegalTerms, Remedy
from domain.events import ClaimRejected
from domain.goodwill import (
    Alike,
    AuthorityTerms,
    Entry,
    GoodwillKind,
    GoodwillPayer,
    GoodwillRequest,
    GoodwillState,
    Step,
    Word,
)
from domain.outlets import Delivered, DutyCall
from domain.red_line import Calling, Happening, Origin, RedLine, Source, What
from domain.telling import crm_notes, crm_write, invitations, notices
from domain.ticket import Ticket
from domain.vehicle import Waiting, WaitingKind
from policy.reading import load
from tests.builders import CUSTOMER, CX, DAY, HOUR, NOTE, T0, Played, a_policy
from tests.domain.golden_scenarios import SCENARIOS
from tests.domain.histories import LIMITS, Life
from tests.domain.scenes import TERMS, ask
from tests.domain.vehicles import PACK, a_vehicle, on, repaired
from tests.plans import PLANS
from workflows.authority import AuthorityStart
from workflows.carrying import Carried, ComplaintStart, Finish, Outboxes
from workflows.carrying import Waiting as NotDecided
from workflows.red_line import RedLineStart

_LIVES, _STEPS = 60, 25
_MARKS = {"attitude": 5, "ability": 4, "convenience": 3, "fair_charge": 2, "complaint_handling": 1, "recommend": 0}
_VEHICLE = a_vehicle(
    repaired(
        1,
        fault="engine.stall",
        appeared_at=on(99),
        mileage_km=4_000,
        is_quality=False,
        is_serious_safety=True,
        has_failed=True,
        replaced=("engine",),
        defective=("engine/cylinder_head",),
        excluded=(Waiting(why=WaitingKind.RESCUE_TRAVEL, begun_at=on(100), ended_at=on(100, hour=1)),),
    ),
    invoiced_on=date(2024, 2, 1),
    mileage_km=9_000,
    read_at=T0,
    is_household=False,
)
_CASE = CaseFacts(red_line_words=("fire",), vehicle=_VEHICLE, statute=PACK.model_copy(update={"confirmed_by": "N. N."}))


def samples() -> Iterator[tuple[str, Any]]:
    """Each with the name of its kind; the ordinary ones first."""
    yield "policy", load().policy_at(datetime(2026, 3, 2, tzinfo=UTC))
    for life in _lives():
        yield from _of_a_life(life)
    for name in ("pushed_away_and_refuted", "claimed_too_early"):
        played = SCENARIOS[name]()
        yield from (("event", event) for event in played.events)
        yield "complaint", played.complaint
    yield from _policies()
    yield from _of_cases()
    yield from _of_goodwill()
    yield from _of_workflows()


def _lives() -> Iterator[Life]:
    dice = Random("payloads")
    for _ in range(_LIVES):
        first, *rest = [[dice.randrange(limit) for limit in LIMITS] for _ in range(_STEPS)]
        life = Life(first)  # type: ignore[arg-type]  # a list of six
        for step in rest:
            life.play(step)  # type: ignore[arg-type]
        yield life


def _of_a_life(life: Life) -> Iterator[tuple[str, Any]]:
    yield from (("message", message) for message in life.messages)
    for event in life.events:
        yield "event", event
        write = crm_write(life.complaint, at=event.at)
        yield "crm_write", write.model_copy(update={"notes": crm_notes("T-1", [event])})
    yield "complaint", life.complaint


def _policies() -> Iterator[tuple[str, Any]]:
    theirs = {"departments": ["body"], "zone": "Asia/Urumqi", "week": {"1": ["10:00-19:00"]}}
    days = {"holidays": ["2026-05-01"], "workdays": ["2026-05-09"], "years": [2026]}
    yield "policy", a_policy(calendar={"zone": "Asia/Shanghai", "week": {"1": ["08:30-17:30"]}, **days})
    changed = {"notice_life": "2 hours", "verification": {"link_life": "9 hours"}}
    yield "policy", a_policy(calendars=[{**theirs, **days}], plans={**PLANS, "experts_from": "medium"}, **changed)


def _of_cases() -> Iterator[tuple[str, Any]]:
    said: dict[str, Any] = {"received_at": T0, "actor": CX}
    yield "message", cmd.ReportFacts(command_id="c1", **said, **dict(_CASE))
    marks: dict[str, Any] = {"ratings": _MARKS, "note_id": NOTE}
    yield "message", cmd.RecordVerificationCall(command_id="c2", **said, outcome=cmd.CallOutcome.REJECTED, **marks)
    yield (
        "message",
        cmd.RecordDemand(
            command_id="c3",
            **said,
            remedy=Remedy.REFUND,
            demanded_on=date(2026, 3, 1),
            terms=LegalTerms.model_validate({**TERMS, "is_provisional": True}),
        ),
    )
    yield "message", cmd.Transfer(command_id="c4", **said, to="chassis", clause="brakes.noise")
    rejected = ClaimRejected(seq=8, at=T0, noticed_at=T0, round=1, ratings=cmd.Ratings.model_validate(_MARKS))
    yield "event", rejected
    yield "complaint", Played("engine.stall", case=CaseFacts(case_kind=CaseKind.REPAIR)).complaint
    yield "event", NoticeFailed(seq=9, at=T0, noticed_at=T0, notice="T-1:8:1")
    whole = {
        "tier": "vip",
        "risk_level": 3,
        "channel": "dealer",
        "is_complex": True,
        "words": "熄火",
        "files": ["a" * 64],
    }
    customer = {"name": "王小明", "phone": "13800001111", "email": "w@example.com", "language": "en"}
    vehicle = {"vin": "LVSHCAMB1CE000001", "plate": "沪A12345", "brand": "V", "model": "X1", "mileage_km": 9_000}
    reported = {
        "case_kind": "complaint",
        "period": "launch",
        "third_party": "forum",
        "cost_fen": 1,
        "standing": "fleet",
    }
    parts = {"customer": customer, "vehicle": vehicle, "case": reported}
    yield "ticket", Ticket.model_validate({"ticket_no": "T-1", "created_at": T0, "tags": ["x"], **whole, **parts})


_TERMS = AuthorityTerms(
    limit=2_000_000, hold_life=DAY, desk_clock=DAY, splitting_window=DAY, splitting_over=5_000, zone="Asia/Urumqi"
)


def _of_goodwill() -> Iterator[tuple[str, Any]]:
    request = GoodwillRequest.model_validate(
        {
            **{"request_id": "r-1", "ticket_no": "T-1", "kind": GoodwillKind.MONEY, "fen": 100, "at": T0},
            **{"asked_by": "cx-1", "asked_as": CX, "alike": [Alike(request_id="r-0", fen=5)]},
        }
    )
    step = Step(state=GoodwillState.HELD, at=T0, fen=100, word=Word(actor=CX, note_id=NOTE))
    entry = Entry(
        request=request,
        state=GoodwillState.HELD,
        payer=GoodwillPayer.REGION,
        fen=100,
        due=T0,
        split_with=("r-0",),
        steps=(step,),
    )
    yield "goodwill_entry", entry
    account = Account(region="east", month="2026-03", terms=_TERMS, entries=(entry,))
    yield "authority_start", AuthorityStart(region="east", month="2026-03", terms=_TERMS, carried=account, seq=7)


def _of_workflows() -> Iterator[tuple[str, Any]]:
    yield "repair", _VEHICLE.repairs[0]
    yield "complaint_start", _carried()
    chain = Calling.model_validate({"chain": ["quality.vp"], "each": HOUR, "decide_within": DAY})
    origin = Origin(id="T-1", ticket_no="T-1", source=Source.WORDS, matters=("fire",), opened_at=T0, calling=chain)
    happening = Happening(seq=2, at=T0, what=What.ACKNOWLEDGED, by="vp-1", post="quality.vp")
    yield "red_line_happening", happening
    yield "red_line", RedLine(origin=origin, seq=2, acknowledged_at=T0, acknowledged_by="vp-1", decisions=(happening,))
    yield "red_line_start", RedLineStart(origin=origin, carried=RedLine(origin=origin, seq=1, next_call_at=T0))
    yield "finish", Finish(ticket_no="T-1", closing="confirmed", seq=9)
    yield "duty_call", DutyCall(duty="digest", due_at=T0)
    yield "delivered", Delivered(took=("ledger",), given_up=("T-1:3:1",))


def _carried() -> ComplaintStart:
    """A complaint that has everything still to send."""
    played = Played("engine.stall", case=_CASE, is_complex=True)
    ask(played, cmd.Claim)
    complaint, event = played.complaint, played.events[-1]
    write = crm_write(complaint, at=event.at)
    message = cmd.Withdraw(command_id="c9", received_at=T0, actor=CUSTOMER)
    boxes = Outboxes(
        events=(event,),
        messages=(message,),
        crm=(write,),
        notices=tuple(notices(complaint, event)),
        survey=tuple(invitations(complaint, event)),
        crm_knows=write,
    )
    waiting = NotDecided(messages=(message,), size=99, refused=1)
    carried = Carried(complaint=complaint, outboxes=boxes, waiting=waiting, contents={"c9": "0" * 64})
    return ComplaintStart(
        ticket=complaint.ticket, policy=complaint.policy, carried=carried, continue_after=9, together=True
    )
