"""What an earlier release indexed is searched when it has been filled again, and not before."""

from pathlib import Path
from typing import Any

from sqlalchemy import event, insert, update
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ticket import Ticket
from ledger import notes, search_filling, tickets
from ledger import tables as t
from ledger.database import connect, migrate, writing
from ledger.search import RULES, matching, search_texts
from tests.builders import CX, T0
from tests.ledger.building import a_database, a_ledger, a_whole_ticket

MUCH, NOTHING = "T-1", "T-2"
PLATE, SAID = "沪A12345", "制动异响，车牌沪A12345"


async def test_what_an_earlier_release_indexed_is_not_found_until_it_is_filled_again(tmp_path: Path) -> None:
    bare = a_whole_ticket(NOTHING, words="制动异响", vehicle={})
    async with a_database(tmp_path) as url:
        await migrate(url, to="0014")
        engine = connect(url)
        await _as_release_14_kept(engine, a_whole_ticket(MUCH, words=SAID))
        async with writing(engine) as connection:  # one that was never indexed at all
            await connection.execute(insert(t.tickets).values(**_row_of(bare)))
        await migrate(url)
        assert await matching(engine, "wa12345", limit=5) == await matching(engine, "制动", limit=5) == ()
        await notes.keep(engine, ticket_no=MUCH, text="助力泵", author="x", at=T0)
        assert await search_filling.fill_outdated(engine) == 2
        assert await search_filling.fill_outdated(engine) == 0
        assert await matching(engine, "制动", limit=5) == (NOTHING, MUCH)
        assert await matching(engine, "助力泵 制动", limit=5) == (MUCH,)
        assert await matching(engine, PLATE, limit=5) == ()
        assert await matching(engine, PLATE, limit=5, shown_to=CX) == (MUCH,)
        await engine.dispose()


async def test_what_an_earlier_release_indexes_beside_this_one_is_not_found_until_it_is_filled_again(
    tmp_path: Path,
) -> None:
    async with a_ledger(tmp_path) as engine:
        await _as_release_14_kept(engine, a_whole_ticket(MUCH, words=SAID))
        assert await matching(engine, PLATE, limit=5) == await matching(engine, PLATE, limit=5, shown_to=CX) == ()
        assert await search_filling.fill_outdated(engine) == 1
        assert await matching(engine, PLATE, limit=5) == ()
        assert await matching(engine, PLATE, limit=5, shown_to=CX) == (MUCH,)


async def test_a_fill_holds_the_writers_up_for_a_hundred_tickets_at_a_time(tmp_path: Path) -> None:
    written: list[int] = []
    async with a_ledger(tmp_path) as engine:
        async with writing(engine) as connection:
            for number in range(230):
                await tickets.keep_in(connection, a_whole_ticket(f"T-{number}"), received_at=T0)
            await connection.execute(update(search_texts).values(rules=RULES - 1))

        def count(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.startswith("UPDATE search_texts"):
                written[-1] += 1

        event.listen(engine.sync_engine, "begin", lambda _: written.append(0))
        event.listen(engine.sync_engine, "after_cursor_execute", count)
        assert await search_filling.fill_outdated(engine) == 230
    assert [each for each in written if each] == [100, 100, 30]


async def _as_release_14_kept(engine: AsyncEngine, ticket: Ticket) -> None:
    """With the plate among what all may find."""
    async with writing(engine) as connection:
        await connection.execute(insert(t.tickets).values(**_row_of(ticket)))
        texts = {"ticket_no": ticket.ticket_no, "open": "h06caa wa12345 h05236052a8", "personal": "w13800001111"}
        columns = "(ticket_no, open_tokens, personal_tokens)"
        await connection.execute(
            sql(f"INSERT INTO search_texts {columns} VALUES (:ticket_no, :open, :personal)"), texts
        )
        if engine.dialect.name == "sqlite":
            index = "INSERT INTO search_index (rowid, open_tokens, personal_tokens)"
            await connection.execute(
                sql(f"{index} SELECT id, open_tokens, personal_tokens FROM search_texts WHERE ticket_no = :ticket_no"),
                texts,
            )


def _row_of(ticket: Ticket) -> dict[str, Any]:
    content = ticket.model_dump(exclude={"vehicle", "customer"})
    kept = content | ticket.vehicle.model_dump() | {"customer": ticket.customer.model_dump(mode="json")}
    return {name: value for name, value in kept.items() if name in t.tickets.c} | {
        "content_hash": "x" * 64,
        "received_at": T0,
    }
