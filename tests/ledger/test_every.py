"""Whole lists, streamed: what the pages show, and one snapshot however long the reading takes."""

from pathlib import Path

from domain.outlets import Audience, Notice, NoticeKind
from ledger import notices, queries, tickets
from ledger.queries import ComplaintFilter
from tests.builders import DAY, T0
from tests.ledger.building import a_ledger, a_whole_ticket, eventful, recorded, withdrawn

NOBODY = ComplaintFilter()


async def test_every_complaint_comes_in_the_order_of_the_pages(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, *(withdrawn(f"T-{number}") for number in range(3)), eventful("T-9"))
        page = await queries.complaints(engine, NOBODY, at=T0 + DAY, limit=10)
        every = [row async for row in queries.every_complaint(engine, NOBODY, at=T0 + DAY)]
        assert tuple(every) == page.items
        none = ComplaintFilter(department="nowhere")
        assert [row async for row in queries.every_complaint(engine, none, at=T0)] == []


async def test_what_comes_while_the_list_is_read_is_not_in_it(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, withdrawn("T-1"), withdrawn("T-2"))
        rows = queries.every_complaint(engine, NOBODY, at=T0)
        first = await anext(rows)
        await recorded(engine, withdrawn("T-3"))
        assert [first.ticket_no, *[row.ticket_no async for row in rows]] == ["T-1", "T-2"]


async def test_every_notice_comes_newest_first_with_its_customer(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await tickets.keep(engine, a_whole_ticket("T-1"), received_at=T0)
        for number, ticket_no in enumerate(("T-1", "T-2")):
            said = Notice(key=f"{ticket_no}:1", kind=NoticeKind.BREACH, audience=Audience.VP, department="engine")
            where = {"ticket_no": ticket_no, "address": "vp@example.com", "subject": "超期", "body": "……"}
            await notices.post(engine, said, **where, created_at=T0 + number * DAY)
        every = [row async for row in notices.every_notice(engine, audience=Audience.VP)]
        assert [(posted.ticket_no, customer) for posted, customer in every] == [("T-2", ""), ("T-1", "王小明")]
        assert tuple(posted for posted, _ in every) == await notices.inbox_of(engine, audience=Audience.VP)
        assert [row async for row in notices.every_notice(engine, audience=Audience.CX)] == []
