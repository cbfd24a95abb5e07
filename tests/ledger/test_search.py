"""Words find their tickets: Chinese ones of two characters and more, Latin ones by their beginning, cars by a tail."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import notes, search_filling, tickets
from ledger.database import writing
from ledger.filtering import ComplaintFilter
from ledger.queries import complaints
from ledger.search import FEW, matching
from ledger.tokens import terms, tokens
from tests.builders import CX, T0, Played
from tests.ledger.building import a_ledger, a_whole_ticket, recorded

WORDS = "高速上刹车制动失灵，ABS灯亮，去了4S店 3 次；Mr.O'Brien说『制 动』也异响。电话 13912345678"


async def kept(engine: AsyncEngine, ticket_no: str = "T-1", **fields: Any) -> None:
    await tickets.keep(engine, a_whole_ticket(ticket_no, **fields), received_at=T0)


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ("制动", True),  # two characters
        ("制动失灵", True),
        ("动失", True),  # any two neighbours
        ("动灵", False),  # not neighbours
        ("制动 异响", True),  # all words, anywhere
        ("制动 漏油", False),
        ("abs", True),  # in any case
        ("ＡＢＳ", True),  # and width
        ("ab", True),  # a word's beginning
        ("bs", False),
        ("ABS灯", True),  # mixed, without a space
        ("灵", True),  # one character: at the end of what stands together
        ("速", True),  # and inside
        ("油", False),
        ("3", True),  # a number is taken whole
        ("T-1", True),
        ("engine.stall", True),
        ("沪A12345", False),  # a plate is masked
        ("000001", True),  # a VIN's tail, as its mask shows it
        ("00001", False),  # too short a tail
        ("E000001", False),  # more of its end than that, and a VIN's beginning: who sees it masked could find out
        ("LVSHCAMB1CE000001", True),
        ("lvshcamb1ce000001", True),
        ("CE000001", False),  # the whole of it sign by sign
        ("LVSHCAMB1CE", False),
        ("！？，", False),  # no word at all
        ("", False),
        ('"', False),
        ("'", False),
        ("制动 OR 漏油", False),  # no operators: `or` is a word that is not there
        ("NOT 漏油", False),
        ("制动*", True),
        ("^制动", True),
        ("personal_tokens : 制动", False),
        ('制动" OR "漏油', False),
        ("制动) OR (漏油", False),
        ("{open_tokens} : 制动", False),
        ("NEAR(制动 失灵, 9)", False),
        ("o'brien", True),
        ("%", False),
        ("制\x00动", True),  # two characters, each found
    ],
)
async def test_what_is_asked_finds_what_was_said(tmp_path: Path, asked: str, is_found: bool) -> None:
    async with a_ledger(tmp_path) as engine:
        await kept(engine, words=WORDS)
        await kept(engine, "X-2", words="空调不冷", tags=["noise"], vehicle={})
        assert await matching(engine, asked, limit=5) == (("T-1",) if is_found else ())


@pytest.mark.parametrize("asked", ["王小明", "小明", "13800001111", "13912345678"])
async def test_who_it_is_is_found_only_by_those_who_may_see_it(tmp_path: Path, asked: str) -> None:
    async with a_ledger(tmp_path) as engine:
        await kept(engine, words=WORDS)
        assert await matching(engine, asked, limit=5) == ()
        assert await matching(engine, asked, limit=5, shown_to=CX) == ("T-1",)


async def test_a_note_finds_its_ticket_and_the_latest_ticket_comes_first(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for ticket_no in ("T-1", "T-2", "T-3"):
            await kept(engine, ticket_no)
        await notes.keep(engine, ticket_no="T-2", text="更换了助力泵", author="x", at=T0)
        await notes.keep(engine, ticket_no="T-2", text="又异响", author="x", at=T0)
        assert await matching(engine, "助力泵 异响 熄火", limit=9) == ("T-2",)
        assert await matching(engine, "发动机", limit=2) == ("T-3", "T-2")


async def test_a_ticket_kept_twice_is_indexed_once_and_a_refill_gives_the_same(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for _ in range(2):
            await kept(engine)
        await notes.keep(engine, ticket_no="T-1", text="更换了助力泵", author="x", at=T0)
        before = await _texts(engine)
        async with writing(engine) as connection:
            if engine.dialect.name == "sqlite":
                await connection.execute(sql("INSERT INTO search_index (search_index) VALUES ('delete-all')"))
            await connection.execute(sql("DELETE FROM search_texts"))
        assert await matching(engine, "发动机", limit=2) == ()
        assert await search_filling.refill(engine) == 1
        assert await search_filling.refill(engine) == 1
        assert await _texts(engine) == before
        assert await matching(engine, "助力泵 发动机", limit=2) == ("T-1",)


async def _texts(engine: AsyncEngine) -> list[tuple[Any, ...]]:
    """Also asks FTS5 whether its index is that of the texts."""
    async with writing(engine) as connection:
        if engine.dialect.name == "sqlite":
            await connection.execute(sql("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)"))
        rows = await connection.execute(sql("SELECT ticket_no, open_tokens, personal_tokens FROM search_texts"))
        return [tuple(row) for row in rows]


CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=2, max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(CHINESE, min_size=1, max_size=4), between=st.sampled_from(["，", " ", "ABS", "7", "\n"]))
async def test_every_two_neighbouring_characters_find_their_text(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], between: str
) -> None:
    pairs = {word[at : at + 2] for word in words for at in range(len(word) - 1)}
    async with a_ledger(tmp_path_factory.mktemp("l")) as engine:
        await kept(engine, words=between.join(words))
        assert {pair for pair in pairs if await matching(engine, pair, limit=1) != ("T-1",)} == set()


@given(st.text(max_size=60), st.text(max_size=20))
def test_a_token_is_letters_and_digits_alone_whatever_was_written(said: str, asked: str) -> None:
    assert all(token.isalnum() for token in tokens(said))
    assert all(token.isalnum() for term in terms(asked) for token in term.tokens)
    assert {token for term in terms(said) for token in term.tokens} <= set(tokens(said)) | {
        term.tokens[0] for term in terms(said) if term.is_prefix
    }


async def test_a_list_filters_by_text_in_its_own_order_with_its_other_filters_and_cursor(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for number, tag in enumerate(("engine.stall", "noise", "engine.stall", "engine.stall")):
            await kept(engine, f"T-{number}", words="制动异响" if number else "空调不冷")
            await recorded(engine, Played(tag, ticket_no=f"T-{number}"))
        asked = ComplaintFilter(text=" 制动 ", tag="engine.stall")
        first = await complaints(engine, asked, at=T0, limit=1)
        second = await complaints(engine, asked, at=T0, limit=1, cursor=first.next_cursor)
        blank = await complaints(engine, ComplaintFilter(text="  "), at=T0)
        named = await complaints(engine, ComplaintFilter(text="小明"), at=T0, shown_to=CX)
    assert [row.ticket_no for row in (*first.items, *second.items)] == ["T-2", "T-3"]
    assert second.next_cursor is None
    assert len(blank.items) == len(named.items) == 4


async def test_many_matches_are_paged_like_few(tmp_path: Path) -> None:
    """Beyond a number the list is walked in its own order instead of looked up."""
    count = FEW + 20
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, *(Played("engine.stall", ticket_no=f"T-{n}") for n in (1, 2, 3)))
        async with writing(engine) as connection:
            for number in range(count):
                ticket = a_whole_ticket(f"T-{number}", words="制动" if number != 2 else "空调")
                await tickets.keep_in(connection, ticket, received_at=T0)
        page = await complaints(engine, ComplaintFilter(text="制动"), at=T0)
        assert len(await matching(engine, "制动", limit=count)) == count - 1
    assert [row.ticket_no for row in page.items] == ["T-1", "T-3"]
