"""Whose work it is at CX's desk: by level, language, skill, load, and who had it before."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import commands as cmd
from domain.commands import RootCause
from domain.seats import Absence, Duty, Given, Need, Seat, SeatLevel, Seats, Why, need_of, route
from tests.builders import CUSTOMER, HOUR, NOTE, T0, Played, a_policy, of
from tests.plans import PLANS

DAY = date(2026, 3, 2)
AGENT = Seat(id="agent", level=SeatLevel.AGENT, at_most=2)
BATTERY = Seat(id="battery", level=SeatLevel.SENIOR, skills=frozenset({"battery"}), at_most=2)
ENGLISH = Seat(id="english", level=SeatLevel.SENIOR, languages=frozenset({"zh", "en"}), at_most=2)
EXPERT = Seat(id="expert", level=SeatLevel.EXPERT, skills=frozenset({"engine"}), at_most=1)
ALL = Seats(seats=(AGENT, BATTERY, ENGLISH, EXPERT))
TRIAGE = Need(Duty.TRIAGE, SeatLevel.AGENT)
GRAVE = Need(Duty.EXPERT, SeatLevel.EXPERT)


@pytest.mark.parametrize(
    ("need", "load", "before", "given_to"),
    [
        (TRIAGE, {}, "", Given("agent", Why.ANY_SYSTEM)),  # the lowest level that will do
        (TRIAGE._replace(systems=frozenset({"battery"})), {}, "", Given("battery", Why.KNOWS_IT)),
        (TRIAGE._replace(systems=frozenset({"battery"})), {"battery": 2}, "", Given("agent", Why.ANY_SYSTEM)),
        (TRIAGE._replace(systems=frozenset({"glass"})), {"agent": 2, "english": 2}, "", Given("battery", Why.NO_OTHER)),
        (
            TRIAGE._replace(systems=frozenset({"engine"})),
            {},
            "",
            Given("agent", Why.ANY_SYSTEM),
        ),  # the expert is spared
        (TRIAGE, {"agent": 2, "battery": 2, "english": 2}, "", Given("expert", Why.ANY_SYSTEM)),
        (TRIAGE._replace(language="en"), {}, "", Given("english", Why.ANY_SYSTEM)),
        (TRIAGE._replace(language="en"), {"english": 2}, "", None),  # it waits for who speaks it
        (GRAVE._replace(language="en"), {}, "", Given("expert", Why.ANY_SYSTEM)),  # no expert does: it binds nobody
        (TRIAGE, {}, "english", Given("english", Why.HAD_IT)),
        (TRIAGE, {"english": 2}, "english", Given("agent", Why.ANY_SYSTEM)),
        (TRIAGE, {"agent": 1}, "gone", Given("agent", Why.ANY_SYSTEM)),
        (GRAVE, {}, "agent", Given("expert", Why.ANY_SYSTEM)),  # who had it is not of the level
        (GRAVE._replace(systems=frozenset({"engine"})), {}, "", Given("expert", Why.KNOWS_IT)),
        (GRAVE._replace(systems=frozenset({"glass"})), {}, "", Given("expert", Why.NO_OTHER)),
        (GRAVE, {"expert": 1}, "", None),
    ],
)
def test_who_gets_it(need: Need, load: dict[str, int], before: str, given_to: Given | None) -> None:
    assert route(need, ALL, load, day=DAY, before=before) == given_to


def test_of_two_alike_the_one_with_more_of_its_limit_left_gets_it() -> None:
    wide = AGENT.model_copy(update={"id": "wide", "at_most": 10})
    seats = Seats(seats=(AGENT, wide))
    assert route(TRIAGE, seats, {"agent": 1, "wide": 4}, day=DAY) == Given("wide", Why.ANY_SYSTEM)
    assert route(TRIAGE, seats, {"agent": 1, "wide": 6}, day=DAY) == Given("agent", Why.ANY_SYSTEM)


@pytest.mark.parametrize(("day", "is_here"), [(1, True), (2, False), (4, False), (5, True)])
def test_nobody_who_is_away_gets_anything(day: int, is_here: bool) -> None:
    away = AGENT.model_copy(update={"away": (Absence(first=date(2026, 3, 2), last=date(2026, 3, 4)),)})
    found = route(TRIAGE, Seats(seats=(away,)), {}, day=date(2026, 3, day))
    assert (found is not None) == is_here


levels, systems = st.sampled_from(SeatLevel), st.frozensets(st.sampled_from(["engine", "battery", "body"]))
seats_of_any_kind = st.builds(
    Seat,
    id=st.uuids().map(str),
    level=levels,
    skills=systems,
    languages=st.frozensets(st.sampled_from(["zh", "en"]), min_size=1),
    at_most=st.integers(1, 3),
)
needs = st.builds(Need, st.sampled_from(Duty), levels, systems, st.sampled_from(["zh", "en"]))


@given(st.lists(seats_of_any_kind, min_size=1, max_size=5), needs, st.data())
def test_nobody_is_given_what_they_may_not_have_and_nothing_waits_without_a_reason(
    found: list[Seat], need: Need, data: st.DataObject
) -> None:
    seats = Seats(seats=tuple(found))
    load = {each.id: data.draw(st.integers(0, each.at_most)) for each in found}
    before = data.draw(st.sampled_from(["", *load]))
    chosen = route(need, seats, load, day=DAY, before=before)
    of_level = [each for each in found if each.is_of(need.level)]
    heard = [each for each in of_level if need.language in each.languages] or of_level
    could = {each.id: each for each in heard if load[each.id] < each.at_most}
    if chosen is None:
        assert not could
        return
    seat = could[chosen.seat]
    if before in could:
        assert chosen == (before, Why.HAD_IT)
        return
    others = [each for each in could.values() if each.level is not SeatLevel.EXPERT]
    if need.level is not SeatLevel.EXPERT and others:
        assert seat in others, "experts are for what is theirs"
    first = others if seat in others else list(could.values())
    if any(each.skills & need.systems for each in first):
        assert seat.skills & need.systems, "somebody who knows the system had room"


@given(st.integers(1, 6), st.integers(1, 40))
def test_work_is_shared_evenly(people: int, pieces: int) -> None:
    seats = Seats(seats=tuple(AGENT.model_copy(update={"id": f"s{n}", "at_most": 50}) for n in range(people)))
    load: dict[str, int] = {}
    for _ in range(pieces):
        given_to = route(TRIAGE, seats, load, day=DAY)
        assert given_to is not None
        load[given_to.seat] = load.get(given_to.seat, 0) + 1
    counts = [load.get(each.id, 0) for each in seats.seats]
    assert max(counts) - min(counts) <= 1


def test_what_calls_for_a_seat() -> None:
    """Triage and verification do, work of a department does not, and a grave complaint does from first to last."""
    planned = a_policy(plans=PLANS)
    unsorted, plain = Played("nobody.knows", policy=planned), Played("engine.oil", policy=planned)
    grave = Played("engine.oil", policy=planned, tier="vip")
    assert need_of(unsorted.complaint, ALL, systems=["battery"], language="en") == (
        *(Duty.TRIAGE, SeatLevel.AGENT, frozenset({"battery"}), "en"),
    )
    assert need_of(plain.complaint, ALL) is None
    assert need_of(grave.complaint, ALL, systems=["battery"]) == (
        Duty.EXPERT,
        SeatLevel.EXPERT,
        frozenset({"engine"}),
        "zh",
    )
    plain.send(cmd.Claim, at=T0 + HOUR, by=of("engine"), note_id=NOTE, root_cause=RootCause.DESIGN)
    senior = ALL.model_copy(update={"verification_from": SeatLevel.SENIOR})
    assert need_of(plain.complaint, senior) == (Duty.VERIFICATION, SeatLevel.SENIOR, frozenset({"engine"}), "zh")
    for each in (plain, grave):
        if each is grave:
            each.send(cmd.Claim, at=T0 + HOUR, by=of("engine"), note_id=NOTE, root_cause=RootCause.DESIGN)
        each.send(cmd.CustomerReply, at=T0 + 2 * HOUR, by=CUSTOMER, answer=cmd.Answer.CONFIRM, round=1)
        assert need_of(each.complaint, ALL) is None


def test_a_seat_is_found_by_its_name_alone() -> None:
    assert ALL.named("english") == ENGLISH
    assert ALL.named("nobody") is None
