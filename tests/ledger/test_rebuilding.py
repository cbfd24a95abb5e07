"""The projections are the events' fold and nothing else: they can be thrown away."""

from pathlib import Path

import pytest

from ledger import policies
from ledger import tables as t
from ledger.database import writing
from ledger.rebuilding import Rebuilt, rebuild
from ledger.tables import PROJECTIONS
from tests.builders import a_policy
from tests.ledger.building import a_ledger, dump, eventful, recorded, withdrawn


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ("SELECT 1", "nothing is damaged, and nothing changes"),
        ("DELETE FROM complaints", "all are gone, and their children with them"),
        ("DELETE FROM complaints WHERE ticket_no = 'T-2'", "one is gone"),
        ("UPDATE complaints SET owner = 'nobody', stage = 'triage', due_at = NULL, seq = 1, state = '{}'", "all lie"),
        ("UPDATE hops SET department = 'nobody', handed_to = 'nobody'", "children lie"),
        ("DELETE FROM refusals", "what follows from events alone is gone"),
        ("UPDATE breaches SET number = number + 100", "rows stand under keys they should not have"),
    ],
)
async def test_a_rebuild_gives_what_was_there_before_the_damage(tmp_path: Path, damage: str, why: str) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, eventful("T-1"), withdrawn("T-2"))
        before = await dump(engine, *PROJECTIONS)
        async with writing(engine) as connection:
            await connection.exec_driver_sql(damage)
        assert await rebuild(engine) == Rebuilt(complaints=2, broken=())
        assert await dump(engine, *PROJECTIONS) == before, why


async def test_a_projection_without_events_goes(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, withdrawn("T-1"))
        async with writing(engine) as connection:
            await connection.exec_driver_sql("DELETE FROM events")
        await rebuild(engine)
        assert not any((await dump(engine, *PROJECTIONS)).values())


async def test_a_complaint_that_does_not_fold_is_named_and_left_and_the_others_are_rebuilt(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, eventful("T-1"), withdrawn("T-2"))
        before = await dump(engine, *PROJECTIONS)
        async with writing(engine) as connection:
            await connection.exec_driver_sql("DELETE FROM events WHERE ticket_no = 'T-1' AND seq = 3")
            await connection.exec_driver_sql("DELETE FROM complaints WHERE ticket_no = 'T-2'")
        assert await rebuild(engine) == Rebuilt(complaints=1, broken=("T-1",))
        assert await dump(engine, *PROJECTIONS) == before


async def test_complaints_under_different_policies_are_each_folded_under_their_own(tmp_path: Path) -> None:
    later = a_policy(version="test+2", clocks={"response": "1 hours"})
    async with a_ledger(tmp_path, policy=later) as engine:
        await policies.keep(engine, a_policy())
        await recorded(engine, eventful("T-1"), eventful("T-2", policy=later))
        before = await dump(engine, t.complaints, t.breaches)
        await rebuild(engine)
        assert await dump(engine, t.complaints, t.breaches) == before


async def test_a_rebuild_says_how_far_it_is(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, *(withdrawn(f"T-{number}") for number in range(25)))
        await rebuild(engine, lambda done, total: seen.append((done, total)))
    assert seen == [(20, 25), (25, 25)]
