"""Customers by text message: signed as the vendor publishes it, with the link alone, and never at night."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError

from activities.channels.choosing import channels
from activities.channels.page import Channel
from activities.customers import mobile
from activities.held_texts import HeldTexts
from activities.links import CustomerLinks
from activities.mail import SmtpMailer
from activities.notices import SqlNotices
from activities.roster import PolicyRoster
from activities.survey import LinkSigner, SqlSurvey
from domain.outlets import Audience, Invitation, Notice, NoticeBatch, NoticeKind
from domain.ticket import Ticket
from ledger import customer_links, notices
from policy import reading
from tests.activities.channels.vendors import Vendor, a_vendor, aliyun, tencent
from tests.activities.letterbox import a_ledger_with, a_whole_ticket
from tests.activities.mail_server import MailServer, a_mail_server
from tests.builders import DAY, HOUR, T0
from tests.policy.folders import edited

SIGNER = LinkSigner("s" * 32, base_url="https://voice.example/")
CODE = SIGNER.customer_token("T-1", 1)
BY_PHONE = {"email": "", "phone": "138 0013-8000"}
NIGHT = T0 + 14 * HOUR  # 23:00 in Shanghai
NEWS = Notice(key="T-1:4:0", kind=NoticeKind.CUSTOMER_PROGRESS, audience=Audience.CUSTOMER, facts={"owner": "body"})
BATCH = NoticeBatch(ticket_no="T-1", notices=(NEWS,))


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with a_vendor() as found:
        found.answer = aliyun("id", "s3cret")
        yield found


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with a_mail_server() as server:
        yield server


class Desk:
    """Both outlets that write to customers, and the duty of the morning; `at` is the instant, and may be moved."""

    def __init__(
        self, engine: AsyncEngine, *, url: str, ways: dict[str, Channel], at: datetime, roster: PolicyRoster
    ) -> None:
        self.engine, self.at, link = engine, at, CustomerLinks(engine, SIGNER, clock=lambda: self.at).of
        mailer = SmtpMailer(url, sender="voice@carmaker.example.com") if url else None
        given: dict[str, Any] = {"mailer": mailer, "clock": lambda: self.at, "channels": ways}
        self.notices = SqlNotices(engine, roster=roster, link=link, **given)
        self.survey = SqlSurvey(engine, signer=SIGNER, names=roster, **given)
        self.held = HeldTexts(engine, delivery=self.notices.delivery, link=link)

    async def send_held(self, at: datetime) -> str:
        self.at = at
        return await self.held.perform(at)

    async def fates(self) -> list[tuple[str, str, str]]:
        posted = await notices.of_ticket(self.engine, "T-1")
        return [(each.address, each.sent_by, each.failed_reason) for each in posted]


@asynccontextmanager
async def a_desk(
    folder: Path,
    vendor: Vendor,
    *,
    at: datetime = T0,
    ticket: Ticket | None = None,
    url: str = "",
    order: str = "",
    setting: str = "sms_aliyun",
    **account: Any,
) -> AsyncIterator[Desk]:
    files = reading.load(edited(folder / "policy", "departments.toml", '["mail", "sms"]', order) if order else None)
    given = {"key_id": "id", "key_secret": "s3cret", "sign_name": "某车企", "template": "SMS_1", "url": vendor.url}
    whole = {**given, "app_id": "1400", "customer": {"zh": "SMS_2", "en": "SMS_3"}, **account}
    setup = json.dumps({setting: whole})
    async with (
        a_ledger_with(folder, ticket or a_whole_ticket(**BY_PHONE)) as engine,
        httpx2.AsyncClient(trust_env=False) as client,
    ):
        ways = channels(setup, client=client, clock=lambda: at)
        yield Desk(engine, url=url, ways=ways, at=at, roster=PolicyRoster(files))


def told(vendor: Vendor) -> list[tuple[str, str, dict[str, str]]]:
    asked = [request.query for request in vendor.requests]
    return [(each["PhoneNumbers"], each["TemplateCode"], json.loads(each["TemplateParam"])) for each in asked]


async def test_who_gave_no_mail_gets_the_news_as_a_text_message_once(tmp_path: Path, vendor: Vendor) -> None:
    async with a_desk(tmp_path, vendor) as desk:
        for _ in range(2):
            assert await desk.notices.send(BATCH) == ()
        fates = await desk.fates()
    facts = {"subject": "您的反馈有新进展（T-1）", "link_code": CODE}
    assert told(vendor) == [("13800138000", "SMS_2", facts)]
    assert fates == [("+8613800138000", "sms", "")]
    assert "王小明" not in str(vendor.requests)


async def test_the_survey_is_asked_by_text_message_in_the_customers_language(tmp_path: Path, vendor: Vendor) -> None:
    english = a_whole_ticket(**BY_PHONE, language="en")
    async with a_desk(tmp_path, vendor, ticket=english) as desk:
        await desk.survey.invite(Invitation(key="T-1:9:survey", ticket_no="T-1", round=1, claimed_at=T0))
        lead = await customer_links.find(desk.engine, CODE)
        fates = await desk.fates()
    assert told(vendor) == [("13800138000", "SMS_3", {"subject": "Is the problem gone? (T-1)", "link_code": CODE})]
    assert lead, "what the message ends on opens the customer's page"
    assert fates == [("+8613800138000", "sms", "")]


async def test_tencent_has_it_in_the_order_of_its_template(tmp_path: Path, vendor: Vendor) -> None:
    vendor.answer = tencent("id", "s3cret")
    more: dict[str, Any] = {
        "setting": "sms_tencent",
        "customer": {"zh": "77"},
        "customer_facts": ["ticket_no", "link_code"],
    }
    async with a_desk(tmp_path, vendor, ticket=a_whole_ticket(**BY_PHONE, language="en"), **more) as desk:
        assert await desk.notices.send(BATCH) == ()
    (asked,) = (request.json for request in vendor.requests)
    assert (asked["TemplateId"], asked["TemplateParamSet"]) == ("77", ["T-1", CODE]), "there is no English one"


@pytest.mark.parametrize(
    ("order", "customer", "by", "reason"),
    [
        ("", {}, "mail", "mail comes first as shipped"),
        ('["sms", "mail"]', {}, "sms", "the company prefers it"),
        ('["sms", "mail"]', {"phone": "021-5888 0000"}, "mail", "a landline takes no message"),
        ('["mail"]', BY_PHONE, "", "the company sends none"),
        ("", {"email": "", "phone": ""}, "", "nothing is known: CX finds it in the notice centre"),
    ],
)
async def test_the_policy_says_which_way_comes_first(
    tmp_path: Path, vendor: Vendor, server: MailServer, order: str, customer: dict[str, str], by: str, reason: str
) -> None:
    async with a_desk(tmp_path, vendor, ticket=a_whole_ticket(**customer), url=server.url, order=order) as desk:
        assert await desk.notices.send(BATCH) == ()
        ((address, went, _),) = await desk.fates()
    assert went == by, reason
    assert (len(server.letters), len(vendor.requests)) == (by == "mail", by == "sms")
    assert by or address == "customer"


async def test_without_a_template_for_customers_nothing_changes(tmp_path: Path, vendor: Vendor) -> None:
    async with a_desk(tmp_path, vendor, customer={}) as desk:
        assert await desk.notices.send(BATCH) == ()
        assert await desk.fates() == [("customer", "", "")]
    assert vendor.requests == []


async def test_a_mail_that_is_refused_goes_as_a_text_message(
    tmp_path: Path, vendor: Vendor, server: MailServer
) -> None:
    server.answers["wang@example.org"] = "550 no such user"
    async with a_desk(tmp_path, vendor, ticket=a_whole_ticket(), url=server.url) as desk:
        assert await desk.notices.send(BATCH) == ()
        assert await desk.fates() == [("wang@example.org", "sms", "")]


async def test_no_link_that_was_revoked_is_sent(tmp_path: Path, vendor: Vendor) -> None:
    async with a_desk(tmp_path, vendor) as desk:
        await customer_links.revoke(desk.engine, SIGNER, ticket_no="T-1", at=T0, by="cx-1")
        assert await desk.notices.send(BATCH) == (NEWS.key,)
        assert await desk.fates() == [("+8613800138000", "", "sms: nothing fills link_code")]
    assert vendor.requests == []


async def test_a_vendor_that_is_away_is_tried_again(tmp_path: Path, vendor: Vendor) -> None:
    vendor.answer = lambda _: (503, {}, b"")
    async with a_desk(tmp_path, vendor) as desk:
        with pytest.raises(ApplicationError, match="sms: HTTP 503") as caught:
            await desk.notices.send(BATCH)
        assert (caught.value.type, caught.value.non_retryable) == ("MailUnavailable", False)
        assert "138" not in str(caught.value)


async def test_at_night_it_waits_for_the_morning(tmp_path: Path, vendor: Vendor) -> None:
    async with a_desk(tmp_path, vendor, at=NIGHT) as desk:
        assert await desk.notices.send(BATCH) == ()
        await desk.survey.invite(Invitation(key="T-1:9:survey", ticket_no="T-1", round=1, claimed_at=T0))
        assert await desk.send_held(NIGHT + HOUR) == "0 of 2 held text messages sent"
        assert vendor.requests == []
        assert await desk.send_held(NIGHT + 8 * HOUR) == "2 of 2 held text messages sent"
        assert await desk.send_held(NIGHT + 9 * HOUR) == "0 of 0 held text messages sent"
        assert await desk.fates() == [("+8613800138000", "sms", "")] * 2
    assert [facts["link_code"] for _, _, facts in told(vendor)] == [CODE] * 2


async def test_a_held_one_is_tried_for_a_day_and_then_shown_as_failed(tmp_path: Path, vendor: Vendor) -> None:
    vendor.answer = lambda _: (503, {}, b"")
    async with a_desk(tmp_path, vendor, at=NIGHT) as desk:
        await desk.notices.send(BATCH)
        for later, reason in ((8 * HOUR, ""), (DAY + 8 * HOUR, "sms: HTTP 503"), (DAY + 9 * HOUR, "sms: HTTP 503")):
            await desk.send_held(NIGHT + later)
            assert await desk.fates() == [("+8613800138000", "", reason)], later
    assert len(vendor.requests) == 2


async def test_a_message_that_is_still_on_its_way_is_left_alone(tmp_path: Path, vendor: Vendor) -> None:
    async with a_desk(tmp_path, vendor, at=NIGHT) as desk:
        await desk.notices.send(BATCH)
        assert await desk.send_held(NIGHT + timedelta(minutes=9)) == "0 of 0 held text messages sent"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13800138000", "+8613800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("0086 13800138000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),  # as an input method writes it
        ("+44 7700 900123", "+447700900123"),
        ("+86 21 5888 0000", ""),
        ("021-58880000", ""),
        ("400-000-0000", ""),
        ("13800138000 转 8", ""),
        ("139****8000", ""),
        ("", ""),
    ],
)
def test_a_mobile_is_told_from_what_takes_no_message(written: str, number: str) -> None:
    assert mobile(written) == number
