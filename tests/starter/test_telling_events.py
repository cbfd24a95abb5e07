from typing import get_args

import pytest

from domain import commands as cmd
from domain.commands import RootCause
from domain.events import Event
from domain.wording import Language
from policy.reading import load
from starter.telling_events import _TOLD, Names, told
from tests.builders import CUSTOMER, DAY, HOUR, NOTE, PHOTO, T0, Played, of

NAMES = Names(load())


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
