from typing import get_args

import pytest

from domain import commands as cmd
from domain.commands import Actor, CallOutcome, Role, RootCause
from domain.complaint import ARBITER, CX_TRIAGE
from domain.events import (
    Closing,
    DisputeCause,
    EscalationCause,
    EscalationRaised,
    Event,
    Origin,
    SupportRequested,
)
from domain.hops import Response
from domain.policy import EscalationLevel
from domain.wording import Language, both
from policy.reading import Department, load
from starter.telling.events import _TOLD, Names, counted, told
from tests.builders import CUSTOMER, DAY, HOUR, NOTE, PHOTO, T0, Played, of

FILES = load()
NAMES = Names(FILES)


def test_every_kind_of_event_is_told() -> None:
    assert set(_TOLD) == set(get_args(get_args(Event)[0]))


def a_stormy_complaint() -> Played:
    """Refused, breached, transferred, claimed, rejected, claimed again, confirmed."""
    played = Played("engine.stall")
    played.send(cmd.Transfer, at=T0 + HOUR, by=of("engine"), to="chassis")
    played.send(cmd.Transfer, at=T0 + HOUR, by=of("engine"), to="chassis", evidence=(PHOTO,), note_id=NOTE)
    played.wait(T0 + DAY)
    for number, answer in enumerate((cmd.Answer.REJECT, cmd.Answer.CONFIRM), start=1):
        at = T0 + DAY * (number + 1)
        played.send(cmd.Claim, at=at, by=of("chassis"), note_id=NOTE, root_cause=RootCause.SOFTWARE)
        played.send(cmd.CustomerReply, at=at + HOUR, by=CUSTOMER, answer=answer, round=number)
    return played


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_whole_story_is_told_in_sentences(language: Language) -> None:
    for event in a_stormy_complaint().events:
        sentence = getattr(told(event, NAMES), language)
        assert sentence.endswith("。" if language == "zh" else "."), sentence
        assert "None" not in sentence
        assert "EventKind" not in sentence


@pytest.mark.parametrize(
    ("kind", "zh", "en"),
    [
        ("transferred", "底盘工程部", "with 1 piece of evidence"),
        ("deemed_accepted", "逾时未响应，视同接单。", "Silence past the response clock: deemed accepted."),
        ("claimed", "根因：软件", "root cause: software"),
        ("command_refused", "“举证转派”未被受理：没有举证", "“Transfer with evidence” was not taken: Without evidence"),
        (
            "claim_rejected",
            "记一次修复失败，计入底盘工程部 100 %",
            "a first-fix failure, charged to Chassis Engineering 100 %",
        ),
        ("closed", "工单关闭：客户确认解决。", "Closed: the customer confirms."),
    ],
)
def test_what_matters_stands_in_the_sentence(kind: str, zh: str, en: str) -> None:
    sentence = told(a_stormy_complaint().all(kind)[0], NAMES)
    assert zh in sentence.zh
    assert en in sentence.en


CODES = [
    *(f"role:{each}" for each in Role),
    *(f"command:{each.model_fields['kind'].default}" for each in get_args(get_args(cmd.Command)[0])),
    *(f"origin:{each}" for each in Origin),
    *(f"response:{each}" for each in Response),
    *(f"dispute:{each}" for each in DisputeCause),
    *(f"level:{each}" for each in EscalationLevel),
    *(f"escalation:{each}" for each in EscalationCause),
    *(f"call:{each}" for each in CallOutcome),
    *(f"closing:{each}" for each in Closing),
    *(f"root_cause:{each}" for each in RootCause),
]


@pytest.mark.parametrize("code", [*CODES, CX_TRIAGE, ARBITER, "customer", "leadership"])
def test_a_code_is_never_told_by_a_departments_name(code: str) -> None:
    zh, en = NAMES.of(code)
    assert (zh, en) == both(code)
    assert zh != code
    assert en.isascii()
    assert code not in {each.id for each in FILES.departments}


@pytest.mark.parametrize("department", FILES.departments, ids=lambda each: each.id)
def test_a_department_is_told_by_its_own_name_whatever_it_is_called(department: Department) -> None:
    assert NAMES.of(department.id) == (department.zh, department.en)
    assert both(department.id) == (department.id, department.id)


@pytest.mark.parametrize(
    ("role", "department", "zh", "en", "reason"),
    [
        (Role.ARBITER, "quality", "质量部仲裁人", "Quality's arbiter", "a department's somebody"),
        (Role.CX, "cx", "客户体验部客服", "Customer Experience's CX agent", "a role that is called like a department"),
        (Role.MANAGER, "electronics", "电子电气部经理", "Electrics and Electronics' manager", "a name in s"),
        (Role.CUSTOMER, "", "客户", "The customer", "of no department"),
    ],
)
def test_who_did_it_stands_first(role: Role, department: str, zh: str, en: str, reason: str) -> None:
    actor = Actor(role=role, department=department)
    sentence = told(SupportRequested(seq=1, at=T0, noticed_at=T0, cause="c", actor=actor, department="body"), NAMES)
    assert sentence.zh.split("：")[0] == zh, reason
    assert sentence.en.split(":")[0] == en, reason


def test_an_escalation_says_its_level() -> None:
    said = {"seq": 1, "at": T0, "noticed_at": T0, "due_at": T0, "to": "service", "why": EscalationCause.AGE}
    raised = [EscalationRaised.model_validate({**said, "level": level}) for level in ("station", "service")]
    assert [told(event, NAMES).en for event in raised] == [
        "Escalated to Service at service-station level, for it has been open too long.",
        "Escalated to Service at service-department level, for it has been open too long.",
    ]
    assert told(raised[0], NAMES).zh == "升级到售后服务部（服务站级），因为超过时限未关闭。"


@pytest.mark.parametrize(
    ("to", "zh", "en", "reason"),
    [
        (
            "leadership",
            "升级到公司领导，因为风险等级高。",
            "Escalated to leadership, for its risk is high.",
            "one word",
        ),
        ("quality", "升级到质量部（公司领导级），", "Escalated to Quality at leadership level, ", "in its place"),
    ],
)
def test_leadership_is_its_own_level(to: str, zh: str, en: str, reason: str) -> None:
    said = {"seq": 1, "at": T0, "noticed_at": T0, "due_at": T0, "to": to, "why": EscalationCause.RISK}
    sentence = told(EscalationRaised.model_validate({**said, "level": "leadership"}), NAMES)
    assert sentence.zh.startswith(zh), reason
    assert sentence.en.startswith(en), reason


@pytest.mark.parametrize(
    ("kind", "zh", "en"),
    [
        ("clock_warned", "亮黄灯，2026-03-02 13:00 (UTC+0800) 到期", "it is due 2026-03-02 13:00 (UTC+0800)"),
        ("clock_breached", "超期（应于 2026-03-02 13:00 (UTC+0800)）", "its due instant, 2026-03-02 13:00 (UTC+0800)"),
    ],
)
def test_a_due_instant_is_told_on_the_companys_wall_clock(kind: str, zh: str, en: str) -> None:
    played = Played("engine.stall")
    played.wait(T0 + DAY)
    sentence = told(played.all(kind)[0], NAMES)
    assert zh in sentence.zh
    assert en in sentence.en


def test_one_is_not_many() -> None:
    assert [counted(number, "transfer") for number in (0, 1, 2)] == ["0 transfers", "1 transfer", "2 transfers"]
    assert [counted(number, "VP copy", many="VP copies") for number in (1, 2)] == ["1 VP copy", "2 VP copies"]
