"""What the shipped words find, and what they excuse."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.red_line_words import Excuse
from policy.red_lines import load_red_lines

[RULE] = filter(None, [load_red_lines().on(date(2026, 3, 2))])

REPORTED = [
    ("停车时车辆突然起火", "fire"),
    ("不是没有起火，是起火以后自己灭了", "fire"),  # two negations are none
    ("没有修好又起火了", "fire"),  # what was not done was the repair
    ("毫无征兆起火", "fire"),  # no warning is not no fire
    ("我一直担心，结果真的自燃了", "fire"),  # the fear is in another clause
    ("主要是没有动力跑高速", "power_loss"),  # 要是 is "if", 主要是 is "above all"
    ("高速上踩下去没有刹车", "brakes"),  # the word has its own negation
    ("刹车在下坡时突然失灵", "brakes"),
    ("行驶途中发动机突然熄火", "power_loss"),
    ("碰撞后气囊一个都没弹", "airbag"),
    ("方向盘锁死", "steering"),
    ("ＢＲＡＫＥ FAILURE on the highway", "brakes"),  # wide letters, capitals
    ("The brakes failed and I could not stop", "brakes"),
    ("My airbags didn’t deploy", "airbag"),
    ("it stalled at 60 mph in heavy traffic", "power_loss"),
]
EXCUSED = [
    ("没有起火", "fire", Excuse.NEGATED),
    ("检查后没有发现任何冒烟现象", "fire", Excuse.NEGATED),
    ("幸好没有造成人员伤亡", "injury", Excuse.NEGATED),
    ("刹车没有失灵", "brakes", Excuse.NEGATED),  # between the pieces of the phrase
    ("不是没有刹车", "brakes", Excuse.NEGATED),
    ("很怕起火", "fire", Excuse.SUPPOSED),
    ("担心会自燃", "fire", Excuse.SUPPOSED),
    ("存在刹车失灵的风险", "brakes", Excuse.SUPPOSED),
    ("极端情况下会导致车辆行驶中失去动力", "power_loss", Excuse.SUPPOSED),
    ("其他地区多次发生自燃", "fire", Excuse.OTHERS),
    ("早上打不着火", "fire", Excuse.HARMLESS),
    ("无刹车片磨损", "brakes", Excuse.HARMLESS),
    ("严重伤害老车主", "injury", Excuse.HARMLESS),
    ("There were no reported injuries", "injury", Excuse.NEGATED),
    ("This could have killed somebody", "injury", Excuse.SUPPOSED),
    ("the brake lights failed", "brakes", Excuse.HARMLESS),
]
SILENT = ["", "一缸失火，怠速抖动", "烧机油严重", "装备齐全", "They installed a new radio", "🚗🚗", "降价两万"]


@pytest.mark.parametrize(("text", "matter"), REPORTED)
def test_a_report_is_found(text: str, matter: str) -> None:
    assert matter in RULE.matters(text)


@pytest.mark.parametrize(("text", "matter", "excuse"), EXCUSED)
def test_a_mention_that_is_no_report_is_excused_and_says_by_what(text: str, matter: str, excuse: Excuse) -> None:
    found = [each for each in RULE.mentions(text) if each.matter == matter]
    assert [each.excuse for each in found] == [excuse]
    assert all(each.because in text.lower() for each in found)
    assert matter not in RULE.matters(text)


@pytest.mark.parametrize("text", SILENT)
def test_words_that_only_look_alike_are_not_even_mentioned(text: str) -> None:
    assert RULE.mentions(text) == ()


def test_one_excused_mention_does_not_excuse_another() -> None:
    assert RULE.matters("我很怕起火。昨天真的起火了") == ("fire",)


def test_a_stall_needs_the_road_beside_it() -> None:
    assert RULE.matters("在车库里没有动力") == ()
    assert RULE.matters("高速上没有动力") == ("power_loss",)


def test_a_mention_says_where_it_stands_in_the_text_as_given() -> None:
    text = "昨晚ＡＢ，刹车突然失灵了"
    [mention] = RULE.mentions(text)
    assert text[mention.start : mention.end] == "刹车突然失灵"


def test_a_text_that_says_it_ten_thousand_times_is_answered() -> None:
    assert len(RULE.mentions("起火" * 10_000)) == 100


@given(st.text(alphabet="没有不是起火刹车失灵，。 aNo firE’İ\n", max_size=80))
def test_any_text_is_answered_with_places_within_it(text: str) -> None:
    for mention in RULE.mentions(text):
        assert 0 <= mention.start < mention.end <= len(text)
