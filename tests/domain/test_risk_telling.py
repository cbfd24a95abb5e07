"""A grade in sentences that a person can check, in both languages."""

from datetime import timedelta
from typing import Any

from domain import commands as cmd
from domain.case import CaseFacts
from domain.complaint import Complaint
from domain.risk_table import Dimension, Floor
from domain.risk_telling import DIMENSIONS, FLOORS, facts_told, points_told, story
from domain.vehicle import VehicleFacts
from tests.builders import CX, HOUR, NOTE, T0, Played, a_complaint, a_policy
from tests.risks import RISK

RISKY = a_policy(risk=RISK)
_MATTERS = {"fire": ("起火", "fire"), "injury": ("受伤", "injury")}


def a_case(*tags: str, **known: Any) -> Complaint:
    return a_complaint(*(tags or ("brakes.noise",)), policy=RISKY, case=known)


def told(c: Complaint, *, after: timedelta = timedelta()) -> list[tuple[str, str]]:
    found = story(c, at=T0 + after, zone="Asia/Shanghai", matter=_MATTERS.__getitem__)
    assert found
    return [(each.zh, each.en) for each in found.sentences]


def test_points_and_the_level_they_make_come_first() -> None:
    assert told(a_case())[0] == ("共 7 分，按积分为 1 级。", "7 points, which make level 1.")


def test_a_floor_is_said_with_what_the_customers_words_tell_of() -> None:
    said = told(a_case("battery.fire", red_line_words=("fire", "injury")))
    assert said[1:3] == [
        ("触及安全红线：至少 5 级。", "A red line of safety: at least level 5."),
        ("客户的话提到：起火、受伤。", "The customer's words tell of: fire; injury."),
    ]


def test_a_cap_is_said() -> None:
    loud = {"case_kind": "enquiry", "standing": "public", "period": "launch", "third_party": "hotline"}
    assert ("仅为咨询：最高 2 级。", "Only an enquiry: at most level 2.") in told(a_case("engine.stall", **loud))


def test_a_level_that_a_person_lowered_or_that_fell_behind_says_which() -> None:
    played = Played("body.paint", policy=RISKY, case={"third_party": "letter"})
    played.send(cmd.Reclassify, at=T0 + HOUR, by=CX, risk_level=2, note_id=NOTE)
    lowered = "已由人工调低到 2 级：积分高于当时才会再次上升。"
    assert lowered in [zh for zh, _ in told(played.complaint, after=HOUR)]
    raised = a_case().but(risk_level=3)
    stands = "It stands at level 3: a level does not fall by itself, only CX lowers it, with a reason."
    assert stands in [en for _, en in told(raised)]


def test_the_next_rise_is_said_on_the_wall_clock_until_it_has_come() -> None:
    c = a_case("engine.stall")
    rise = (
        "若届时仍未关闭，2026-03-03 09:00 (UTC+0800) 起升为 2 级。",
        "If it is still open then, it rises to level 2 at 2026-03-03 09:00 (UTC+0800).",
    )
    assert rise in told(c)
    assert rise not in told(c, after=timedelta(days=1))


def test_what_would_move_it_is_said_as_a_fact() -> None:
    assert told(a_case("engine.stall"))[2:] == [
        ("如出现“停产期”，将升为 2 级。", "With run out it would be level 2."),
        ("如出现“车队客户”，将升为 2 级。", "With a fleet it would be level 2."),
        ("如出现“网络平台发帖”，将升为 2 级。", "With a forum it would be level 2."),
        ("如出现“维修费用 6,000.01 元”，将升为 2 级。", "With repairs that cost 6,000.01 yuan it would be level 2."),
    ]


def test_every_dimension_has_a_line_with_its_points() -> None:
    found = story(a_case(), at=T0, zone="Asia/Shanghai")
    assert found
    assert [line.dimension for line in found.lines] == list(Dimension)
    assert sum(line.points for line in found.lines) == found.total == 7
    assert {line.called.zh for line in found.lines} == {zh for zh, _ in DIMENSIONS.values()}
    assert (found.level, found.graded, found.table) == (1, 1, RISKY.risk.id if RISKY.risk else "")


def test_without_a_points_table_there_is_no_story() -> None:
    assert story(a_complaint(), at=T0, zone="Asia/Shanghai") is None


def test_facts_are_told_one_after_the_other_without_what_is_said_elsewhere() -> None:
    case = CaseFacts(cost_fen=123_456_78, vehicle=VehicleFacts(), red_line_words=("fire",))
    assert facts_told(case) == (
        "维修费用 123,456.78 元、车辆档案（维修 0 次）",
        "repairs that cost 123,456.78 yuan, the vehicle's record (repairs: 0)",
    )
    assert facts_told(CaseFacts()) == ("", "")


def test_points_are_told_the_weightiest_first_and_none_that_is_nothing() -> None:
    assert points_told({"age": 2, "fault": 18, "cost": 0}) == (
        "故障类别 18、首次反映以来的时间 2",
        "how grave the fault is 18, time since the first report 2",
    )


def test_every_dimension_and_floor_has_a_name() -> None:
    assert set(DIMENSIONS) == set(Dimension)
    assert set(FLOORS) == set(Floor)
