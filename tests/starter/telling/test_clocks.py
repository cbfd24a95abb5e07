"""The clocks told to people: by name, on the company's wall clock, and without moments nobody can see."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from domain import commands as cmd
from domain.complaint import Complaint, Stage
from domain.custody import customer_total, segments
from domain.deadlines import next_due
from domain.explanations import deadline_told, stories
from policy.reading import load
from starter.api.views import clocks_view, standing
from starter.telling.complaints import in_rich
from starter.telling.events import Names
from tests.builders import CX, DAY, HOUR, SECOND, T0, Played, a_policy, of
from tests.domain.scenes import PROOF, ask, at_stage

ZONE = "Asia/Shanghai"
NAMES = Names(load())


def test_a_segment_names_who_had_it_and_tells_the_time_of_the_company() -> None:
    [story, *_] = stories(Played("brakes.noise").complaint, at=T0 + HOUR, names=NAMES.of, zone=ZONE)
    [said] = story.sentences
    assert said.zh == (
        "2026-03-02 09:00 (UTC+0800) – 2026-03-02 10:00 (UTC+0800)，1小时，底盘工程部：责任部门处理，计时。"
    )
    assert said.en.endswith("1 h, Chassis Engineering: the department's turn; it counts.")


@pytest.mark.parametrize(
    ("triage", "told", "reason"),
    [
        (timedelta(milliseconds=999), ["turn"], "nobody sees it"),
        (SECOND, ["triage", "turn"], "a second is a length"),
    ],
)
def test_a_moment_is_not_told_and_yet_counts(triage: timedelta, told: list[str], reason: str) -> None:
    played = Played("nobody.knows")
    played.send(cmd.Reclassify, at=T0 + triage, by=CX, tags=("engine.oil",))
    customer = stories(played.complaint, at=T0 + HOUR)[0]
    assert [segment.custody for segment in customer.segments] == told, reason
    assert len(customer.sentences) == len(told)
    assert customer.elapsed == customer_total(played.complaint, at=T0 + HOUR) == HOUR


def test_the_one_who_has_it_now_is_told_from_the_first_moment() -> None:
    played = Played("nobody.knows")
    played.send(cmd.Reclassify, at=T0 + HOUR, by=CX, tags=("engine.oil",))
    customer = stories(played.complaint, at=T0 + HOUR + timedelta(milliseconds=1))[0]
    assert [segment.custody for segment in customer.segments] == ["triage", "turn"]


def test_a_dispute_leaves_triage_as_it_was() -> None:
    played = at_stage(Stage.TRIAGE)
    ask(played, cmd.Reclassify, tags=("engine.oil",))
    ask(played, cmd.Contest, by=of("engine"), **PROOF)
    held = segments(played.complaint, at=T0 + DAY)
    assert [(each.custody, each.is_provisional) for each in held] == [
        ("triage", False),
        ("turn", False),
        ("arbitration", True),
    ]


def next_told(complaint: Complaint) -> tuple[str, str, str]:
    due = next_due(complaint)
    assert due
    said = deadline_told(due, zone=ZONE)
    return due.rule, said.zh, said.en


def waited(played: Played, *, until: datetime) -> Complaint:
    played.wait(until)
    return played.complaint


@pytest.mark.parametrize(
    ("complaint", "rule", "zh", "en"),
    [
        pytest.param(
            Played("engine.oil").complaint,
            "warn:response:1",
            "2026-03-02 11:40 (UTC+0800) 响应时限亮黄灯。",
            "The response clock turns yellow at 2026-03-02 11:40 (UTC+0800).",
            id="yellow",
        ),
        pytest.param(
            waited(Played("engine.oil"), until=T0 + 3 * HOUR),
            "breach:response:1",
            "2026-03-02 13:00 (UTC+0800) 响应时限到期，亮红灯。",
            "The response clock turns red at 2026-03-02 13:00 (UTC+0800).",
            id="red",
        ),
        pytest.param(
            at_stage(Stage.VERIFICATION).complaint,
            "remind:1.1",
            "2026-03-03 10:00 (UTC+0800) 第 1 次提醒客户答复。",
            "The customer is reminded to answer, reminder 1, at 2026-03-03 10:00 (UTC+0800).",
            id="a reminder",
        ),
        pytest.param(
            waited(Played("engine.oil"), until=T0 + 4 * DAY + 23 * HOUR),
            "escalate:service",
            "2026-03-07 09:00 (UTC+0800) 未关闭则升级到服务部级。",
            "If it is still open it is escalated to service-department level at 2026-03-07 09:00 (UTC+0800).",
            id="an escalation",
        ),
    ],
)
def test_the_next_deadline_is_a_sentence(complaint: Complaint, rule: str, zh: str, en: str) -> None:
    assert next_told(complaint) == (rule, zh, en)


def test_the_api_tells_the_next_deadline_beside_its_rule() -> None:
    complaint = Played("brakes.noise").complaint
    views = standing(complaint, at=T0), clocks_view(complaint, at=T0, names=NAMES)
    for due in (view.next_deadline for view in views):
        assert due
        assert due.rule == "warn:response:1"
        assert due.sentence.en == "The response clock turns yellow at 2026-03-02 11:40 (UTC+0800)."


def test_a_provisional_due_time_is_said_to_be_so_wherever_it_is_shown() -> None:
    policy = a_policy(clocks={"response": "300 working_days"})
    known = policy.calendar.model_copy(update={"years": (T0.year,)})
    c = Played("brakes.noise", policy=policy.model_copy(update={"calendar": known})).complaint
    clocks = clocks_view(c, at=T0, names=NAMES)
    assert {clock.kind: clock.is_provisional for clock in clocks.running if clock.is_provisional} == {"response": True}
    found: dict[str, Any] = {"ticket_no": "T-1", "sentence": {"en": "", "zh": ""}, "timeline": {"items": []}}
    found |= {"complaint": standing(c, at=T0).model_dump(mode="json"), "clocks": clocks.model_dump(mode="json")}
    found["risk"] = {"level": 1, "story": None}
    for language, word in (("zh", "暂定"), ("en", "provisional")):
        console = Console(record=True, width=200, file=StringIO())
        console.print(in_rich(found, names=NAMES, language="zh" if language == "zh" else "en"))
        assert console.export_text().count(word) == 1
