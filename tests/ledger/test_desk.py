"""CX's piles, against a few complaints whose lives are known."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import commands as cmd
from domain.commands import CallOutcome, RootCause
from domain.policy import EscalationLevel
from ledger.database import reading
from ledger.desk import Height, Pile, heights, pile, raised
from tests.builders import CX, HOUR, NOTE, PHOTO, T0, Played, of
from tests.ledger.building import a_ledger, recorded, withdrawn

NOW = T0 + 5 * HOUR


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, *lives())
        yield engine


def lives() -> list[Played]:
    """D-1 and D-2 are nobody's, D-3 is to be called, D-4 was called in vain, D-5 is disputed, D-6 cannot be coordinated
    and has been acknowledged by the service department, D-7 by nobody; D-8 is closed and was escalated.
    """
    unsorted, later = Played("nobody.knows", ticket_no="D-1"), Played(ticket_no="D-2", tags=(), at=T0 + 4 * HOUR)
    claimed, called, disputed = Played(ticket_no="D-3"), Played(ticket_no="D-4"), Played(ticket_no="D-5")
    for each in (claimed, called):
        each.send(cmd.Claim, at=T0 + HOUR, by=of("engine"), note_id=NOTE, root_cause=RootCause.DESIGN)
    called.send(cmd.RecordVerificationCall, at=T0 + 2 * HOUR, by=CX, outcome=CallOutcome.UNREACHED)
    disputed.send(cmd.Contest, at=T0 + HOUR, by=of("engine"), evidence=(PHOTO,), note_id=NOTE)
    seen, unseen, gone = Played(ticket_no="D-6"), Played(ticket_no="D-7"), withdrawn("D-8")
    for each in (seen, unseen):
        each.send(cmd.Escalate, at=T0 + HOUR, by=CX)
    seen.send(cmd.Acknowledge, at=T0 + 2 * HOUR, by=of("service"), level=EscalationLevel.SERVICE)
    return [unsorted, later, claimed, called, disputed, seen, unseen, gone]


@pytest.mark.parametrize(
    ("which", "shown"),
    [
        (Pile.TRIAGE, ["D-1", "D-2"]),  # the older is the more urgent
        (Pile.CALLS, ["D-4", "D-3"]),  # a call in vain is to be made again within a day
        (Pile.UNREACHED, ["D-4"]),
        (Pile.ARBITRATION, ["D-5"]),
    ],
)
async def test_a_pile_holds_what_is_up_to_the_desk(engine: AsyncEngine, which: Pile, shown: list[str]) -> None:
    assert [each.ticket.ticket_no for each in await pile(engine, which)] == shown


async def test_a_complaint_comes_whole(engine: AsyncEngine) -> None:
    (called,) = await pile(engine, Pile.UNREACHED)
    assert called.claims[-1].calls == (T0 + 2 * HOUR,)
    assert called.policy.verification.unreachable_attempts > 0


async def test_the_piles_are_counted_with_their_reds(engine: AsyncEngine) -> None:
    found = await heights(engine, at=NOW)
    assert found[Pile.TRIAGE] == Height(total=2, red=1)
    assert found[Pile.CALLS] == Height(total=2, red=0)
    assert found[Pile.UNREACHED].total == 1
    assert found[Pile.ESCALATIONS].total == 1


async def test_only_what_nobody_acknowledged_is_raised(engine: AsyncEngine) -> None:
    (found,) = await raised(engine)
    assert (found.ticket_no, found.to, found.why) == ("D-7", "service", "cannot_be_coordinated")
    assert found.raised_at == T0 + HOUR


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("stage", ["triage", "verification", "arbitration"])
async def test_a_pile_is_read_from_the_index_of_open_complaints(engine: AsyncEngine, stage: str) -> None:
    asked = f"SELECT state FROM complaints WHERE closed_at IS NULL AND stage = '{stage}' ORDER BY urgent_at, ticket_no"
    async with reading(engine) as connection:
        plan = " ".join(row[3] for row in await connection.execute(text(f"EXPLAIN QUERY PLAN {asked}")))
    assert "ix_complaints_open_stages" in plan
    assert "TEMP B-TREE" not in plan
