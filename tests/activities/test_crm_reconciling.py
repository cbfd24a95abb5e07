"""What the CRM says against what we say, and what becomes of each difference."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.crm_adapters.page import CrmCannot, CrmState, state_of
from activities.crm_reconciling import CLOSED_SINCE, GRACE, reconcile
from domain.lights import Light
from domain.outlets import CrmWrite
from domain.telling import crm_write
from ledger import crm_differences, crm_refusals
from ledger.crm_differences import What
from tests.activities.crm_tickets import ListedCrm
from tests.builders import DAY, SECOND, T0, Played
from tests.ledger.building import a_ledger, eventful, recorded, withdrawn

LATER = T0 + 10 * DAY


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with a_ledger(tmp_path) as engine:
        yield engine


def said_last(played: Played) -> CrmWrite:
    return crm_write(played.complaint, at=played.complaint.settled_at)


async def a_crm_of(engine: AsyncEngine, *plays: Played) -> ListedCrm:
    """One that has what the complaints wrote last."""
    await recorded(engine, *plays)
    crm = ListedCrm()
    for played in plays:
        await crm.write(said_last(played))
    return crm


async def test_what_was_written_back_is_the_same_on_both_sides(engine: AsyncEngine) -> None:
    crm = await a_crm_of(engine, eventful("T-1"), withdrawn("T-2"))
    done = await reconcile(crm, engine, at=LATER)
    assert (done.compared, done.healed, done.standing) == (2, (), ())


async def test_a_difference_is_healed_by_writing_again(engine: AsyncEngine) -> None:
    played = eventful("T-1")
    crm = await a_crm_of(engine, played)
    right = state_of(said_last(played))
    crm.says["T-1"] = right.model_copy(update={"owner": "somebody", "light": Light.RED, "due_at": None})
    done = await reconcile(crm, engine, at=LATER)
    (healed,) = done.healed
    assert healed.what is What.STATE
    assert healed.fields["owner"] == (right.owner, "somebody")
    assert crm.says["T-1"] == right
    assert await crm_differences.standing(engine) == ()


async def test_a_ticket_without_a_state_gets_one(engine: AsyncEngine) -> None:
    played = withdrawn("T-1")
    crm = await a_crm_of(engine, played)
    crm.says["T-1"] = None
    assert len((await reconcile(crm, engine, at=LATER)).healed) == 1
    assert crm.says["T-1"] == state_of(said_last(played))


async def test_a_dry_run_only_looks(engine: AsyncEngine) -> None:
    crm = await a_crm_of(engine, withdrawn("T-1"))
    crm.says["T-1"] = None
    done = await reconcile(crm, engine, at=LATER, is_dry=True)
    assert [each.ticket_no for each in done.standing] == ["T-1"]
    assert crm.says["T-1"] is None
    assert await crm_differences.standing(engine) == ()


@pytest.mark.parametrize(
    ("theirs", "what"),
    [
        pytest.param("gone", What.MISSING, id="a ticket that is gone is for people to make again"),
        pytest.param("ahead", What.AHEAD, id="a later state than ours means that our ledger is an old copy"),
        pytest.param("deaf", What.STATE, id="a CRM that takes the write and does not change"),
    ],
)
async def test_what_cannot_be_healed_stands_until_it_is_over(engine: AsyncEngine, theirs: str, what: What) -> None:
    played = withdrawn("T-1")
    crm = await a_crm_of(engine, played, withdrawn("T-2"))
    right = crm.says.pop("T-1")
    if theirs != "gone":
        crm.says["T-1"] = CrmState(seq=99 if theirs == "ahead" else 1, stage="in_work")
    crm.is_deaf = theirs == "deaf"
    for _ in range(2):
        done = await reconcile(crm, engine, at=LATER)
        assert [(each.ticket_no, each.what) for each in done.standing] == [("T-1", what)]
    (standing,) = await crm_differences.standing(engine)
    assert (standing.what, standing.times, standing.found_at) == (what, 2, LATER)
    crm.says["T-1"] = right
    assert (await reconcile(crm, engine, at=LATER)).standing == ()
    assert await crm_differences.standing(engine) == ()


async def test_what_is_on_its_way_or_long_closed_or_refused_is_not_compared(engine: AsyncEngine) -> None:
    played = withdrawn("T-1")
    crm = await a_crm_of(engine, played)
    settled_at = played.complaint.settled_at
    compared = {
        when: (await reconcile(crm, engine, at=settled_at + when)).compared
        for when in (GRACE - SECOND, GRACE, CLOSED_SINCE, CLOSED_SINCE + timedelta(days=1))
    }
    assert list(compared.values()) == [0, 1, 1, 0]
    await crm_refusals.keep(engine, said_last(played), why="HTTP 404", at=LATER)
    assert (await reconcile(crm, engine, at=LATER)).compared == 0


async def test_a_crm_that_knows_nothing_at_all_is_another_crm(engine: AsyncEngine) -> None:
    await recorded(engine, *(withdrawn(f"T-{number:03}") for number in range(2)))
    with pytest.raises(CrmCannot):
        await reconcile(ListedCrm(), engine, at=LATER)
    assert await crm_differences.standing(engine) == ()


async def test_instants_are_compared_to_the_second(engine: AsyncEngine) -> None:
    crm = await a_crm_of(engine, Played("engine.stall", ticket_no="T-1"))
    there = crm.says["T-1"]
    assert there
    assert there.due_at
    crm.says["T-1"] = there.model_copy(update={"due_at": there.due_at + timedelta(microseconds=700)})
    assert (await reconcile(crm, engine, at=LATER)).compared == 1
    assert (await reconcile(crm, engine, at=LATER)).healed == ()
