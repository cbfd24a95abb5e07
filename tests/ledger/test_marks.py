"""A complaint's mark is another one as soon as its page would show something new."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.outlets import Audience, Notice, NoticeKind
from ledger import evidence, marks, notes, notices, tickets
from tests.builders import T0, Played
from tests.ledger.building import a_ledger, a_whole_ticket, recorded

LETTER = Notice(key="T-1:1:1", kind=NoticeKind.CUSTOMER_PROGRESS, audience=Audience.CUSTOMER)


async def put_up(engine: AsyncEngine) -> None:
    to = {"address": "who@x.example", "subject": "s", "body": "b"}
    await notices.post(engine, LETTER, ticket_no="T-1", created_at=T0, **to)


async def added_file(engine: AsyncEngine) -> None:
    what = {"kind": "photo", "media_type": "image/png", "file_name": "", "by": "customer"}
    await evidence.keep(engine, ticket_no="T-1", sha256="d" * 64, size=9, stored_at=T0, **what)


async def test_each_thing_that_comes_makes_another_mark(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await tickets.keep(engine, a_whole_ticket("T-1"), received_at=T0)
        seen = [await marks.of(engine, "T-1")]
        await recorded(engine, Played("engine.stall", ticket_no="T-1", at=T0))
        seen.append(await marks.of(engine, "T-1"))
        await notes.keep(engine, ticket_no="T-1", text="又熄火了。", author="customer", at=T0)
        seen.append(await marks.of(engine, "T-1"))
        for comes in (added_file, put_up):
            await comes(engine)
            seen.append(await marks.of(engine, "T-1"))
        assert len(set(seen)) == 5, seen


async def test_what_happens_to_another_leaves_the_mark(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for number in ("T-1", "T-2"):
            await tickets.keep(engine, a_whole_ticket(number), received_at=T0)
        before = await marks.of(engine, "T-1")
        await notes.keep(engine, ticket_no="T-2", text="请快一点。", author="customer", at=T0)
        told = await marks.of_many(engine, ("T-1", "T-2", "T-9"))
        assert (told["T-1"], set(told)) == (before, {"T-1", "T-2"})
        assert told["T-2"] != before
        assert await marks.of(engine, "T-9") == ""
