"""What happened, told for the page; clocks as drawn; hops with what each bears."""

from datetime import timedelta
from itertools import pairwise

from domain import commands as cmd
from ledger.events import RecordedEvent
from policy.reading import load
from starter.api.views import clocks_view
from starter.telling.events import Names
from starter.web.complaint_story import Bar, bars, claim_rows, happenings, hop_rows
from tests.builders import DAY, HOUR, NOTE, PHOTO, T0, Played, of
from tests.ledger.building import eventful

NAMES = Names(load())


def drawn(played: Played, *, at_hour: int) -> tuple[Bar, ...]:
    at = T0 + at_hour * HOUR
    clocks = clocks_view(played.complaint, at=at, names=NAMES)
    return bars(clocks, since=T0, until=played.complaint.closed_at or at)


def test_all_clocks_share_one_axis() -> None:
    played = Played("engine.stall")
    played.send(cmd.Transfer, at=T0 + 2 * HOUR, by=of("engine"), to="chassis", evidence=(PHOTO,), note_id=NOTE)
    customer, hop, engine, chassis = drawn(played, at_hour=8)
    assert [(piece.x, piece.width) for piece in customer.pieces] == [(0, 250), (250, 750)]
    assert [(piece.x, piece.width) for piece in engine.pieces] == [(0, 250)]
    assert hop.pieces == chassis.pieces == customer.pieces[1:]
    assert (engine.elapsed, chassis.elapsed) == (2 * HOUR, 6 * HOUR)


def test_the_shortest_segment_can_be_seen_and_none_leaves_the_axis() -> None:
    for bar in drawn(eventful(), at_hour=400):
        for piece in bar.pieces:
            assert piece.width >= 4
            assert 0 <= piece.x <= 1000 - piece.width + 0.1


def test_what_waits_for_the_customer_is_half_high_and_provisional() -> None:
    played = Played("engine.stall")
    played.send(cmd.Claim, at=T0 + HOUR, by=of("engine"), note_id=NOTE, root_cause=cmd.RootCause.DESIGN)
    last = drawn(played, at_hour=5)[0].pieces[-1]
    assert (last.custody, last.counts, last.is_provisional) == ("verification", False, True)


def test_a_hop_bears_its_breaches_and_its_rejected_claims() -> None:
    played = eventful()
    engine, chassis = hop_rows(played.complaint, played.events, at=T0 + 9 * DAY)
    assert engine.charges == ()
    assert engine.counted == 2 * HOUR
    assert [charge.clock_kind for charge in chassis.charges].count("") == 1
    assert "response" in {charge.clock_kind for charge in chassis.charges}
    assert all(charge.shares == {"chassis": 10_000} for charge in chassis.charges)


def test_the_newest_stands_first_and_nobody_is_told_by_an_id() -> None:
    played = eventful()
    recorded = [RecordedEvent(event, event.at, "") for event in played.events]
    told = happenings(recorded, NAMES, {NOTE: "because"})
    assert all(later.seq > earlier.seq for later, earlier in pairwise(told))
    assert not [each for each in told if "engine-1" in each.sentence.en or "chassis-1" in each.sentence.en]
    refused = next(each for each in told if each.kind == "command_refused")
    assert refused.tone == "quiet"
    assert "“Transfer with evidence” was not taken: Without evidence it stays with you" in refused.sentence.en


def test_claims_stand_with_what_was_said_of_them() -> None:
    played = eventful()
    rows = claim_rows(played.complaint, played.events, {NOTE: "because"})
    assert [(row.claim.round, row.note) for row in rows] == [(2, "because"), (1, "because")]
    assert rows[0].claim.claimed_at - rows[1].claim.claimed_at == timedelta(days=6)
