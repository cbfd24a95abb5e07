"""Around the work: escalation, reclassification, and new rules for a running complaint."""

from typing import Any

import pytest

from domain import clocks
from domain import commands as cmd
from domain.complaint import Stage
from domain.invariants import broken
from tests.builders import CX, DAY, HOUR, LEADERSHIP, NOTE, OPS, T0, Played, a_policy, of
from tests.domain.scenes import ENGINE, SERVICE, ask, at_stage, code, transferred
from tests.risks import RISK


def escalations(played: Played) -> list[tuple[str, str, Any]]:
    return [(event.level, event.why, event.at - T0) for event in played.all("escalation_raised")]


def test_open_more_than_five_and_ten_days_each_once() -> None:
    played = at_stage(Stage.IN_WORK)
    played.wait(T0 + 60 * DAY)
    assert escalations(played) == [("service", "age", 5 * DAY), ("leadership", "age", 10 * DAY)]


@pytest.mark.parametrize(
    ("risk", "channel", "levels"),
    [
        (3, "hotline", []),
        (4, "hotline", ["service"]),
        (5, "hotline", ["service", "leadership"]),
        (4, "dealer", ["station", "service"]),
        (3, "dealer", []),
    ],
)
def test_risk_escalates_at_once_the_station_first(risk: int, channel: str, levels: list[str]) -> None:
    played = Played("engine.stall", risk_level=risk, channel=channel)
    assert escalations(played) == [(level, "risk", 0 * DAY) for level in levels]


def test_risk_found_later_escalates_then_and_age_does_not_repeat_it() -> None:
    played = at_stage(Stage.IN_WORK)
    ask(played, cmd.Reclassify, risk_level=5, at=T0 + DAY)
    played.wait(T0 + 60 * DAY)
    assert escalations(played) == [("service", "risk", DAY), ("leadership", "risk", DAY)]


def test_what_cannot_be_coordinated_goes_up_one_level_at_a_time() -> None:
    played = at_stage(Stage.IN_WORK)
    assert code(ask(played, cmd.Escalate, by=ENGINE)) == ""
    assert code(ask(played, cmd.Escalate, by=ENGINE)) == "already_escalated"
    assert code(ask(played, cmd.Escalate, by=SERVICE)) == ""
    assert code(ask(played, cmd.Escalate, by=SERVICE)) == "already_escalated"
    assert [level for level, _, _ in escalations(played)] == ["service", "leadership"]
    played.wait(T0 + 60 * DAY)
    assert len(escalations(played)) == 2


@pytest.mark.parametrize(
    ("by", "level", "refusal", "reason"),
    [
        (SERVICE, "service", "", "it was addressed to them"),
        (ENGINE, "service", "not_yours", "it was not"),
        (SERVICE, "leadership", "nothing_to_acknowledge", "not raised yet"),
        (LEADERSHIP, "service", "not_yours", "leadership has its own"),
    ],
)
def test_the_addressee_acknowledges(by: cmd.Actor, level: str, refusal: str, reason: str) -> None:
    played = at_stage(Stage.IN_WORK)
    ask(played, cmd.Escalate)
    assert code(ask(played, cmd.Acknowledge, by=by, level=level)) == refusal, reason


def test_an_acknowledgement_is_recorded_once_with_who_and_when() -> None:
    played = at_stage(Stage.IN_WORK)
    ask(played, cmd.Escalate)
    ask(played, cmd.Acknowledge)
    raised = played.complaint.escalations[0]
    assert (raised.acknowledged_by, raised.acknowledged_at) == (SERVICE.id, played.complaint.settled_at)
    assert code(ask(played, cmd.Acknowledge)) == "nothing_to_acknowledge"


@pytest.mark.parametrize(
    ("changes", "refusal", "reason"),
    [
        ({"risk_level": None, "tags": ("nobody.knows",)}, "unknown_tag", "no known tag at all"),
        ({"risk_level": None, "tags": ()}, "unknown_tag", "nor none"),
        ({"risk_level": None}, "nothing_changes", "nothing said"),
        ({"risk_level": 1}, "nothing_changes", "as it is"),
        ({"risk_level": None, "tags": ("engine.stall",)}, "nothing_changes", "the same tags"),
        ({"risk_level": 2}, "", "a change"),
    ],
)
def test_a_reclassification_must_say_something(changes: dict[str, Any], refusal: str, reason: str) -> None:
    assert code(ask(at_stage(Stage.IN_WORK), cmd.Reclassify, **changes)) == refusal, reason


def test_triage_ends_by_classification() -> None:
    played = at_stage(Stage.TRIAGE)
    ask(played, cmd.Reclassify, risk_level=2)
    assert played.complaint.owner == "cx-triage"
    ask(played, cmd.Reclassify, tags=("brakes.noise",))
    hop = played.complaint.hop
    assert hop
    assert (hop.department, hop.origin, played.complaint.stage) == ("chassis", "dispatch", Stage.DISPATCHED)


def test_a_tag_that_new_rules_know_ends_triage_as_well() -> None:
    played = at_stage(Stage.TRIAGE)
    matrix = a_policy().matrix
    known = matrix.model_copy(update={"owners": {**matrix.owners, "body": ("body.paint", "nobody.knows")}})
    ask(played, cmd.AdoptPolicy, policy=a_policy(version="test+2", matrix=known))
    assert code(ask(played, cmd.Reclassify, risk_level=None, tags=("nobody.knows",))) == ""
    assert played.complaint.owner == "body"


