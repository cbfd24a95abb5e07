"""Service plans: tier and kind choose the lengths of time, a grade chooses who handles it."""

from datetime import timedelta

import pytest

from domain import commands as cmd
from domain.case import CaseKind
from domain.clocks import running
from domain.plans import ComplaintGrade, ServicePlans
from domain.policy import Policy
from domain.service import grade, has_expert, service
from domain.telling import notices
from domain.ticket import Tier
from tests.builders import CX, HOUR, T0, Played, a_policy, of
from tests.plans import PLANS

PLANNED = a_policy(plans=PLANS)
NOTE = "note-" + "0" * 32


def due(played: Played) -> dict[str, timedelta]:
    return {clock.kind.value: clock.due_at - clock.started_at for clock in running(played.complaint)}


@pytest.mark.parametrize(
    ("tier", "kind", "response", "progress", "plans", "reason"),
    [
        ("ordinary", "complaint", 4, 48, (), "no plan fits: the rules' lengths"),
        ("vip", "complaint", 2, 48, ("vip",), "what vip leaves unsaid, the rules say"),
        ("ordinary", "rescue", 1, 4, ("rescue",), "by kind alone"),
        ("vip", "rescue", 1, 4, ("rescue", "vip"), "both fit: the first counts for each thing it says"),
        ("ordinary", None, 4, 48, (), "a kind that nobody said is a complaint"),
    ],
)
def test_the_first_plan_that_fits_and_says_it_counts(
    tier: str, kind: str | None, response: int, progress: int, plans: tuple[str, ...], reason: str
) -> None:
    played = Played(policy=PLANNED, tier=tier, case={"case_kind": kind})
    assert due(played)["response"] == response * HOUR, reason
    assert due(played)["progress"] == progress * HOUR, reason
    assert service(played.complaint).plans == plans, reason


def test_a_plan_breaches_at_its_own_instant_and_not_a_second_before() -> None:
    played = Played(policy=PLANNED, tier="vip")
    played.wait(T0 + 2 * HOUR - timedelta(seconds=1))
    assert not played.all("clock_breached")
    played.wait(T0 + 2 * HOUR)
    (breached,) = played.all("clock_breached")
    assert (breached.clock, breached.due_at) == ("response:1", T0 + 2 * HOUR)


def test_what_is_learnt_in_triage_chooses_the_plan_and_what_is_learnt_later_does_not() -> None:
    for tag, expected in (("something.unheard_of", HOUR), ("engine.stall", 4 * HOUR)):
        played = Played(tag, policy=PLANNED)
        played.send(cmd.ReportFacts, at=T0, by=CX, case_kind="rescue")
        if not played.complaint.hops:
            played.send(cmd.Reclassify, at=T0, by=CX, tags=("engine.stall",))
        assert due(played)["response"] == expected, tag


def test_a_claim_verified_by_a_call_sends_no_reminder_and_the_call_is_due_sooner() -> None:
    played = Played(policy=PLANNED, tier="vip")
    played.send(cmd.Claim, at=T0 + HOUR, by=of("engine"), note_id=NOTE, root_cause="software")
    assert due(played)["verification"] == 24 * HOUR
    played.wait(T0 + HOUR * 200)
    assert not played.all("customer_reminded")


def test_a_grade_follows_the_risk_and_moves_no_clock() -> None:
    played = Played(policy=PLANNED)
    before = due(played)
    expected = {2: ("general", False), 3: ("medium", False), 4: ("major", True), 5: ("major", True)}
    for level, told in expected.items():
        played.send(cmd.Reclassify, at=T0, by=CX, risk_level=level)
        assert (grade(played.complaint), has_expert(played.complaint)) == told
    assert due(played) == before


def test_an_irrational_complaint_keeps_every_clock_and_goes_to_an_expert() -> None:
    c = Played(policy=PLANNED).complaint
    irrational = c.but(is_irrational=True)
    assert running(irrational) == running(c)
    assert (grade(irrational), has_expert(irrational)) == (ComplaintGrade.IRRATIONAL, True)


def test_the_customer_is_written_to_in_the_plans_own_wording() -> None:
    for tier, expected in (("vip", "vip"), ("ordinary", None)):
        played = Played(policy=PLANNED, tier=tier)
        told = [each for event in played.events for each in notices(played.complaint, event)]
        assert {each.facts.get("wording") for each in told if each.audience == "customer"} == {expected}
        assert {each.facts.get("wording") for each in told if each.audience != "customer"} == {None}


def test_without_plans_everybody_is_served_by_the_rules() -> None:
    c = Played(tier="vip", case={"case_kind": "rescue"}).complaint
    assert service(c).clocks == c.policy.clocks
    assert "plans" not in c.policy.model_dump(mode="json")


def test_plans_survive_their_journey_with_a_complaint() -> None:
    assert Policy.model_validate_json(PLANNED.model_dump_json()) == PLANNED


def test_what_was_overruled_is_told() -> None:
    plans = ServicePlans.model_validate(PLANS)
    (response,) = [each for each in plans.settled(Tier.VIP, CaseKind.RESCUE) if each.name == "response"]
    assert (response.plan, [plan for plan, _ in response.overruled]) == ("rescue", ["vip"])


def test_a_plan_says_what_it_settles_by_name_and_no_more() -> None:
    plan = ServicePlans.model_validate(PLANS).plans[0]
    bare = plan.model_copy(update={"lengths": {}, "verify_by": None, "has_expert": None, "wording": None})
    assert bare.says() == {}
    assert bare.model_copy(update={"wording": "plain"}).says() == {"wording": "plain"}
    assert bare.model_copy(update={"has_expert": False}).says() == {"has_expert": False}
