"""Clocks told in sentences: to the word, for people check them against their own watch."""

from datetime import timedelta

import pytest

from domain import commands as cmd
from domain.deadlines import next_due
from domain.explanations import deadline_told, in_markdown, stories
from tests.builders import CUSTOMER, DAY, HOUR, NOTE, SECOND, T0, Played, a_policy
from tests.domain.scenes import ENGINE, PROOF
from tests.risks import RISK

SHANGHAI = "Asia/Shanghai"


def due_told(played: Played) -> tuple[str, str]:
    due = next_due(played.complaint)
    assert due
    told = deadline_told(due, zone=SHANGHAI)
    return told.zh, told.en


def claimed() -> Played:
    played = Played()
    played.send(cmd.Claim, at=T0 + HOUR, by=ENGINE, note_id=NOTE, root_cause="design")
    return played


def test_a_yellow_light_and_a_red_one_are_foretold() -> None:
    played = Played()
    assert due_told(played) == (
        "2026-03-02 11:40 (UTC+0800) 响应时限亮黄灯。",
        "The response clock turns yellow at 2026-03-02 11:40 (UTC+0800).",
    )
    played.wait(T0 + 3 * HOUR)
    assert due_told(played) == (
        "2026-03-02 13:00 (UTC+0800) 响应时限到期，亮红灯。",
        "The response clock turns red at 2026-03-02 13:00 (UTC+0800).",
    )


def test_a_reminder_to_the_customer_is_foretold_with_its_number() -> None:
    played = claimed()
    assert due_told(played)[1] == "The customer is reminded to answer, reminder 1, at 2026-03-03 10:00 (UTC+0800)."
    played.wait(T0 + HOUR + DAY)
    assert due_told(played)[0] == "2026-03-04 10:00 (UTC+0800) 第 2 次提醒客户答复。"


def test_a_rise_of_the_risk_is_foretold() -> None:
    played = Played("engine.stall", policy=a_policy(risk=RISK))
    played.send(cmd.Accept, at=T0 + HOUR, by=ENGINE)
    while (due := next_due(played.complaint)) and not due.grade:
        played.wait(due.due_at)
    level = due.grade.level if due and due.grade else 0
    zh, en = due_told(played)
    assert zh.endswith(f"仍未关闭则风险升为 {level} 级。")
    assert en.startswith(f"If it is still open its risk rises to level {level} at 2026-03-")


def test_what_ops_read_in_temporals_ui_has_every_instant_and_no_personal_data() -> None:
    played = Played()
    played.wait(T0 + 4 * HOUR)
    assert in_markdown(played.complaint).splitlines() == [
        "**in work** · owner `engine` · risk 1 · tags engine.stall",
        "governed by `response:1`, due 2026-03-02 05:00:00 UTC",
        "next: `warn:resolution:ordinary` at 2026-03-04 01:00:00 UTC",
        "",
        "- 1. `engine` by dispatch from 2026-03-02 01:00:00 UTC",
        "- breached `response:1`, due 2026-03-02 05:00:00 UTC",
        "- running `response:1` until 2026-03-02 05:00:00 UTC",
        "- running `resolution:ordinary` until 2026-03-05 01:00:00 UTC",
        "- running `progress:2` until 2026-03-04 01:00:00 UTC",
    ]


def test_one_that_is_over_says_that_nothing_runs() -> None:
    played = claimed()
    played.send(cmd.CustomerReply, at=T0 + 2 * HOUR, by=CUSTOMER, answer=cmd.Answer.CONFIRM, round=1)
    assert in_markdown(played.complaint).splitlines()[1:3] == ["no clock runs", "nothing is due"]


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        (timedelta(days=1, hours=2, minutes=3, seconds=4), "1天2小时3分4秒", "1 d 2 h 3 min 4 s"),
        (timedelta(hours=5), "5小时", "5 h"),
        (SECOND, "1秒", "1 s"),
        (DAY, "1天", "1 d"),
    ],
)
def test_a_length_is_told_in_its_units_without_those_that_are_nought(length: timedelta, zh: str, en: str) -> None:
    customers, *_ = stories(Played().complaint, at=T0 + length)
    (sentence,) = customers.sentences
    assert f"，{zh}，" in sentence.zh
    assert f", {en}, " in sentence.en


@pytest.mark.parametrize(("stayed", "told"), [(SECOND / 2, False), (SECOND, True)])
def test_what_lasted_less_than_a_second_is_not_told(stayed: timedelta, told: bool) -> None:
    played = Played()
    played.send(cmd.Contest, at=T0 + stayed, by=ENGINE, **PROOF)
    customers, *_ = stories(played.complaint, at=T0 + HOUR)
    first = "2026-03-02 01:00:00 UTC – 2026-03-02 01:00:01 UTC, 1 s, engine"
    assert customers.sentences[0].en.startswith(first) is told
    assert customers.elapsed == HOUR, "it counts all the same"


def test_the_present_moment_is_told_however_short() -> None:
    customers, *_ = stories(Played().complaint, at=T0 + SECOND / 2)
    assert ", 0 s, " in customers.sentences[0].en
    assert "，0秒，" in customers.sentences[0].zh


def test_instants_are_of_the_zone_that_was_asked_for() -> None:
    customers, *_ = stories(Played().complaint, at=T0 + HOUR, zone=SHANGHAI)
    assert customers.sentences[0].en.startswith("2026-03-02 09:00 (UTC+0800) – 2026-03-02 10:00 (UTC+0800), 1 h, ")
    customers, *_ = stories(Played().complaint, at=T0 + HOUR)
    assert customers.sentences[0].en.startswith("2026-03-02 01:00:00 UTC – 2026-03-02 02:00:00 UTC, 1 h, ")


def test_each_clock_says_whose_it_is() -> None:
    played = Played()
    found = stories(played.complaint, at=T0 + HOUR, names=lambda code: (f"«{code}»", f"<{code}>"))
    assert [(each.clock, each.whose) for each in found] == [
        ("customer", "T-1"),
        ("hop", "engine"),
        ("department", "engine"),
    ]
    assert "«engine»" in found[0].sentences[0].zh
    assert "<engine>" in found[0].sentences[0].en
