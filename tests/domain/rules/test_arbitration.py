"""Disputes over ownership: who rules, what a ruling does to the hops, and that nobody rules in their own cause."""

from typing import Any

import pytest

from domain import clocks
from domain import commands as cmd
from domain.complaint import Stage
from domain.custody import department_total, hop_total
from domain.hops import Response
from tests.builders import ARBITER, CX, HOUR, NOTE, T0, Played, a_policy, of
from tests.domain.scenes import BODY, CHASSIS, CX_ARBITER, ENGINE, PROOF, QUALITY, ask, at_stage, code, transferred


def contested(*tags: str, **facts: Any) -> Played:
    """Engine handed it to chassis at one hour; chassis contests at two."""
    played = transferred(*tags, **facts)
    played.send(cmd.Contest, at=T0 + 2 * HOUR, by=CHASSIS, **PROOF)
    assert (played.complaint.stage, played.complaint.owner) == (Stage.ARBITRATION, "arbiter")
    return played


def rule(played: Played, owner: str, *, at: int, by: cmd.Actor = ARBITER) -> None:
    assert code(played.send(cmd.Arbitrate, at=T0 + at * HOUR, by=by, owner=owner)) == ""


@pytest.mark.parametrize(
    ("to", "limit", "why", "reason"),
    [
        ("engine", 2, "sent_back", "ping-pong goes to the arbiter"),
        ("body", 2, "hop_limit", "so does one hop too many"),
        ("engine", 9, "sent_back", "however many hops are allowed"),
        ("body", 3, None, "within the limit it is a transfer"),
    ],
)
def test_where_the_second_transfer_goes(to: str, limit: int, why: str | None, reason: str) -> None:
    played = transferred(policy=a_policy(hop_limit=limit))
    played.send(cmd.Transfer, at=T0 + 2 * HOUR, by=CHASSIS, to=to, **PROOF)
    opened = played.all("arbitration_opened")
    assert [event.why for event in opened] == ([why] if why else []), reason
    assert played.complaint.owner == ("arbiter" if why else to)
    assert all(event.proposed == to for event in opened)


def test_contesting_needs_proof_and_a_reason() -> None:
    assert code(ask(at_stage(Stage.DISPATCHED), cmd.Contest, evidence=())) == "evidence_missing"
    assert code(ask(at_stage(Stage.DISPATCHED), cmd.Contest, note_id=None)) == "reason_missing"


def test_a_refuted_transfer_goes_on_as_if_it_had_never_stopped() -> None:
    played = contested()
    rule(played, "engine", at=3)
    hop = played.complaint.hop
    assert hop
    assert (hop.department, hop.is_refuted, hop.entered_at, hop.left_at) == ("engine", True, T0, None)
    assert hop_total(played.complaint, hop, at=T0 + 3 * HOUR) == 3 * HOUR
    assert department_total(played.complaint, "chassis", at=T0 + 3 * HOUR) == 0 * HOUR


@pytest.mark.parametrize(
    ("ruled_at", "breaches", "reason"),
    [
        (3, [], "ruled within the four hours: nobody is late"),
        (4, ["response:1"], "the clock ran on to its due instant"),
        (9, ["response:1"], "and past it"),
    ],
)
def test_a_refuted_transfer_was_no_answer(ruled_at: int, breaches: list[str], reason: str) -> None:
    played = contested()
    rule(played, "engine", at=ruled_at)
    found = played.all("clock_breached")
    assert [event.clock for event in found] == breaches, reason
    assert all((event.due_at, event.charged) == (T0 + 4 * HOUR, {"engine": 10_000}) for event in found)
    assert all(event.at == T0 + ruled_at * HOUR for event in found)


def test_an_unfounded_contest_leaves_it_where_it_is() -> None:
    played = contested()
    rule(played, "chassis", at=8)
    hop = played.complaint.hop
    assert hop
    assert (hop.department, hop.response, hop.is_refuted) == ("chassis", Response.RULED, False)
    assert played.all("clock_breached") == []
    assert department_total(played.complaint, "engine", at=T0 + 8 * HOUR) == HOUR


def test_a_third_party_gets_a_turn_of_its_own() -> None:
    played = contested()
    rule(played, "body", at=8)
    hop = played.complaint.hop
    assert hop
    assert (hop.number, hop.department, hop.origin, hop.response) == (3, "body", "ruling", Response.RULED)
    assert played.complaint.hops[1].left_at == T0 + 2 * HOUR
    assert played.complaint.stage is Stage.IN_WORK


@pytest.mark.parametrize("owner", ["engine", "chassis", "body"])
def test_a_ruling_is_final(owner: str) -> None:
    played = contested()
    rule(played, owner, at=3)
    assert code(ask(played, cmd.Contest, by=of(owner))) == "ruling_is_final"
    assert code(ask(played, cmd.Transfer, by=of(owner), to="service")) == "only_arbitration_moves_it"
    assert code(ask(played, cmd.Accept, by=of(owner))) == "already_accepted"


