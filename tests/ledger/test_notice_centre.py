"""A post's notices: once each, unread first, read for all who hold the post."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.outlets import Audience, Notice, NoticeKind
from ledger import notices
from ledger.database import reading
from ledger.notice_centre import Post, already_read, count_unread, mark_read, unread
from tests.builders import HOUR, T0
from tests.ledger.building import a_ledger

ENGINE = Post(audiences=(Audience.RESPONDERS,), department="engine")


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """Three notices to engine's two responders, one to its VP, one to another's responders, one to CX."""
    async with a_ledger(tmp_path) as engine:
        for number in (1, 2, 3):
            for address in ("one@x.example", "two@x.example"):
                await put_up(engine, number, Audience.RESPONDERS, "engine", address)
        await put_up(engine, 4, Audience.VP, "engine", "vp@x.example")
        await put_up(engine, 5, Audience.RESPONDERS, "body", "one@y.example")
        await put_up(engine, 6, Audience.CX, "", "cx@x.example", kind=NoticeKind.TRIAGE)
        yield engine


async def put_up(
    engine: AsyncEngine, number: int, audience: Audience, department: str, address: str, **fields: NoticeKind
) -> None:
    kind = fields.get("kind", NoticeKind.BREACH if number == 2 else NoticeKind.WORK_ORDER)
    notice = Notice(key=f"T-{number}:1:1", kind=kind, audience=audience, department=department)
    created = T0 + number * HOUR
    await notices.post(
        engine, notice, ticket_no=f"T-{number}", address=address, subject="s", body="b", created_at=created
    )


async def keys(engine: AsyncEngine, post: Post = ENGINE, *kinds: str) -> list[str]:
    return [each.it.key[:3] for each in await unread(engine, post, kinds=kinds)]


async def test_each_notice_stands_once_the_newest_first(engine: AsyncEngine) -> None:
    assert await keys(engine) == ["T-3", "T-2", "T-1"]
    assert await count_unread(engine, ENGINE) == 3


@pytest.mark.parametrize(
    ("post", "shown"),
    [
        (Post(audiences=(Audience.VP,), department="engine"), ["T-4"]),
        (Post(audiences=(Audience.CX,)), ["T-6"]),
        (Post(audiences=(Audience.RESPONDERS,)), ["T-5", "T-3", "T-2", "T-1"]),  # of every department
        (Post(audiences=()), []),
    ],
)
async def test_a_post_sees_its_own_alone(engine: AsyncEngine, post: Post, shown: list[str]) -> None:
    assert await keys(engine, post) == shown


async def test_it_may_be_narrowed_to_kinds(engine: AsyncEngine) -> None:
    assert await keys(engine, ENGINE, NoticeKind.BREACH) == ["T-2"]


async def test_one_that_was_read_is_read_for_the_whole_post(engine: AsyncEngine) -> None:
    assert await mark_read(engine, ENGINE, at=T0 + 9 * HOUR, key="T-2:1:1") == 2
    assert await mark_read(engine, ENGINE, at=T0 + 9 * HOUR, key="T-4:1:1") == 0  # the VP's
    assert await keys(engine) == ["T-3", "T-1"]
    assert [each.it.key for each in await already_read(engine, ENGINE)] == ["T-2:1:1"]


async def test_all_until_an_instant_are_read_and_later_ones_are_not(engine: AsyncEngine) -> None:
    await mark_read(engine, ENGINE, at=T0 + 2.5 * HOUR)
    assert await keys(engine) == ["T-3"]


async def test_what_became_of_the_mail_is_told(engine: AsyncEngine) -> None:
    await notices.sent(engine, by="mail", key="T-3:1:1", address="one@x.example", at=T0)
    await notices.failed(engine, key="T-3:1:1", address="two@x.example", reason="550 no such post")
    newest = (await unread(engine, ENGINE))[0]
    assert (newest.sent, newest.addresses, newest.failed) == (1, 2, "550 no such post")
    assert newest.sent_by == ("mail",)


async def test_each_way_it_went_is_told_once(engine: AsyncEngine) -> None:
    for address in ("one@x.example", "two@x.example"):
        await notices.sent(engine, by="robot:engine", key="T-3:1:1", address=address, at=T0)
    newest = (await unread(engine, ENGINE))[0]
    assert (newest.sent, newest.sent_by, newest.failed) == (2, ("robot:engine",), "")


@pytest.mark.on("sqlite")
async def test_the_unread_are_found_by_an_index_of_their_own(engine: AsyncEngine) -> None:
    asked = "SELECT * FROM notices WHERE audience IN ('vp') AND department = 'engine' AND read_at IS NULL"
    async with reading(engine) as connection:
        plan = " ".join(row[3] for row in await connection.execute(text(f"EXPLAIN QUERY PLAN {asked}")))
    assert "ix_notices_unread" in plan


async def test_what_stands_beside_a_notice_went_when_it_did(engine: AsyncEngine) -> None:
    await notices.failed(engine, key="T-1:1:1", address="one@x.example", reason="mail: SMTP 451", also=["T-2:1:1"])
    await notices.sent(engine, key="T-1:1:1", address="one@x.example", by="mail", at=T0, also=["T-2:1:1"])
    fates = [await notices.standing(engine, key=f"T-{number}:1:1", address="one@x.example") for number in (1, 2, 3)]
    assert [(each.sent_by, each.attempts) for each in fates if each] == [("mail", 2), ("mail", 2), ("", 0)]
    assert await notices.standing(engine, key="T-1:1:1", address="nobody@x.example") is None


async def test_customers_text_messages_that_nobody_tried_are_found(engine: AsyncEngine) -> None:
    for number, address in ((7, "+8613800138000"), (8, "wang@example.org"), (9, "customer"), (10, "+8613900139000")):
        await put_up(engine, number, Audience.CUSTOMER, "", address, kind=NoticeKind.CUSTOMER_PROGRESS)

    async def found(since: int, until: int) -> list[str]:
        held = await notices.held_texts(engine, since=T0 + since * HOUR, until=T0 + until * HOUR)
        return [each.ticket_no for each in held]

    assert await found(0, 24) == ["T-7", "T-10"]
    assert (await found(8, 24), await found(0, 8)) == (["T-10"], ["T-7"])
    await notices.failed(engine, key="T-7:1:1", address="+8613800138000", reason="sms: refused")
    await notices.sent(engine, key="T-10:1:1", address="+8613900139000", by="sms", at=T0)
    assert await found(0, 24) == []
