"""The way a notice goes out: the first of somebody's that takes it, and nothing personal on any but mail."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError

from activities.channels.robots import Robot, Robots
from activities.mail import SmtpMailer
from activities.notices import SqlNotices
from activities.roster import PolicyRoster
from domain.outlets import Audience, Notice, NoticeBatch, NoticeKind
from ledger import notices
from policy import reading
from tests.activities.channels.vendors import Vendor, a_vendor
from tests.activities.letterbox import a_ledger_with, a_whole_ticket
from tests.activities.mail_server import MailServer, a_mail_server
from tests.builders import HOUR, T0

FACTS = {"owner": "powertrain", "due_at": T0.isoformat(), "clock_kind": "response", "department": "powertrain"}
ORDER = Notice(
    key="T-1:2:order", kind=NoticeKind.WORK_ORDER, audience=Audience.RESPONDERS, department="powertrain", facts=FACTS
)
BATCH = NoticeBatch(ticket_no="T-1", notices=(ORDER,))
OK, NO, BUSY = {"errcode": 0}, {"errcode": 310000}, {"errcode": 130101}


class Roster(PolicyRoster):
    """The shipped policy's people, each reached by their group's robot before mail."""

    def ways(self, address: str) -> tuple[str, ...]:
        return ("robot:powertrain", "mail")


ROSTER = Roster(reading.load())


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with a_vendor() as found:
        yield found


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with a_ledger_with(tmp_path, a_whole_ticket()) as engine:
        yield engine


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with a_mail_server() as server:
        yield server


@pytest.fixture
async def outlet(engine: AsyncEngine, server: MailServer, vendor: Vendor) -> AsyncIterator[SqlNotices]:
    async with outlet_at(T0, engine, server, vendor) as outlet:
        yield outlet


@pytest.fixture
async def at_night(engine: AsyncEngine, server: MailServer, vendor: Vendor) -> AsyncIterator[SqlNotices]:
    async with outlet_at(T0 + 14 * HOUR, engine, server, vendor) as outlet:  # 23:00 in Shanghai
        yield outlet


@asynccontextmanager
async def outlet_at(at: datetime, engine: AsyncEngine, server: MailServer, vendor: Vendor) -> AsyncIterator[SqlNotices]:
    mailer = SmtpMailer(server.url, sender="vocloop@example.com")
    async with httpx2.AsyncClient(trust_env=False) as client:
        robot = Robot(kind="dingtalk", url=f"{vendor.url}/robot/send?access_token=t")
        robots = Robots({"powertrain": robot}, client=client, clock=lambda: at)
        options: dict[str, Any] = {"mailer": mailer, "clock": lambda: at, "channels": {"robot": robots}}
        yield SqlNotices(engine, roster=ROSTER, **options)


async def sent_by(engine: AsyncEngine) -> list[str]:
    return [posted.sent_by for posted in await notices.of_ticket(engine, "T-1")]


async def test_who_share_a_group_get_one_message_in_it(
    outlet: SqlNotices, engine: AsyncEngine, vendor: Vendor, server: MailServer
) -> None:
    vendor.answer = lambda _: (200, {}, OK)
    assert await outlet.send(BATCH) == ()
    assert await outlet.send(BATCH) == ()  # as after a crash
    assert (len(vendor.requests), server.letters) == (1, [])
    assert await sent_by(engine) == ["robot:powertrain"] * 2


async def test_no_group_is_told_anything_of_the_customers(outlet: SqlNotices, vendor: Vendor) -> None:
    vendor.answer = lambda _: (200, {}, OK)
    kinds = [kind for kind in NoticeKind if not kind.startswith("customer_") and kind is not NoticeKind.DIGEST]
    orders = [ORDER.model_copy(update={"key": f"T-1:2:{kind}", "kind": kind}) for kind in kinds]
    await outlet.send(NoticeBatch(ticket_no="T-1", notices=tuple(orders)))
    ticket = a_whole_ticket()
    personal = (ticket.customer.name, ticket.customer.phone, ticket.vehicle.vin, ticket.words)
    assert all(personal)
    assert len(vendor.requests) == len(kinds)
    for said in (request.json["markdown"]["text"] for request in vendor.requests):
        assert "T-1" in said
        assert not [secret for secret in personal if secret in said]


@pytest.mark.parametrize(
    ("kind", "facts", "is_rung", "reason"),
    [
        (NoticeKind.WORK_ORDER, {}, False, "it can wait for the morning"),
        (NoticeKind.BREACH, {}, True, "a red light"),
        (NoticeKind.WORK_ORDER, {"red_line": "yes"}, True, "a red line"),
    ],
)
async def test_at_night_mail_goes_alone_unless_it_may_not_wait(
    at_night: SqlNotices,
    vendor: Vendor,
    server: MailServer,
    kind: NoticeKind,
    facts: dict[str, str],
    is_rung: bool,
    reason: str,
) -> None:
    vendor.answer = lambda _: (200, {}, OK)
    notice = ORDER.model_copy(update={"kind": kind, "facts": {**ORDER.facts, **facts}})
    await at_night.send(NoticeBatch(ticket_no="T-1", notices=(notice,)))
    assert bool(vendor.requests) is is_rung, reason
    assert bool(server.letters) is not is_rung


@pytest.mark.parametrize("answer", [NO, BUSY])
async def test_what_the_first_way_does_not_take_goes_by_the_next(
    outlet: SqlNotices, engine: AsyncEngine, vendor: Vendor, server: MailServer, answer: dict[str, int]
) -> None:
    vendor.answer = lambda _: (200, {}, answer)
    assert await outlet.send(BATCH) == ()
    assert len(server.letters) == 2
    assert await sent_by(engine) == ["mail"] * 2


async def test_when_no_way_takes_it_now_it_is_asked_again(
    outlet: SqlNotices, engine: AsyncEngine, vendor: Vendor, server: MailServer
) -> None:
    vendor.answer = lambda _: (429, {"Retry-After": "90"}, {})
    server.answers = dict.fromkeys(ROSTER.addresses(Audience.RESPONDERS, "powertrain"), "451 later")
    with pytest.raises(ApplicationError) as raised:
        await outlet.send(BATCH)
    assert raised.value.type == "MailUnavailable"
    assert raised.value.next_retry_delay == timedelta(seconds=90)
    tried = {posted.failed_reason for posted in await notices.of_ticket(engine, "T-1")}
    assert tried == {"robot: HTTP 429; mail: SMTP 451"}, "each way that was tried is named"


async def test_when_no_way_ever_will_it_is_given_back(
    outlet: SqlNotices, engine: AsyncEngine, vendor: Vendor, server: MailServer
) -> None:
    vendor.answer = lambda _: (200, {}, NO)
    server.answers = dict.fromkeys(ROSTER.addresses(Audience.RESPONDERS, "powertrain"), "550 nobody")
    assert await outlet.send(BATCH) == (ORDER.key,)
    reasons = {posted.failed_reason for posted in await notices.of_ticket(engine, "T-1")}
    assert reasons == {"robot: dingtalk 310000; mail: SMTP 550"}