def test_the_arbiter_rules_only_for_departments_of_the_matrix() -> None:
    assert code(ask(contested(), cmd.Arbitrate, owner="cx")) == "unknown_department"


@pytest.mark.parametrize(
    ("played", "arbiter", "reason"),
    [
        (lambda: contested(), "quality", "the policy's arbiter"),
        (lambda: at_stage(Stage.ARBITRATION, "noise"), "cx", "quality leads: CX rules instead"),
    ],
)
def test_nobody_rules_in_their_own_cause(played: object, arbiter: str, reason: str) -> None:
    opened = played().all("arbitration_opened")[0]  # type: ignore[operator]
    assert opened.arbiter == arbiter, reason


def test_a_transfer_back_to_the_arbiter_makes_it_a_party() -> None:
    played = transferred()
    played.send(cmd.Transfer, at=T0 + 2 * HOUR, by=CHASSIS, to="quality", **PROOF)
    assert played.all("arbitration_opened")[0].arbiter == "cx"
    assert code(ask(played, cmd.Arbitrate)) == "not_yours"
    assert code(ask(played, cmd.Arbitrate, by=CX_ARBITER)) == ""


def test_a_department_whose_turn_was_undone_is_still_a_party() -> None:
    played = transferred(to="quality")
    played.send(cmd.Contest, at=T0 + 2 * HOUR, by=QUALITY, **PROOF)
    rule(played, "engine", at=3, by=CX_ARBITER)
    ask(played, cmd.Reclassify, tags=("brakes.noise",))
    assert [event.arbiter for event in played.all("arbitration_opened")] == ["cx", "cx"]


def test_a_case_before_the_arbiter_has_a_clock() -> None:
    played = contested()
    played.wait(T0 + 27 * HOUR)
    breach = played.all("clock_breached")[0]
    assert (breach.clock, breach.due_at, breach.charged) == ("arbitration:1", T0 + 26 * HOUR, {"quality": 10_000})
    governing = clocks.governing(played.complaint)
    assert governing
    assert governing.holder == "quality"


def test_a_second_ruling_does_not_blame_the_first_ones_owner_again() -> None:
    """Engine's transfer was refuted in time; CX later takes it elsewhere, and the arbiter gives it back once more."""
    played = contested()
    rule(played, "engine", at=3)
    answered_at = played.complaint.hops[-1].responded_at
    played.send(cmd.Reclassify, at=T0 + 5 * HOUR, by=CX, tags=("body.paint",))
    rule(played, "engine", at=6)
    assert played.all("clock_breached") == []
    assert played.complaint.hops[-1].responded_at == answered_at


def test_cx_taking_it_away_is_no_answer_of_the_owner() -> None:
    """Chassis has not said a word when CX sends it back to engine: the dispute is CX's, not an answer of chassis."""
    played = transferred()
    played.send(cmd.Reclassify, at=T0 + 2 * HOUR, by=CX, tags=("engine.oil",))
    assert played.all("arbitration_opened")[0].why == "reclassified"
    assert played.complaint.hops[-1].response is None


def test_a_turn_that_cx_cut_short_and_the_arbiter_gave_back_is_not_late_by_that() -> None:
    played = at_stage(Stage.DISPATCHED)
    played.send(cmd.Reclassify, at=T0 + HOUR, by=CX, tags=("brakes.noise",))
    played.send(cmd.Contest, at=T0 + 2 * HOUR, by=CHASSIS, **PROOF)
    rule(played, "engine", at=20)
    hop = played.complaint.hops[-1]
    assert (hop.department, hop.is_refuted, hop.responded_at) == ("engine", False, T0 + 20 * HOUR)
    assert played.all("clock_breached") == []


def test_a_claim_cannot_be_made_while_it_is_disputed() -> None:
    refused = contested().send(cmd.Claim, at=T0 + 3 * HOUR, by=BODY, note_id=NOTE, root_cause="design")
    assert code(refused) == "not_at_this_stage"
    assert ENGINE.department != BODY.department


def test_contesting_answers_for_the_owner_and_a_dispute_that_cx_opens_does_not() -> None:
    hop = contested().complaint.hop
    assert hop
    assert (hop.response, hop.responded_at) == (Response.CONTESTED, T0 + 2 * HOUR)


def test_what_ends_in_dispute_ends_for_its_owner_when_the_dispute_began() -> None:
    played = contested()
    assert code(played.send(cmd.Withdraw, at=T0 + 5 * HOUR, by=cmd.Actor(role=cmd.Role.CUSTOMER))) == ""
    assert [hop.left_at for hop in played.complaint.hops] == [T0 + HOUR, T0 + 2 * HOUR]
