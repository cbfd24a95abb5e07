"""Whole lists, streamed: what the pages show, and one snapshot however long the reading takes."""

from pathlib import Path

from domain.outlets import Audience, Notice, NoticeKind
from ledger import disclosures, notices, queries, tickets, wall, webhook_log, webhooks
from ledger.queries import ComplaintFilter
from tests.builders import DAY, T0, Played
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


async def test_every_open_complaint_comes_oldest_first(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        opened = [Played("engine.stall", ticket_no=f"T-{number}", at=T0 - number * DAY) for number in (1, 2, 3)]
        await recorded(engine, *opened, withdrawn("T-9"))
        every = [row async for row in wall.every_open(engine)]
        assert [row.ticket_no for row in every] == ["T-3", "T-2", "T-1"]
        assert tuple(every[:2]) == (await wall.tick(engine, at=T0, reds_since=T0, limit=2)).oldest


async def test_every_red_comes_with_those_who_were_copied(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        played = eventful()
        await recorded(engine, played)
        shown = (await wall.tick(engine, at=T0 + 9 * DAY, reds_since=T0)).reds
        first = shown[-1]
        copy = Notice(
            key="T-1:copy",
            kind=NoticeKind.VP_COPY,
            audience=Audience.VP,
            department="engine",
            facts={"clock_kind": first.clock_kind, "due_at": first.due_at.isoformat()},
        )
        where = {"ticket_no": "T-1", "address": "vp@example.com", "subject": "超期", "body": "……"}
        await notices.post(engine, copy, **where, created_at=T0)
        every = await wall.every_red(engine, since=T0)
        assert [each.due_at for each in every] == [each.due_at for each in shown]
        assert every[-1].copied == ("engine",)
        assert await wall.every_red(engine, since=T0 + 99 * DAY) == ()


async def test_every_disclosure_comes_newest_first_of_all_tickets_or_of_one(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for number in range(3):
            who = {"person_id": "p-1", "role": "cx", "department": "cx"}
            seen = {"ticket_no": f"T-{number % 2}", "what": "personal", "why": "to call back"}
            name = {"zh": "某人", "en": "Somebody"}
            await disclosures.record(engine, at=T0 + number * DAY, name=name, **who, **seen)
        assert tuple([row async for row in disclosures.every(engine)]) == await disclosures.latest(engine)
        of_one = [row.number async for row in disclosures.every(engine, ticket_no="T-0")]
        assert of_one == [row.number for row in await disclosures.latest(engine, ticket_no="T-0")]
        assert len(of_one) == 2


async def test_every_delivery_comes_in_the_order_of_its_subscriptions_log(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        said = {"url": "https://erp.example.com/", "description": "", "by": "p"}
        mine, other = [await webhooks.subscribe(engine, kinds=(), departments=(), **said, at=T0) for _ in range(2)]
        for day in range(3):
            await webhooks.ping(engine, mine.webhook_id, at=T0 + day * DAY)
        await webhooks.ping(engine, other.webhook_id, at=T0)
        every = [row async for row in webhook_log.every_delivery(engine, mine.webhook_id)]
        assert (tuple(every), None) == await webhooks.log_of(engine, mine.webhook_id)
        none = [row async for row in webhook_log.every_delivery(engine, mine.webhook_id, state="delivered")]
        assert none == []
