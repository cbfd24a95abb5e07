"""A demand under the three guarantees: the law's clocks run through everything, and nothing closes over it."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain import commands as cmd
from domain.clocks import running
from domain.commands import Actor, Role
from domain.demands import LegalTerms
from domain.invariants import broken
from domain.refusals import Refusal
from tests.builders import CUSTOMER, CX, DAY, HOUR, LEADERSHIP, NOTE, T0, Played, of
from tests.domain.scenes import ENGINE, PROOF, TERMS, ask, code

MANAGER = of("engine", Role.MANAGER)


def demanded(**facts: Any) -> Played:
    played = Played(**facts)
    assert code(ask(played, cmd.RecordDemand)) == ""
    return played


def decide(played: Played, decision: str, *, by: Actor, **fields: Any) -> str:
    return code(ask(played, cmd.DecideDemand, decision=decision, by=by, **fields))


def legal(played: Played) -> dict[str, int]:
    """The law's clocks that run, and the day on which each is due."""
    clocks = [clock for clock in running(played.complaint) if clock.kind.startswith("legal")]
    return {clock.key: (clock.due_at - T0) // DAY for clock in clocks}


def confirmed() -> Played:
    """The customer has agreed to be given another car, and does not have it yet."""
    played = demanded()
    assert decide(played, "granted", by=ENGINE) == ""
    ask(played, cmd.Claim)
    ask(played, cmd.CustomerReply)
    assert played.complaint.stage == "in_work"
    return played


def test_both_clocks_run_from_the_demand_and_the_answer_ends_the_first() -> None:
    played = demanded()
    assert legal(played) == {"legal_reply:1": 14, "legal_completion:1": 28}
    assert decide(played, "granted", by=ENGINE) == ""
    assert legal(played) == {"legal_completion:1": 28}


@pytest.mark.parametrize("command", [cmd.Claim, cmd.Contest, cmd.Reclassify])
def test_nothing_stops_them(command: type) -> None:
    played = demanded()
    before = legal(played)
    assert code(ask(played, command)) == ""
    assert legal(played) == before


def test_each_is_breached_once_at_its_instant_and_goes_to_whoever_has_the_complaint() -> None:
    played = demanded()
    played.wait(T0 + 30 * DAY)
    breaches = [event for event in played.all("clock_breached") if event.clock_kind.startswith("legal")]
    assert [(b.clock, (b.at - T0) // DAY, b.charged) for b in breaches] == [
        ("legal_reply:1", 14, {"engine": 10_000}),
        ("legal_completion:1", 28, {"engine": 10_000}),
    ]


def test_one_that_is_written_down_late_is_red_at_once() -> None:
    played = Played()
    long_ago = {**TERMS, "since": (T0 - 30 * DAY).isoformat(), "reply_by": (T0 - DAY).isoformat()}
    ask(played, cmd.RecordDemand, terms=long_ago)
    assert "legal_reply:1" in {event.clock for event in played.all("clock_breached")}
    assert broken(played.events, policy=played.complaint.policy) == ()


def test_the_customers_yes_waits_for_what_is_owed_and_no_clock_of_ours_runs_meanwhile() -> None:
    played = confirmed()
    assert {clock.kind for clock in running(played.complaint)} == {"legal_completion", "progress"}
    assert decide(played, "completed", by=CX) == ""
    assert (played.complaint.stage, played.complaint.closing) == ("closed", "confirmed")
    assert broken(played.events, policy=played.complaint.policy) == ()


@pytest.mark.parametrize(
    ("decision", "by", "code", "reason"),
    [
        ("completed", ENGINE, Refusal.CLAIMANT_MAY_NOT_CLOSE, "it would close on the word of those who claimed"),
        ("completed", CUSTOMER, "", "the customer has the car"),
        ("dropped", CUSTOMER, "", "the customer does not want it any more"),
        ("granted", ENGINE, Refusal.DEMAND_ANSWERED, "once is enough"),
        ("refused", MANAGER, Refusal.DEMAND_ANSWERED, "what was granted is not taken back"),
    ],
)
def test_after_the_customers_yes(decision: str, by: Actor, code: str, reason: str) -> None:
    assert decide(confirmed(), decision, by=by) == code, reason


def test_nothing_can_be_claimed_again_while_only_the_remedy_is_owed() -> None:
    assert code(ask(confirmed(), cmd.Claim)) == Refusal.DEMAND_OPEN


@pytest.mark.parametrize(
    ("decision", "by", "fields", "code", "reason"),
    [
        ("refused", ENGINE, {}, Refusal.MANAGER_NEEDED, "a refusal without good reason is an offence"),
        ("refused", MANAGER, {"note_id": None}, Refusal.REASON_MISSING, "the law wants the reasons"),
        ("refused", MANAGER, {"evidence": ()}, Refusal.EVIDENCE_MISSING, "and in writing"),
        ("refused", MANAGER, {}, "", "somebody who answers for the department"),
        ("granted", ENGINE, {"evidence": ()}, Refusal.EVIDENCE_MISSING, "the written answer"),
        ("granted", of("chassis"), {}, Refusal.NOT_YOURS, "they do not have it"),
        ("completed", ENGINE, {}, "", "carried out at once is answered as well"),
        ("dropped", ENGINE, {}, Refusal.NOT_YOURS, "that is the customer's to say"),
        ("dropped", CX, {"note_id": None}, Refusal.REASON_MISSING, "CX says how it knows"),
        ("dropped", CX, {}, "", "the customer took a repair instead"),
    ],
)
def test_who_decides_what(decision: str, by: Actor, fields: dict[str, Any], code: str, reason: str) -> None:
    assert decide(demanded(), decision, by=by, **fields) == code, reason


def test_a_refusal_ends_the_clocks_and_the_customer_may_demand_again() -> None:
    played = demanded()
    assert decide(played, "refused", by=MANAGER) == ""
    assert legal(played) == {}
    assert decide(played, "granted", by=ENGINE) == Refusal.NOTHING_DEMANDED
    assert code(ask(played, cmd.RecordDemand)) == ""
    assert legal(played) == {"legal_reply:2": 14, "legal_completion:2": 28}


def test_a_refusal_after_the_customers_yes_does_not_close_on_it() -> None:
    played = demanded()
    ask(played, cmd.Claim)
    ask(played, cmd.CustomerReply)
    assert decide(played, "refused", by=MANAGER) == ""
    assert played.complaint.stage == "in_work"
    assert code(ask(played, cmd.Claim)) == ""


def test_one_demand_at_a_time() -> None:
    assert code(ask(demanded(), cmd.RecordDemand)) == Refusal.DEMAND_OPEN


@pytest.mark.parametrize(
    ("command", "by"), [(cmd.MergeInto, CX), (cmd.Withdraw, CX)], ids=["merged", "withdrawn for the customer"]
)
def test_nobody_of_ours_closes_over_it(command: type, by: Actor) -> None:
    assert code(ask(demanded(), command, by=by)) == Refusal.DEMAND_OPEN


def test_the_customer_takes_back_the_demand_with_the_complaint() -> None:
    played = demanded()
    assert code(ask(played, cmd.Withdraw, by=CUSTOMER)) == ""
    assert played.kinds()[-2:] == ["demand_decided", "closed"]


def test_the_unreachable_stay_open_while_they_are_owed_a_car() -> None:
    played = demanded()
    ask(played, cmd.Claim)
    for _ in range(3):
        ask(played, cmd.RecordVerificationCall, outcome="unreached", at=played.complaint.settled_at + 5 * HOUR)
    assert code(ask(played, cmd.CloseUnreachable)) == Refusal.DEMAND_OPEN


def test_two_people_do_not_end_it_either() -> None:
    played = demanded()
    ask(played, cmd.Propose)
    ask(played, cmd.DecideProposal, by=LEADERSHIP)
    assert code(ask(played, cmd.Propose, motion="end", note_id=NOTE, **{"evidence": PROOF["evidence"]})) == (
        Refusal.DEMAND_OPEN
    )


@pytest.mark.parametrize("wrong", [{"reply_by": TERMS["since"]}, {"complete_by": TERMS["since"]}])
def test_terms_out_of_order_are_none(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="made, then answered, then carried out"):
        LegalTerms.model_validate({**TERMS, **wrong})


def test_the_customer_drops_a_demand_without_giving_a_reason() -> None:
    assert decide(demanded(), "dropped", by=CUSTOMER, note_id=None) == ""


def test_what_proves_a_demand_and_when_it_was_decided_is_kept() -> None:
    played = Played()
    ask(played, cmd.RecordDemand, **PROOF)
    (made,) = played.all("demand_made")
    assert (made.evidence, made.note_id) == (PROOF["evidence"], NOTE)
    assert decide(played, "granted", by=ENGINE) == ""
    assert played.complaint.demand
    assert played.complaint.demand.decided_at == played.complaint.settled_at
