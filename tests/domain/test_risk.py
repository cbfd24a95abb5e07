"""The risk grade: points, floors, the cap; it rises by itself, and falls only by a person's reason."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import commands as cmd
from domain import events as e
from domain.case import CaseFacts, CaseKind, LifeCycle, ThirdParty, Voice
from domain.complaint import Complaint
from domain.core import open_complaint
from domain.deadlines import next_due
from domain.explanations import wall_clock
from domain.risk import grade, moves, next_rise
from domain.risk_table import Dimension, Floor, RiskTable
from domain.risk_telling import story
from domain.ticket import Tier
from tests.builders import CX, DAY, HOUR, NOTE, SECOND, T0, Played, a_complaint, a_policy, a_ticket
from tests.domain.scenes import code
from tests.risks import RISK

RISKY = a_policy(risk=RISK)
ROWS = RiskTable.model_validate(RISK).points


def a_case(*tags: str, tier: str = "ordinary", **known: Any) -> Complaint:
    return a_complaint(*(tags or ("brakes.noise",)), policy=RISKY, tier=tier, case=known)


def level(c: Complaint, after: timedelta = timedelta()) -> int:
    graded = grade(c, at=T0 + after)
    assert graded
    return graded.level


@pytest.mark.parametrize(
    ("tags", "known", "after", "points", "expected", "reason"),
    [
        (("brakes.noise",), {}, timedelta(), 7, 1, "a fault of function alone"),
        (("brakes.noise", "engine.stall"), {}, timedelta(), 18, 1, "the gravest tag counts, and it alone"),
        (("engine.stall",), {}, 4 * HOUR - SECOND, 18, 1, "a moment before four hours"),
        (("engine.stall",), {}, 4 * HOUR, 20, 1, "four hours, and one point short"),
        (("engine.stall",), {}, DAY, 22, 2, "a day"),
        (("engine.stall",), {"third_party": "hotline"}, timedelta(), 28, 2, "12315"),
        (("engine.stall",), {"third_party": "hotline", "period": "launch"}, timedelta(), 36, 3, "just level 3"),
        (("body.paint",), {"cost_fen": 50_000}, timedelta(), 3, 1, "exactly 500 yuan is not over it"),
        (("body.paint",), {"cost_fen": 50_001}, timedelta(), 4, 1, "one fen more is"),
    ],
)
def test_points_make_the_level(
    tags: tuple[str, ...], known: dict[str, Any], after: timedelta, points: int, expected: int, reason: str
) -> None:
    graded = grade(a_case(*tags, **known), at=T0 + after)
    assert graded
    assert (graded.total, graded.level) == (points, expected), reason


@pytest.mark.parametrize(
    ("tags", "known", "floor", "expected"),
    [
        (("battery.fire",), {}, Floor.RED_LINE, 5),
        (("body.paint",), {"third_party": "media"}, Floor.MEDIA, 5),
        (("body.paint",), {"third_party": "letter"}, Floor.LETTER, 4),
    ],
)
def test_a_floor_outweighs_all_points(tags: tuple[str, ...], known: Any, floor: Floor, expected: int) -> None:
    c = a_case(*tags, **known)
    graded = grade(c, at=T0)
    assert graded
    assert graded.floors == (floor,)
    assert graded.level == c.risk_level == expected


def test_who_only_asks_is_capped_unless_a_floor_says_otherwise() -> None:
    loud = {"case_kind": "enquiry", "standing": "public", "period": "launch"}
    assert level(a_case("engine.stall", **loud)) == 2
    assert (
        level(a_case("engine.stall", **{**loud, "case_kind": "complaint"})) == 2 + 0
    )  # 34 points are level 2 by themselves
    assert level(a_case("engine.stall", third_party="hotline", **loud)) == 2
    assert level(a_case("engine.stall", third_party="letter", **loud)) == 4


def test_the_weightier_of_tier_and_standing_counts() -> None:
    for tier, standing, points in (("vip", "fleet", 6), ("vip", "public", 8), ("key", "private", 4)):
        graded = grade(a_case(tier=tier, standing=standing), at=T0)
        assert graded
        assert graded.points[Dimension.CUSTOMER] == points


def test_it_rises_by_itself_when_a_fact_is_reported() -> None:
    played = Played("brakes.noise", policy=RISKY)
    assert played.complaint.risk_level == 1
    played.send(cmd.ReportFacts, at=T0 + HOUR, by=CX, third_party=ThirdParty.MEDIA)
    assert played.kinds()[-4:] == ["facts_reported", "risk_graded", "escalation_raised", "escalation_raised"]
    [graded] = played.all("risk_graded")
    assert (graded.level, graded.floors, graded.table, graded.at) == (5, ("media",), "risk-test", T0 + HOUR)
    assert played.complaint.risk_level == 5


def test_it_rises_by_itself_at_the_instant_at_which_time_calls_for_it() -> None:
    played = Played("engine.stall", policy=RISKY)
    rise = next_rise(played.complaint)
    assert rise
    assert (rise.at, rise.grade.level) == (T0 + DAY, 2)
    played.wait(T0 + DAY - SECOND)
    assert played.all("risk_graded") == []
    played.wait(T0 + 2 * DAY)
    [graded] = played.all("risk_graded")
    assert (graded.at, graded.noticed_at, graded.cause) == (T0 + DAY, T0 + 2 * DAY, "grade:2")


def test_a_second_rejection_is_a_reason_of_its_own() -> None:
    played = Played("brakes.noise", policy=RISKY)
    owner = cmd.Actor(role=cmd.Role.RESPONDER, department="chassis", id="c-1")
    for number, expected in ((1, 1), (2, 4)):
        at = T0 + number * HOUR
        played.send(cmd.Claim, at=at, by=owner, note_id=NOTE, root_cause="design")
        customer = cmd.Actor(role=cmd.Role.CUSTOMER)
        played.send(cmd.CustomerReply, at=at, by=customer, answer="reject", round=number)
        assert played.complaint.risk_level == expected


def test_it_falls_only_by_a_reason_and_stays_there_until_more_is_known() -> None:
    played = Played("brakes.noise", policy=RISKY, case={"third_party": "letter"})
    assert played.complaint.risk_level == 4
    assert code(played.send(cmd.Reclassify, at=T0 + HOUR, by=CX, risk_level=2)) == "reason_missing"
    assert code(played.send(cmd.Reclassify, at=T0 + HOUR, by=CX, risk_level=2, note_id=NOTE)) == ""
    played.wait(T0 + 9 * DAY)
    assert played.complaint.risk_level == 2, "the same letter does not raise it again"
    played.send(cmd.ReportFacts, at=T0 + 9 * DAY, by=CX, third_party=ThirdParty.MEDIA)
    assert played.complaint.risk_level == 5, "but the press does"


def test_good_news_does_not_lower_it() -> None:
    played = Played("brakes.noise", policy=RISKY, case={"third_party": "letter"})
    played.send(cmd.ReportFacts, at=T0 + HOUR, by=CX, third_party=ThirdParty.NONE)
    assert (played.complaint.risk_level, level(played.complaint, HOUR)) == (4, 1)


def test_facts_add_up_and_the_same_again_is_nothing_new() -> None:
    played = Played("brakes.noise", policy=RISKY, case={"cost_fen": 100})
    news: dict[str, Any] = {"period": "launch"}
    assert code(played.send(cmd.ReportFacts, at=T0, by=CX, **news)) == ""
    assert played.complaint.case == CaseFacts(period=LifeCycle.LAUNCH, cost_fen=100)
    assert code(played.send(cmd.ReportFacts, at=T0, by=CX, **news)) == "nothing_changes"


def test_without_a_table_nothing_is_graded() -> None:
    c = a_complaint("battery.fire", policy=a_policy(), case={"third_party": "media"})
    assert (c.risk_level, grade(c, at=T0), next_rise(c), moves(c, at=T0)) == (1, None, None, ())


def test_what_waited_outside_is_graded_then_and_acted_on_once_it_is_routed() -> None:
    late = T0 + 4 * DAY
    outcome = open_complaint(
        a_ticket("engine.stall", tier="vip", case={"third_party": "letter"}), policy=RISKY, now=late
    )
    graded = [(each.at, each.level) for each in outcome.events if isinstance(each, e.RiskGraded)]
    assert graded == [(T0, 4)], "38 points at first, 45 at last: the letter is more than either"
    raised = [each for each in outcome.events if isinstance(each, e.EscalationRaised)]
    assert [(each.level, each.at, each.why) for each in raised] == [("service", late, "risk")]


KNOWN = st.fixed_dictionaries(
    {
        "period": st.sampled_from([None, *LifeCycle]),
        "standing": st.sampled_from([None, *Voice]),
        "third_party": st.sampled_from([None, *ThirdParty]),
        "cost_fen": st.sampled_from([None, 0, 50_000, 50_001, 600_001, 2_000_001]),
        "case_kind": st.sampled_from([None, *CaseKind]),
    }
)
WEIGHTS: dict[str, dict[Any, int]] = {
    "period": {None: 0, **ROWS.period},
    "standing": {None: 0, **ROWS.standing},
    "third_party": {None: 0, **ROWS.third_party},
}


@given(
    KNOWN,
    st.sampled_from(list(WEIGHTS)),
    st.integers(0, 9),
    st.sampled_from(["engine.stall", "body.paint", "engine.oil", "battery.fire", "brakes.noise"]),
    st.sampled_from(list(Tier)),
    st.integers(0, 300),
)
def test_no_single_worsening_ever_lowers_a_grade(
    known: dict[str, Any], which: str, step: int, tag: str, tier: Tier, hours: int
) -> None:
    worse_ones = [each for each, points in WEIGHTS[which].items() if points >= WEIGHTS[which][known[which]]]
    worse = {**known, which: worse_ones[step % len(worse_ones)]}
    at = hours * HOUR
    before = level(a_case(tag, tier=tier, **known), at)
    assert level(a_case(tag, tier=tier, **worse), at) >= before
    assert level(a_case(tag, tier=tier, **known), at + 3 * HOUR) >= before, "waiting is worse as well"
    dearer = {**known, "cost_fen": (known["cost_fen"] or 0) + 150_000}
    assert level(a_case(tag, tier=tier, **dearer), at) >= before


@given(KNOWN, st.sampled_from(["engine.stall", "body.paint", "engine.oil", "brakes.noise"]))
def test_the_next_rise_is_where_looking_every_hour_finds_it(known: dict[str, Any], tag: str) -> None:
    c = a_case(tag, **known)
    seen = next((hour for hour in range(260) if level(c, hour * HOUR) > c.risk_level), None)
    rise = next_rise(c)
    assert (rise.at if rise else None) == (T0 + seen * HOUR if seen is not None else None)


def test_it_explains_itself_and_says_what_would_move_it() -> None:
    c = a_case("engine.stall", third_party="forum")
    told = story(c, at=T0, zone="Asia/Shanghai")
    assert told
    assert (told.level, told.graded, told.total, told.table) == (2, 2, 23, "risk-test")
    assert {line.dimension: line.points for line in told.lines if line.points} == {"fault": 18, "third_party": 5}
    english, chinese = [each.en for each in told.sentences], [each.zh for each in told.sentences]
    assert english[0] == "23 points, which make level 2."
    assert "With a lawyer's or a regulator's letter it would be level 4." in english
    assert "如出现“律师函或监管函”，将升为 4 级。" in chinese
    assert not any("rises to level" in each for each in english), "35 points at most: time alone does not move it"
    rising = story(a_case("engine.stall"), at=T0, zone="Asia/Shanghai")
    when = wall_clock(T0 + DAY, zone="Asia/Shanghai")
    assert rising
    assert f"If it is still open then, it rises to level 2 at {when}." in [each.en for each in rising.sentences]


def test_what_would_move_it_does() -> None:
    c = a_case("engine.stall")
    found = moves(c, at=T0)
    assert [each.dimension for each in found] == ["period", "customer", "third_party", "cost"]
    for move in found:
        assert level(c.but(case=c.case.merged(move.case))) == move.level > 1


def test_the_grade_is_a_deadline_of_the_one_clock() -> None:
    played = Played("engine.stall", policy=RISKY, at=T0)
    played.send(cmd.Accept, at=T0, by=cmd.Actor(role=cmd.Role.RESPONDER, department="engine", id="e"))
    due = next_due(played.complaint)
    assert due
    assert (due.rule, due.due_at) == ("grade:2", T0 + DAY)
