"""A page of bars that needs nothing else: each figure with its bar, in both languages, whatever a policy is called."""

import re
from datetime import timedelta
from xml.etree import ElementTree

from starter.simulating.drawing import backtested, simulated
from starter.simulating.grading import Moved, Spread
from starter.simulating.outcomes import PolicyOutcome, Tally
from starter.simulating.picture import Chart, Row, page
from tests.builders import T0


def an_outcome(name: str, **changes: object) -> PolicyOutcome:
    empty = Tally().outcome(policy=name, version="test+1", since=T0, until=T0 + timedelta(days=7))
    return empty.model_copy(update=changes)


def parsed(html: str) -> ElementTree.Element:
    """The body; a page that is not well formed is none."""
    return ElementTree.fromstring(re.sub(r"<(meta[^>]*|br)>", r"<\1/>", html).removeprefix("<!doctype html>\n"))


def bars(html: str) -> list[tuple[str, float]]:
    """What each says when pointed at, without the version, and how long it is."""
    rects = parsed(html).iter("rect")
    return [(re.sub(r" \(.*\)", "", each[0].text or ""), float(each.attrib["width"])) for each in rects]


def test_bars_of_one_chart_have_one_scale_from_nought() -> None:
    drawn = page(("一", "one"), policies=["P", "Q"], charts=[Chart(("二", "two"), (Row(("三", "three"), (10, 40)),))])
    (small, short), (large, long) = bars(drawn)
    assert (small, large) == ("P: 10", "Q: 40")
    assert long == 4 * short > 0


def test_both_policies_stand_side_by_side_in_both_languages() -> None:
    first = an_outcome("old", breaches={"response": 3}, handoffs_refused={"evidence_missing": 2})
    second = an_outcome("new", breaches={"response": 1, "resolution": 5})
    drawn = simulated([first, second], assumed={"evidence": "none"})
    for said in ("响应时限", "response clock", "没有举证", "no evidence", "evidence=none", "old (test+1)"):
        assert said in drawn
    assert {("old: 0", 0.0), ("old: 2", 380.0), ("new: 5", 380.0), ("old: 3", 228.0)} <= set(bars(drawn))
    assert "://" not in drawn, "it loads nothing"


def test_what_a_policy_or_a_team_is_called_is_text_and_no_markup() -> None:
    outcome = an_outcome("<b>&", red_by_team={'"><script>': 1})
    drawn = simulated([outcome], assumed={})
    assert "<script" not in drawn
    assert ("<b>&: 1", 380.0) in bars(drawn)


def test_a_backtest_draws_all_five_levels() -> None:
    levels = {str(level): level for level in range(1, 6)}
    spread = Spread(policy="p", version="v", table="t", levels=levels, floors={"media": 2}, capped=0, points_mean=1)
    drawn = backtested([spread], Moved(up=1, down=2, same=3, movers=()), most=5)
    assert [told for told, _ in bars(drawn)] == [f"p: {n}" for n in (1, 2, 3, 4, 5, 2)]
    assert "升 1，降 2，不变 3。" in drawn
