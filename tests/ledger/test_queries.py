"""Lists: filtered, ordered, paged, and lit by the instant at which they are asked for."""

from pathlib import Path

import pytest

from domain import commands as cmd
from domain.clocks import governing, light
from domain.complaint import Stage
from domain.deadlines import next_due
from domain.lights import Light
from ledger import queries, tickets
from ledger.queries import BadCursor, ComplaintFilter
from tests.builders import CX, DAY, HOUR, NOTE, SECOND, T0, Played, of
from tests.ledger.building import a_ledger, a_whole_ticket, eventful, recorded, withdrawn

EVERYTHING = ComplaintFilter()


def opened(ticket_no: str, *tags: str, hours: int = 0) -> Played:
    """Dispatched `hours` after T0 and not answered."""
    return Played(*tags, ticket_no=ticket_no, at=T0 + hours * HOUR)


async def test_a_row_says_what_the_domain_says(tmp_path: Path) -> None:
    played = opened("T-1")
    clock, due = governing(played.complaint), next_due(played.complaint)
    assert clock is not None
    assert due is not None
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, played)
        (row,) = (await queries.complaints(engine, EVERYTHING, at=T0)).items
    assert (row.owner, row.desk, row.stage, row.seq) == ("engine", "engine", Stage.DISPATCHED, 2)
    assert (row.clock_kind, row.due_at) == (clock.kind, clock.due_at)
    assert (row.next_rule, row.next_due_at) == (due.rule, due.due_at)


async def test_the_light_turns_with_the_instant_alone(tmp_path: Path) -> None:
    played = opened("T-1")
    clock = governing(played.complaint)
    assert clock is not None
    instants = (T0, clock.yellow_at - SECOND, clock.yellow_at, clock.due_at - SECOND, clock.due_at, clock.due_at + DAY)
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, played)
        shown = [(await queries.complaints(engine, EVERYTHING, at=at)).items[0].light for at in instants]
    assert shown == [light(played.complaint, at=at) for at in instants]
    assert set(shown) == set(Light)


async def test_a_closed_complaint_is_green_for_ever_and_stands_last(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, withdrawn("T-1"), opened("T-2"))
        page = await queries.complaints(engine, EVERYTHING, at=T0 + 1000 * DAY)
    assert [(row.ticket_no, row.light) for row in page.items] == [("T-2", Light.RED), ("T-1", Light.GREEN)]


@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        ({}, ["T-1", "T-3", "T-2", "T-4"]),  # by due instant; closed last
        ({"department": "engine"}, ["T-1", "T-4"]),
        ({"department": "cx"}, ["T-3"]),  # triage lies at the desk of CX
        ({"stage": "dispatched"}, ["T-1", "T-2"]),
        ({"light": "red"}, ["T-1", "T-3"]),
        ({"light": "green", "department": "engine"}, ["T-4"]),
        ({"tag": "engine.stall"}, ["T-1", "T-2", "T-4"]),  # whichever place the tag has
        ({"tag": "noise"}, ["T-2"]),
        ({"vin": "LVSHCAMB1CE000001"}, ["T-1"]),
        ({"vin": "LVSHCAMB1CE999999"}, []),
    ],
)
async def test_a_list_shows_what_was_asked_for(tmp_path: Path, filters: dict[str, str], shown: list[str]) -> None:
    plays = (
        opened("T-1", "engine.stall"),
        opened("T-2", "noise", "engine.stall", hours=3),
        opened("T-3", "never.heard.of", hours=2),
        withdrawn("T-4"),
    )
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, *plays)
        await tickets.keep(engine, a_whole_ticket("T-1"), received_at=T0)
        page = await queries.complaints(engine, ComplaintFilter.model_validate(filters), at=T0 + 4 * HOUR)
    assert [row.ticket_no for row in page.items] == shown


