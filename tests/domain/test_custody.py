"""Who has had it from when to when, and what of it counts: the three clocks are sums over these segments."""

from typing import Any

import pytest

from domain import commands as cmd
from domain.complaint import Stage
from domain.custody import customer_total, department_total, hop_total, segments
from domain.explanations import stories
from tests.builders import CX, DAY, HOUR, T0, Played, a_policy
from tests.domain.histories import live, scripts
from tests.domain.scenes import CHASSIS, ENGINE, PROOF, ask, at_stage, transferred


def told(played: Played, *, hours: int) -> list[tuple[str, str, float, bool]]:
    held = segments(played.complaint, at=T0 + hours * HOUR)
    return [(each.holder, each.custody, each.length / HOUR, each.counts) for each in held]


def test_time_burnt_stays_with_the_one_who_burnt_it() -> None:
    played = transferred()
    ask(played, cmd.Accept, by=CHASSIS, at=T0 + 3 * HOUR)
    assert told(played, hours=10) == [("engine", "turn", 1, True), ("chassis", "turn", 9, True)]


def test_triage_is_no_departments() -> None:
    played = at_stage(Stage.TRIAGE)
    ask(played, cmd.Reclassify, tags=("engine.oil",), at=T0 + 2 * HOUR)
    assert told(played, hours=3) == [("cx-triage", "triage", 2, False), ("engine", "turn", 1, True)]


@pytest.mark.parametrize(
    ("owner", "expected", "reason"),
    [
        ("engine", [("engine", "turn", 10, True)], "refuted: as if it had never stopped"),
        ("chassis", [("engine", "turn", 1, True), ("chassis", "turn", 9, True)], "the contest was unfounded"),
        (
            "body",
            [
                ("engine", "turn", 1, True),
                ("chassis", "turn", 1, True),
                ("arbiter", "arbitration", 4, False),
                ("body", "turn", 4, True),
            ],
            "a third party begins at the ruling",
        ),
    ],
)
def test_a_ruling_changes_custody_back_to_front(owner: str, expected: list[Any], reason: str) -> None:
    played = transferred()
    ask(played, cmd.Contest, by=CHASSIS, at=T0 + 2 * HOUR)
    assert told(played, hours=6)[-1] == ("arbiter", "arbitration", 4, False)
    ask(played, cmd.Arbitrate, owner=owner, at=T0 + 6 * HOUR)
    assert told(played, hours=10) == expected, reason


@pytest.mark.parametrize(
    ("policy", "counts", "total", "reason"),
    [
        (a_policy(), True, 30, "unstop: the wait was the department's after all"),
        (a_policy(verification={"on_rejection": "resume"}), False, 6, "resume: it was not"),
    ],
)
def test_a_rejected_claims_wait(policy: Any, counts: bool, total: int, reason: str) -> None:
    played = at_stage(Stage.VERIFICATION, policy=policy)
    waiting = segments(played.complaint, at=T0 + 3 * HOUR)[-1]
    assert (waiting.custody, waiting.counts, waiting.is_provisional) == ("verification", False, True)
    ask(played, cmd.CustomerReply, answer="reject", at=T0 + HOUR + DAY)
    assert told(played, hours=30)[1] == ("engine", "rejected", 24, counts)
    assert department_total(played.complaint, "engine", at=T0 + 30 * HOUR) == total * HOUR, reason


def test_a_confirmed_claims_wait_is_not_the_departments_but_the_customers() -> None:
    played = at_stage(Stage.VERIFICATION)
    ask(played, cmd.CustomerReply, at=T0 + HOUR + DAY)
    assert department_total(played.complaint, "engine", at=T0 + 90 * DAY) == HOUR
    assert customer_total(played.complaint, at=T0 + 90 * DAY) == HOUR + DAY


def test_segments_sum_exactly_to_what_the_customer_waited() -> None:
    for script in scripts(3, count=40, length=16):
        life = live(script)
        c, at = life.complaint, life.now
        held = segments(c, at=at)
        counted = sum((hop_total(c, hop, at=at) for hop in c.hops), 0 * HOUR)
        uncounted = sum((each.length for each in held if not each.counts), 0 * HOUR)
        assert counted + uncounted == customer_total(c, at=at) == (c.closed_at or at) - c.ticket.created_at
        by_department = {hop.department: department_total(c, hop.department, at=at) for hop in c.hops}
        assert sum(by_department.values(), 0 * HOUR) == counted


def test_each_clock_tells_itself_segment_by_segment_in_both_languages() -> None:
    played = transferred()
    ask(played, cmd.Contest, by=CHASSIS, at=T0 + 2 * HOUR, **PROOF)
    told_now = stories(played.complaint, at=T0 + 6 * HOUR)
    assert [(story.clock, story.whose) for story in told_now] == [
        ("customer", "T-1"),
        ("hop", "chassis"),
        ("department", "engine"),
        ("department", "chassis"),
    ]
    customer = told_now[0]
    assert len(customer.sentences) == len(customer.segments) == 3
    assert customer.sentences[0].en == (
        "2026-03-02 01:00:00 UTC – 2026-03-02 02:00:00 UTC, 1 h, engine: the department's turn; it counts."
    )
    assert customer.sentences[2].zh.endswith("4小时，仲裁人：仲裁处理，不计入部门（待定，裁定或答复后可能改变）。")


def test_what_was_in_triage_stays_so_though_it_is_disputed_later() -> None:
    played = at_stage(Stage.TRIAGE)
    played.send(cmd.Reclassify, at=T0 + HOUR, by=CX, tags=("engine.stall",))
    played.send(cmd.Contest, at=T0 + 2 * HOUR, by=ENGINE, **PROOF)
    triage, *_, disputed = segments(played.complaint, at=T0 + 3 * HOUR)
    assert (triage.custody, triage.is_provisional) == ("triage", False)
    assert (disputed.custody, disputed.is_provisional) == ("arbitration", True)
