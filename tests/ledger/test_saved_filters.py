"""Lists that a person keeps under names of theirs."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from ledger import saved_filters
from ledger.saved_filters import MOST, SavedFilter, TooManyFilters
from tests.builders import HOUR, T0
from tests.ledger.building import a_ledger


async def test_each_person_has_their_own_lists_by_name(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await saved_filters.keep(engine, person_id="li", name="红灯", query={"light": "red"}, at=T0)
        await saved_filters.keep(engine, person_id="li", name="VIP", query={"tier": "vip"}, at=T0)
        await saved_filters.keep(engine, person_id="wu", name="红灯", query={}, at=T0)
        found = await saved_filters.of_person(engine, "li")
    assert found == (
        SavedFilter(name="VIP", query={"tier": "vip"}, created_at=T0),
        SavedFilter(name="红灯", query={"light": "red"}, created_at=T0),
    )


async def test_one_of_the_same_name_is_replaced_and_one_that_is_dropped_is_gone(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for at, query in ((T0, {"light": "red"}), (T0 + HOUR, {"text": "制动"})):
            await saved_filters.keep(engine, person_id="li", name="我的", query=query, at=at)
        (found,) = await saved_filters.of_person(engine, "li")
        assert (found.query, found.created_at) == ({"text": "制动"}, T0 + HOUR)
        assert await saved_filters.drop(engine, person_id="wu", name="我的") is False
        assert await saved_filters.drop(engine, person_id="li", name="我的") is True
        assert await saved_filters.of_person(engine, "li") == ()


async def test_of_several_that_are_kept_under_one_name_at_once_one_is_there_in_the_end(tmp_path: Path) -> None:
    asked = [{"number": number} for number in range(6)]
    async with a_ledger(tmp_path) as engine:
        keep = partial(saved_filters.keep, engine, person_id="li", name="红灯", at=T0)
        await asyncio.gather(*(keep(query=query) for query in asked))
        (found,) = await saved_filters.of_person(engine, "li")
    assert found.query in asked


async def test_nobody_keeps_lists_without_end(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for number in range(MOST):
            await saved_filters.keep(engine, person_id="li", name=f"{number}", query={}, at=T0)
        await saved_filters.keep(engine, person_id="li", name="1", query={"a": 1}, at=T0)
        with pytest.raises(TooManyFilters, match="drop one first"):
            await saved_filters.keep(engine, person_id="li", name="one more", query={}, at=T0)