@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        ({"working_on": "engine"}, ["T-1", "T-2", "T-4"]),  # its own, also closed, and what it helps with
        ({"working_on": "engine", "is_open": True}, ["T-1", "T-2"]),
        ({"working_on": "body"}, []),
        ({"is_open": False}, ["T-4"]),
        ({"waits_for": "engine"}, ["T-1"]),
        ({"waits_for": "customer"}, ["T-5"]),
        ({"waits_for": "cx"}, ["T-3"]),
        ({"owner": "cx-triage"}, ["T-3"]),
        ({"risk_at_least": 4}, ["T-3"]),
        ({"tier": "vip"}, ["T-3"]),
        ({"tier": "ordinary", "is_open": True}, ["T-1", "T-2", "T-5"]),
        ({"is_red_line": True}, []),
        ({"is_grey": False, "stage": "closed"}, ["T-4"]),
        ({"created_from": T0 + 2 * HOUR, "created_to": T0 + 3 * HOUR}, ["T-3"]),  # half-open
        ({"text": "熄火"}, ["T-1"]),
        ({"text": "熄火", "owner": "chassis"}, []),
    ],
)
async def test_a_queue_shows_what_was_asked_for(tmp_path: Path, filters: dict[str, object], shown: list[str]) -> None:
    helped, claimed = opened("T-2", "brakes.noise", hours=3), opened("T-5", "brakes.noise", hours=4)
    helped.send(cmd.RequestSupport, at=T0 + 4 * HOUR, by=of(helped.complaint.owner), department="engine")
    claimed.send(
        cmd.Claim, at=T0 + 5 * HOUR, by=of(claimed.complaint.owner), note_id=NOTE, root_cause=cmd.RootCause.DESIGN
    )
    key = Played("never.heard.of", ticket_no="T-3", at=T0 + 2 * HOUR, risk_level=4, tier="vip")
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, opened("T-1", "engine.stall"), helped, key, withdrawn("T-4"), claimed)
        await tickets.keep(engine, a_whole_ticket("T-1"), received_at=T0)
        page = await queries.complaints(engine, ComplaintFilter.model_validate(filters), at=T0 + 4 * HOUR)
    assert sorted(row.ticket_no for row in page.items) == shown


async def test_pages_show_each_complaint_once_while_others_come_in(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, *(opened(f"T-{number}", hours=number % 3) for number in range(9)))
        expected = [row.ticket_no for row in (await queries.complaints(engine, EVERYTHING, at=T0)).items]
        seen, cursor = list[str](), None
        for turn in range(5):
            page = await queries.complaints(engine, EVERYTHING, at=T0, cursor=cursor, limit=2)
            seen, cursor = seen + [row.ticket_no for row in page.items], page.next_cursor
            # One that would have stood on a page already shown.
            await recorded(engine, opened(f"A-{turn}", hours=-1))
    assert seen == expected
    assert cursor is None


@pytest.mark.parametrize("cursor", ["x", "!!", "bnVsbA==", "WyJ4IiwgMV0=", "WyIyMDI2LTAxLTAxIiwgIlQiXQ==", "车"])
async def test_a_cursor_that_is_not_ours_is_refused_in_a_sentence(tmp_path: Path, cursor: str) -> None:
    async with a_ledger(tmp_path) as engine:
        with pytest.raises(BadCursor, match="begin again without it"):
            await queries.complaints(engine, EVERYTHING, at=T0, cursor=cursor)


async def test_a_complaint_nobody_opened_is_none(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        assert await queries.complaint(engine, "T-1") is None


async def test_a_deadline_counts_as_unhandled_only_past_its_grace(tmp_path: Path) -> None:
    played = opened("T-1")
    due = next_due(played.complaint)
    assert due is not None
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, played, withdrawn("T-2"))
        within = await queries.overdue_unhandled(engine, at=due.due_at + HOUR, grace=HOUR)
        past = await queries.overdue_unhandled(engine, at=due.due_at + HOUR + SECOND, grace=HOUR)
    assert within == ()
    assert [(row.ticket_no, row.next_rule) for row in past] == [("T-1", due.rule)]


async def test_each_department_is_counted_with_what_it_met(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, eventful("T-1"), eventful("T-2"), withdrawn("T-3"))
        chassis, engine_row = await queries.department_table(engine)
    assert engine_row.model_dump(exclude_defaults=True) == {
        "department": "engine",
        "hops": 3,
        "transfers_made": 2,
        "transfers_refused": 2,
    }
    assert chassis.model_dump(exclude_defaults=True) == {
        "department": "chassis",
        "hops": 2,
        "response_breaches": 2,
        "deemed_acceptances": 2,
        "claims": 4,
        "first_fix_failures": 2,
        "reds": 4,  # response and resolution, each
    }


async def test_the_totals_agree_with_what_was_played(tmp_path: Path) -> None:
    plays = (eventful("T-1"), withdrawn("T-2"), opened("T-3"))
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, *plays)
        totals = await queries.totals(engine)
    assert (totals.complaints, totals.open, totals.closed) == (3, 1, 2)
    assert totals.closings == {"confirmed": 1, "withdrawn": 1}
    assert totals.events == sum(len(played.events) for played in plays)
    assert (totals.transfers, totals.transfers_refused) == (1, 1)
    assert (totals.response_breaches, totals.first_fix_failures, totals.escalations) == (1, 1, 1)


async def test_a_contested_complaint_lies_at_the_arbiters_desk(tmp_path: Path) -> None:
    played = opened("T-1")
    played.send(cmd.Contest, at=T0 + HOUR, by=of("engine"), evidence=())
    played.send(cmd.Reclassify, at=T0 + 2 * HOUR, by=CX, tags=("body.paint",))
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, played)
        (row,) = (await queries.complaints(engine, EVERYTHING, at=T0)).items
    assert (row.stage, row.owner, row.desk) == (
        played.complaint.stage,
        played.complaint.owner,
        played.complaint.desk,
    )