@pytest.mark.parametrize(
    ("played", "ends", "reason"),
    [
        (lambda: at_stage(Stage.DISPATCHED), "chassis", "not accepted yet: to the department the tags now name"),
        (lambda: at_stage(Stage.IN_WORK), "arbiter", "accepted: only arbitration moves it"),
        (lambda: at_stage(Stage.VERIFICATION), "engine", "the customer is being asked: it stays"),
    ],
)
def test_new_tags_route_again(played: Any, ends: str, reason: str) -> None:
    complaint = played()
    ask(complaint, cmd.Reclassify, tags=("brakes.noise",))
    assert complaint.complaint.owner == ends, reason


def test_a_new_risk_alone_moves_nothing() -> None:
    """The matrix names engine, but engine handed it on with proof: a new risk is no reason to undo that."""
    played = transferred()
    assert code(ask(played, cmd.Reclassify, risk_level=3)) == ""
    assert code(ask(played, cmd.Reclassify, risk_level=None, is_complex=True)) == ""
    assert (played.complaint.owner, played.complaint.disputes) == ("chassis", 0)


def test_reclassification_recomputes_the_due_instant_from_the_original_start() -> None:
    played = at_stage(Stage.IN_WORK)
    ask(played, cmd.Reclassify, is_complex=True, at=T0 + 2 * DAY)
    clock = clocks.resolution_clock(played.complaint)
    assert (clock.started_at, clock.due_at) == (T0, T0 + 7 * DAY)
    ask(played, cmd.Reclassify, risk_level=None, is_complex=False, at=T0 + 4 * DAY)
    breach = played.all("clock_breached")[-1]
    assert (breach.clock, breach.due_at, breach.at) == ("resolution:ordinary", T0 + 3 * DAY, T0 + 4 * DAY)


def test_new_rules_reach_a_running_complaint_only_by_command() -> None:
    played = at_stage(Stage.IN_WORK)
    longer = a_policy(version="test+2", clocks={"resolution_ordinary": "6 calendar_days"})
    ask(played, cmd.AdoptPolicy, policy=longer)
    assert clocks.resolution_clock(played.complaint).due_at == T0 + 6 * DAY
    assert code(ask(played, cmd.AdoptPolicy, policy=longer)) == "nothing_changes"


def test_shorter_new_rules_breach_what_is_past_at_once_and_say_when_it_was_due() -> None:
    played = at_stage(Stage.IN_WORK)
    shorter = a_policy(version="test+2", clocks={"resolution_ordinary": "1 calendar_days"})
    played.send(cmd.AdoptPolicy, at=T0 + 2 * DAY - HOUR, by=OPS, policy=shorter)
    breach = played.all("clock_breached")[0]
    assert (breach.due_at, breach.at) == (T0 + DAY, T0 + 2 * DAY - HOUR)


def test_rules_without_the_present_owner_are_refused() -> None:
    played = at_stage(Stage.IN_WORK)
    matrix = a_policy().matrix
    others = {name: tags for name, tags in matrix.owners.items() if name != "engine"}
    without = a_policy(version="test+2", matrix=matrix.model_copy(update={"owners": others}))
    assert code(ask(played, cmd.AdoptPolicy, policy=without)) == "unknown_department"
    assert broken(played.events, policy=played.policy) == ()


def test_a_higher_hop_limit_counts_from_its_adoption() -> None:
    played = transferred()
    ask(played, cmd.AdoptPolicy, policy=a_policy(version="test+2", hop_limit=3))
    assert code(ask(played, cmd.Transfer, by=of("chassis"), to="body")) == ""
    assert played.complaint.owner == "body"
    assert broken(played.events, policy=played.policy) == ()
    assert CX.department == played.policy.triage_desk


def test_raising_the_risk_or_leaving_it_takes_no_reason_where_lowering_it_does() -> None:
    played = Played("engine.stall", policy=a_policy(risk=RISK), risk_level=3)
    assert code(played.send(cmd.Reclassify, at=T0 + HOUR, by=CX, risk_level=3, is_complex=True)) == ""
    assert code(played.send(cmd.Reclassify, at=T0 + HOUR, by=CX, risk_level=4)) == ""
    assert code(played.send(cmd.Reclassify, at=T0 + HOUR, by=CX, risk_level=3)) == "reason_missing"


def test_facts_are_kept_with_the_note_that_came_with_them_or_none() -> None:
    played = Played()
    played.send(cmd.ReportFacts, at=T0 + HOUR, by=CX, third_party="forum")
    played.send(cmd.ReportFacts, at=T0 + HOUR, by=CX, cost_fen=100, note_id=NOTE)
    assert [event.note_id for event in played.all("facts_reported")] == ["", NOTE]


def test_triage_is_over_once_it_is_dispatched() -> None:
    played = at_stage(Stage.TRIAGE)
    assert played.complaint.triage_since == T0
    assert code(played.send(cmd.Reclassify, at=T0 + HOUR, by=CX, tags=("engine.stall",))) == ""
    assert played.complaint.triage_since is None
