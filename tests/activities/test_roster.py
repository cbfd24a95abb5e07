"""The roster, on the policy that ships."""

import pytest

from activities.roster import PolicyRoster
from domain.outlets import Audience
from policy import reading

ROSTER = PolicyRoster(reading.load())


@pytest.mark.parametrize(
    ("audience", "department", "count"),
    [
        pytest.param(Audience.RESPONDERS, "quality", 2, id="all who answer for it"),
        pytest.param(Audience.VP, "quality", 1, id="its one vice president"),
        pytest.param(Audience.RESPONDERS, "nowhere", 0, id="nobody in a department that does not exist"),
        pytest.param(Audience.CUSTOMER, "", 0, id="the customer stands on the ticket"),
    ],
)
def test_a_notice_goes_to_whoever_holds_the_post(audience: Audience, department: str, count: int) -> None:
    addresses = ROSTER.addresses(audience, department)
    assert len(addresses) == len(set(addresses)) == count


@pytest.mark.parametrize("audience", [each for each in Audience if each is not Audience.CUSTOMER])
def test_every_audience_is_somebody(audience: Audience) -> None:
    assert ROSTER.addresses(audience, "quality")


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        pytest.param("quality", "质量部", "Quality", id="a department"),
        pytest.param("leadership", "公司领导", "leadership", id="above all departments"),
        pytest.param("cx-triage", "客服分拣台", "CX triage", id="an owner that is none"),
        pytest.param("clock:response", "响应时限", "response clock", id="a clock"),
        pytest.param("disbanded", "disbanded", "disbanded", id="a department that is no more"),
    ],
)
def test_a_code_has_a_name_people_know(code: str, zh: str, en: str) -> None:
    assert (ROSTER.name(code, "zh"), ROSTER.name(code, "en")) == (zh, en)


def test_tags_are_told_by_their_names() -> None:
    assert ROSTER.tags(("engine.stall", "engine.noise"), "zh") == "行驶中动力消失、发动机异响"
    assert ROSTER.tags(("engine.stall", "my.own"), "en") == "Loss of drive power while driving, my.own"


def test_the_clocks_on_the_wall_are_the_calendars() -> None:
    assert ROSTER.zone == "Asia/Shanghai"
