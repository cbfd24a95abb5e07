"""What takes two people: to call a complaint irrational, and to end such a one though the customer says no."""

from typing import Any

import pytest

from domain import commands as cmd
from domain.clocks import running
from domain.commands import Actor, Role
from domain.core import Outcome
from domain.refusals import Refusal
from domain.service import grade, has_expert
from domain.telling import notices
from tests.builders import CX, HOUR, LEADERSHIP, NOTE, PHOTO, T0, Played, a_policy, of
from tests.plans import PLANS

COORDINATOR = Actor(role=Role.COORDINATOR, department="service", id="co-1")
BOSS = LEADERSHIP.model_copy(update={"id": "boss-1"})


def proposed(motion: str = "irrational", *, by: Actor = CX, **fields: Any) -> Played:
    played = Played(policy=a_policy(plans=PLANS))
    propose(played, motion, by=by, **fields)
    return played


def propose(played: Played, motion: str, *, by: Actor = CX, **fields: Any) -> Outcome:
    given = {"evidence": (PHOTO,), "note_id": NOTE, **fields}
    return played.send(cmd.Propose, at=played.complaint.settled_at, by=by, motion=motion, **given)


def decide(played: Played, *, by: Actor, agrees: bool = True) -> str:
    outcome = played.send(cmd.DecideProposal, at=played.complaint.settled_at, by=by, agrees=agrees)
    assert outcome.receipt
    return outcome.receipt.code


def an_irrational_one() -> Played:
    played = proposed()
    assert decide(played, by=BOSS) == ""
    return played


def reject_a_claim(played: Played) -> None:
    now = played.complaint.settled_at
    played.send(cmd.Claim, at=now, by=of("engine"), note_id=NOTE, root_cause="usage")
    played.send(cmd.RecordVerificationCall, at=now, by=CX, outcome="rejected")


@pytest.mark.parametrize("second", [BOSS, COORDINATOR])
def test_two_people_together_call_it_irrational_and_no_clock_moves(second: Actor) -> None:
    played = proposed()
    before = running(played.complaint)
    assert decide(played, by=second) == ""
    assert (grade(played.complaint), has_expert(played.complaint)) == ("irrational", True)
    assert running(played.complaint) == before


def test_a_proposal_is_told_to_those_who_may_agree() -> None:
    played = proposed()
    (told,) = notices(played.complaint, played.all("proposed")[0])
    assert (told.kind, told.audience, told.facts["motion"]) == ("proposal", "leadership", "irrational")


def test_a_proposal_alone_changes_nothing_and_one_that_is_declined_is_gone() -> None:
    played = proposed()
    assert not played.complaint.is_irrational
    assert decide(played, by=BOSS, agrees=False) == ""
    assert (played.complaint.is_irrational, played.complaint.proposal) == (False, None)


@pytest.mark.parametrize(
    ("second", "code", "reason"),
    [
        (CX, Refusal.NOT_YOURS, "CX may propose and not agree"),
        (of("engine"), Refusal.NOT_YOURS, "nobody who works on it"),
        (LEADERSHIP.model_copy(update={"id": ""}), Refusal.SECOND_PERSON_NEEDED, "nobody knows who that is"),
        (LEADERSHIP.model_copy(update={"id": CX.id}), Refusal.SECOND_PERSON_NEEDED, "the same person in another role"),
        (Actor(role=Role.ARBITER, department="cx", id="a-2"), Refusal.SECOND_PERSON_NEEDED, "the same department"),
    ],
)
def test_who_may_not_be_the_second_person(second: Actor, code: Refusal, reason: str) -> None:
    played = proposed()
    assert decide(played, by=second) == code, reason
    assert played.complaint.proposal, reason


@pytest.mark.parametrize(
    ("by", "fields", "code", "reason"),
    [
        (CX, {"evidence": ()}, Refusal.EVIDENCE_MISSING, "a judgement of a person needs proof"),
        (of("engine"), {}, Refusal.NOT_YOURS, "a department may not call its customer irrational"),
    ],
)
def test_what_is_no_proposal(by: Actor, fields: dict[str, Any], code: Refusal, reason: str) -> None:
    played = proposed(by=by, **fields)
    assert [event.code for event in played.all("command_refused")] == [code], reason


def test_it_ends_in_disagreement_only_when_irrational_offered_a_solution_and_agreed_by_a_second() -> None:
    played = Played(policy=a_policy(plans=PLANS))
    assert _refused(propose(played, "end")) == Refusal.NOT_IRRATIONAL
    played = an_irrational_one()
    assert _refused(propose(played, "end")) == Refusal.NO_SOLUTION_REJECTED
    reject_a_claim(played)
    assert _refused(propose(played, "end")) == ""
    assert played.complaint.stage != "closed"
    assert decide(played, by=BOSS) == ""
    assert (played.complaint.stage, played.complaint.closing) == ("closed", "in_disagreement")


def test_while_the_customer_is_being_asked_nobody_ends_it_over_their_head() -> None:
    played = an_irrational_one()
    reject_a_claim(played)
    propose(played, "end")
    played.send(cmd.Claim, at=T0 + HOUR, by=of("engine"), note_id=NOTE, root_cause="usage")
    assert decide(played, by=BOSS) == Refusal.NOT_AT_THIS_STAGE
    assert decide(played, by=BOSS, agrees=False) == ""


def test_an_irrational_customers_yes_closes_it_like_anybodys() -> None:
    played = an_irrational_one()
    now = played.complaint.settled_at
    played.send(cmd.Claim, at=now, by=of("engine"), note_id=NOTE, root_cause="usage")
    played.send(cmd.RecordVerificationCall, at=now, by=CX, outcome="confirmed")
    assert played.complaint.closing == "confirmed"


def test_one_proposal_at_a_time() -> None:
    played = proposed()
    assert _refused(propose(played, "irrational")) == Refusal.PROPOSAL_PENDING


def _refused(outcome: Outcome) -> str:
    assert outcome.receipt
    return outcome.receipt.code


def test_what_is_called_irrational_already_is_not_proposed_again() -> None:
    played = an_irrational_one()
    outcome = propose(played, "irrational")
    assert outcome.receipt
    assert outcome.receipt.code == Refusal.NOTHING_CHANGES
