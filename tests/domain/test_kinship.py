"""Complaints of one vehicle: the same report twice, a repeat, or a fault that came back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import commands as cmd
from domain.commands import RootCause
from domain.kinship import Bond, Inherited, Kin, Relation, Windows, inherited, may_join, relations
from tests.builders import CUSTOMER, CX, DAY, HOUR, NOTE, T0, Played, of

WINDOWS = Windows(came_back=30 * DAY, same_report=3 * DAY, repeat=90 * DAY)
SECOND = timedelta(seconds=1)


def a_complaint(ticket_no: str, tag: str = "engine.stall", *, at: datetime = T0, channel: str = "hotline") -> Played:
    return Played(tag, ticket_no=ticket_no, at=at, channel=channel)


def closed(ticket_no: str) -> Played:
    """Claimed by the engine department and confirmed by the customer two days after T0."""
    played = a_complaint(ticket_no)
    played.send(cmd.Claim, at=T0 + DAY, by=of("engine"), note_id=NOTE, root_cause=RootCause.DESIGN)
    played.send(cmd.CustomerReply, at=T0 + 2 * DAY, by=CUSTOMER, answer=cmd.Answer.CONFIRM, round=1)
    return played


@pytest.mark.parametrize(
    ("after", "channel", "kin"),
    [
        (3 * DAY, "app", Kin.SAME_REPORT),
        (3 * DAY + SECOND, "app", Kin.REPEAT),
        (HOUR, "hotline", Kin.REPEAT),  # who calls again tells of something new
        (90 * DAY, "hotline", Kin.REPEAT),
        (90 * DAY + SECOND, "hotline", None),
    ],
)
def test_how_an_open_complaint_is_followed(after: timedelta, channel: str, kin: Kin | None) -> None:
    first, second = a_complaint("T-1"), a_complaint("T-2", at=T0 + after, channel=channel)
    found = relations(second.complaint, (first.complaint, second.complaint), WINDOWS)
    assert found == ((Relation(kin, "T-1"),) if kin else ())


@pytest.mark.parametrize(
    ("after_closing", "relation"),
    [
        (timedelta(), Relation(Kin.CAME_BACK, "T-1", "engine")),
        (30 * DAY, Relation(Kin.CAME_BACK, "T-1", "engine")),
        (30 * DAY + SECOND, Relation(Kin.REPEAT, "T-1")),
    ],
)
def test_a_fault_that_comes_back_after_its_closing_is_charged_to_who_claimed(
    after_closing: timedelta, relation: Relation
) -> None:
    second = a_complaint("T-2", at=T0 + 2 * DAY + after_closing)
    assert relations(second.complaint, (closed("T-1").complaint,), WINDOWS) == (relation,)


@pytest.mark.parametrize(
    ("later", "joins", "reason"),
    [
        ({}, True, "nothing new"),
        ({"tag": "engine.noise"}, False, "another fault of the same system"),
        ({"channel": "hotline"}, False, "who calls again tells of something new"),
        ({"age": 8 * DAY}, False, "an archive that is brought in"),
    ],
)
def test_what_is_merged_without_anybody_looking(later: dict[str, Any], joins: bool, reason: str) -> None:
    fields = {"channel": "app", **later}
    at, age = T0 + HOUR, fields.pop("age", timedelta())
    first = Played("engine.stall", ticket_no="T-1", at=T0, channel="hotline", created_at=T0 - age)
    second = Played(fields.pop("tag", "engine.stall"), ticket_no="T-2", at=at, created_at=at - age, **fields)
    found = relations(second.complaint, (first.complaint,), WINDOWS)
    assert [may_join(second.complaint, first.complaint, each.kin) for each in found] == [joins], reason


def test_what_the_customer_took_back_was_claimed_by_nobody() -> None:
    first, second = a_complaint("T-1"), a_complaint("T-2", at=T0 + DAY)
    first.send(cmd.Withdraw, at=T0 + HOUR, by=CX)
    assert relations(second.complaint, (first.complaint,), WINDOWS) == (Relation(Kin.REPEAT, "T-1"),)


def test_another_system_is_another_matter_and_the_earlier_is_nothing_to_the_later() -> None:
    first, second = a_complaint("T-1", "brakes.noise"), a_complaint("T-2", at=T0 + HOUR)
    assert relations(second.complaint, (first.complaint,), WINDOWS) == ()
    assert relations(closed("T-1").complaint, (second.complaint,), WINDOWS) == ()


def test_a_repeat_inherits_what_the_customer_went_through() -> None:
    second = a_complaint("T-2", at=T0 + 5 * DAY).complaint
    third = a_complaint("T-3", at=T0 + 6 * DAY).complaint
    known = (closed("T-1").complaint, second, third)
    assert inherited(third, known, WINDOWS) == Inherited(complaints=2, hops=2, first_fix_failures=1)
    assert inherited(known[0], known, WINDOWS) == Inherited()


def test_the_same_report_and_what_was_merged_are_not_counted_twice() -> None:
    first, double = closed("T-1").complaint, a_complaint("T-2", at=T0 + HOUR)
    double.send(cmd.MergeInto, at=T0 + 2 * HOUR, by=CX, ticket_no="T-1")
    third = a_complaint("T-3", at=T0 + 5 * DAY).complaint
    known = (first, double.complaint, third)
    assert inherited(third, known, WINDOWS).complaints == 1
    assert inherited(a_complaint("T-4", at=T0 + HOUR, channel="app").complaint, known, WINDOWS) == Inherited()


@pytest.mark.parametrize(
    ("bond", "kin"),
    [(Bond.VEHICLE, Kin.SAME_REPORT), (Bond.CUSTOMER, Kin.SAME_REPORT), (Bond.OTHER_VEHICLE, Kin.REPEAT)],
)
def test_another_vehicle_of_the_customer_tells_of_something_new(bond: Bond, kin: Kin) -> None:
    second = a_complaint("T-2", at=T0 + HOUR, channel="app").complaint
    assert relations(second, (a_complaint("T-1").complaint,), WINDOWS, bond=bond) == (Relation(kin, "T-1"),)


@pytest.mark.parametrize("bond", [Bond.CUSTOMER, Bond.OTHER_VEHICLE])
def test_no_department_is_charged_unless_it_is_the_same_vehicle(bond: Bond) -> None:
    second = a_complaint("T-2", at=T0 + 3 * DAY).complaint
    assert relations(second, (closed("T-1").complaint,), WINDOWS, bond=bond) == (Relation(Kin.REPEAT, "T-1"),)


def test_the_latest_comes_first() -> None:
    first, second, third = (a_complaint(f"T-{n}", at=T0 + n * DAY) for n in (1, 2, 3))
    others = (second.complaint, first.complaint)
    assert [each.ticket_no for each in relations(third.complaint, others, WINDOWS)] == ["T-2", "T-1"]


def test_another_fault_of_the_same_vehicle_has_not_come_back() -> None:
    later = a_complaint("T-2", "engine.oil", at=T0 + 3 * DAY)
    assert relations(later.complaint, (closed("T-1").complaint,), WINDOWS) == (Relation(Kin.REPEAT, "T-1"),)


def test_what_the_customer_withdrew_rests_on_nobodys_claim() -> None:
    """A claim stood unanswered then: its department is not charged for the fault that is there again."""
    first = a_complaint("T-1")
    first.send(cmd.Claim, at=T0 + DAY, by=of("engine"), note_id=NOTE, root_cause=RootCause.DESIGN)
    first.send(cmd.Withdraw, at=T0 + 2 * DAY, by=CUSTOMER)
    later = a_complaint("T-2", at=T0 + 3 * DAY)
    assert relations(later.complaint, (first.complaint,), WINDOWS) == (Relation(Kin.REPEAT, "T-1"),)


def test_what_failed_before_and_what_came_back_are_counted_together() -> None:
    first = a_complaint("T-1")
    for round_, answer in ((1, cmd.Answer.REJECT), (2, cmd.Answer.CONFIRM)):
        at = T0 + round_ * DAY
        first.send(cmd.Claim, at=at, by=of("engine"), note_id=NOTE, root_cause=RootCause.DESIGN)
        first.send(cmd.CustomerReply, at=at + HOUR, by=CUSTOMER, answer=answer, round=round_)
    later = a_complaint("T-2", at=T0 + 5 * DAY)
    found = inherited(later.complaint, (first.complaint,), WINDOWS)
    assert found == Inherited(complaints=1, hops=1, first_fix_failures=2), "one rejected, and one that came back"
