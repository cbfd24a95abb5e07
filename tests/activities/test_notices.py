"""Notices: the notice centre in a real ledger, mail over a real SMTP server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError

from activities.letters import Stationery
from activities.links import CustomerLinks
from activities.mail import SmtpMailer
from activities.notices import SqlNotices
from activities.roster import PolicyRoster
from domain.outlets import Audience, Notice, NoticeBatch, NoticeKind
from domain.wording import Language
from ledger import customer_links, notes, notices
from ledger.links import LinkSigner
from policy import reading
from tests.activities.letterbox import a_ledger_with, a_whole_ticket
from tests.activities.mail_server import MailServer, a_mail_server, html, plain
from tests.builders import DAY, T0

ROSTER = PolicyRoster(reading.load())
SIGNER = LinkSigner("s" * 32, base_url="https://voice.example")
LINK = SIGNER.address(SIGNER.customer_token("T-1", 1))
FACTS = {
    "ticket_no": "T-1",
    "owner": "powertrain",
    "stage": "in_work",
    "at": T0.isoformat(),
    "governing": "resolution",
    "governing_due_at": T0.isoformat(),
    "clock_kind": "response",
    "department": "powertrain",
    "due_at": T0.isoformat(),
    "hop": "2",
    "how": "confirmed",
    "level": "service",
    "proposed": "chassis",
    "reminder": "1",
    "round": "1",
    "to": "service",
    "why": "cannot_be_coordinated",
}


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with a_ledger_with(tmp_path, a_whole_ticket()) as engine:
        yield engine


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with a_mail_server() as server:
        yield server


def outlet(engine: AsyncEngine, server: MailServer | None = None) -> SqlNotices:
    mailer = SmtpMailer(server.url, sender="voice@carmaker.example.com") if server else None
    links = CustomerLinks(engine, SIGNER, clock=lambda: T0)
    return SqlNotices(engine, roster=ROSTER, mailer=mailer, clock=lambda: T0, link=links.of)


def a_notice(kind: NoticeKind, audience: Audience, department: str = "", n: int = 0, **facts: str) -> Notice:
    return Notice(key=f"T-1:7:{n}", kind=kind, audience=audience, department=department, facts={**FACTS, **facts})


def a_batch(*sent: Notice, ticket_no: str = "T-1") -> NoticeBatch:
    return NoticeBatch(ticket_no=ticket_no, notices=sent)


WORK_ORDER = a_notice(NoticeKind.WORK_ORDER, Audience.RESPONDERS, "powertrain")
CLOSED = a_notice(NoticeKind.CUSTOMER_CLOSED, Audience.CUSTOMER, n=1)


@pytest.mark.parametrize("facts", [FACTS, {}], ids=["all facts", "no fact"])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_reads_well_in_both_languages(kind: NoticeKind, language: Language, facts: dict[str, str]) -> None:
    letter = Stationery(ROSTER).write(kind, languages=(language,), facts={"ticket_no": "T-1", **facts})
    assert ("T-1" in letter.subject) is (kind is not NoticeKind.DIGEST), "a digest is of a whole department"
    assert "\n" not in letter.subject
    for said in (letter.subject, letter.text, letter.html):
        assert not any(sign in said for sign in ("{", "None", "Undefined", "  ", "clock:"))
        assert any("一" <= char <= "鿿" for char in said) == (language == "zh")
    assert len(letter.text.split()) > 0
    assert f'<html lang="{language}">' in letter.html


async def test_a_work_order_reaches_each_responder_with_the_customers_words(
    engine: AsyncEngine, server: MailServer
) -> None:
    assert await outlet(engine, server).send(a_batch(WORK_ORDER)) == ()
    assert {letter["To"] for letter in server.letters} == set(ROSTER.addresses(Audience.RESPONDERS, "powertrain"))
    letter = server.letters[0]
    assert letter["Subject"].startswith("客诉处理工作单 T-1 / Complaint work order T-1")
    assert "高速上突然没动力 <b>很危险</b>" in plain(letter)
    assert "&lt;b&gt;很危险" in html(letter)
    assert "行驶中动力消失" in plain(letter)
    assert "2026-03-02 09:00 (UTC+0800)" in plain(letter)
    assert "13800138000" not in str(plain(letter))


async def test_the_customer_is_written_to_in_their_language(tmp_path: Path, server: MailServer) -> None:
    async with a_ledger_with(tmp_path, a_whole_ticket(name="Ada", language="en")) as engine:
        await outlet(engine, server).send(a_batch(CLOSED))
    (letter,) = server.letters
    assert letter["To"] == "wang@example.org"
    assert plain(letter).startswith("Dear Ada,")
    assert "客" not in plain(letter)


async def test_a_customer_without_an_address_finds_it_in_the_notice_centre(tmp_path: Path, server: MailServer) -> None:
    async with a_ledger_with(tmp_path, a_whole_ticket(email="ask me\nBcc: x@y.z")) as engine:
        assert await outlet(engine, server).send(a_batch(CLOSED)) == ()
        (posted,) = await notices.of_ticket(engine, "T-1")
    assert (posted.address, posted.sent_at, server.letters) == ("customer", None, [])
    assert posted.body.startswith("王小明，您好")


async def test_a_notice_is_posted_and_mailed_once_however_often_it_is_sent(
    engine: AsyncEngine, server: MailServer
) -> None:
    for _ in range(3):
        await outlet(engine, server).send(a_batch(WORK_ORDER, CLOSED))
    assert len(server.letters) == len(await notices.of_ticket(engine, "T-1")) == 3
    assert len({letter["Message-ID"] for letter in server.letters}) == 3


async def test_without_mail_the_notice_centre_is_enough(engine: AsyncEngine) -> None:
    assert await outlet(engine).send(a_batch(CLOSED)) == ()
    (posted,) = await notices.of_ticket(engine, "T-1")
    assert (posted.kind, posted.subject, posted.sent_at) == ("customer_closed", "您的反馈已关闭（T-1）", None)


async def test_a_mail_server_that_is_away_is_tried_again_after_all_is_posted(
    engine: AsyncEngine, server: MailServer
) -> None:
    gone = MailServer(port=1)
    with pytest.raises(ApplicationError) as caught:
        await outlet(engine, gone).send(a_batch(WORK_ORDER, CLOSED))
    assert (caught.value.type, caught.value.non_retryable) == ("MailUnavailable", False)
    assert len(await notices.of_ticket(engine, "T-1")) == 3
    assert await outlet(engine, server).send(a_batch(WORK_ORDER, CLOSED)) == ()
    assert len(server.letters) == 3


async def test_an_address_put_off_holds_up_no_other_and_is_tried_again(engine: AsyncEngine, server: MailServer) -> None:
    first, second = ROSTER.addresses(Audience.RESPONDERS, "powertrain")
    server.answers[first] = "451 come back later"
    with pytest.raises(ApplicationError, match="T-1:7:0"):
        await outlet(engine, server).send(a_batch(WORK_ORDER))
    server.answers.clear()
    assert await outlet(engine, server).send(a_batch(WORK_ORDER)) == ()
    assert [letter["To"] for letter in server.letters] == [second, first]


async def test_a_mail_refused_for_good_is_given_back(engine: AsyncEngine, server: MailServer) -> None:
    server.answers["wang@example.org"] = "550 no such user wang@example.org"
    assert await outlet(engine, server).send(a_batch(WORK_ORDER, CLOSED)) == (CLOSED.key,)
    failed = [posted.failed_reason for posted in await notices.of_ticket(engine, "T-1") if posted.failed_reason]
    assert failed == ["mail: SMTP 550"]


@pytest.mark.parametrize(
    ("notice", "ticket_no"),
    [
        pytest.param(a_notice(NoticeKind.BREACH, Audience.MANAGER, "disbanded"), "T-1", id="no such department"),
        pytest.param(CLOSED, "T-404", id="a ticket nobody knows has no customer"),
    ],
)
async def test_a_notice_to_nobody_is_given_back(engine: AsyncEngine, notice: Notice, ticket_no: str) -> None:
    assert await outlet(engine).send(a_batch(notice, ticket_no=ticket_no)) == (notice.key,)


@pytest.mark.parametrize(("ticket_no", "is_shown"), [("T-1", True), ("T-2", False)])
async def test_progress_says_what_its_note_says_unless_it_is_anothers(
    engine: AsyncEngine, ticket_no: str, is_shown: bool
) -> None:
    note_id = await notes.keep(engine, ticket_no=ticket_no, text="配件明天到店", author="engine-1", at=T0)
    progress = a_notice(NoticeKind.CUSTOMER_PROGRESS, Audience.CUSTOMER, note_id=note_id)
    await outlet(engine).send(a_batch(progress))
    (posted,) = await notices.of_ticket(engine, "T-1")
    assert ("配件明天到店" in posted.body) == is_shown


CUSTOMERS = [kind for kind in NoticeKind if kind.startswith("customer_") and kind is not NoticeKind.CUSTOMER_SURVEY]


@pytest.mark.parametrize("kind", CUSTOMERS)
async def test_every_letter_to_the_customer_brings_the_same_link(
    engine: AsyncEngine, server: MailServer, kind: NoticeKind
) -> None:
    await outlet(engine, server).send(a_batch(a_notice(kind, Audience.CUSTOMER)))
    (letter,) = server.letters
    assert LINK in plain(letter)
    assert f'<a href="{LINK}">' in html(letter)
    (posted,) = await notices.of_ticket(engine, "T-1")
    assert "https://voice.example/c/***" in posted.body, "the notice centre does not open it"


async def test_no_colleague_is_sent_the_customers_link(engine: AsyncEngine, server: MailServer) -> None:
    everybody_else = [kind for kind in NoticeKind if not kind.startswith("customer_")]
    await outlet(engine, server).send(
        a_batch(*(a_notice(kind, Audience.CX, n=n) for n, kind in enumerate(everybody_else)))
    )
    assert server.letters
    assert not [letter for letter in server.letters if "/c/" in plain(letter) + html(letter)]


@pytest.mark.parametrize("kind", CUSTOMERS)
async def test_a_link_that_was_revoked_is_sent_no_more(engine: AsyncEngine, kind: NoticeKind) -> None:
    await customer_links.revoke(engine, SIGNER, ticket_no="T-1", at=T0, by="cx-1")
    await outlet(engine).send(a_batch(a_notice(kind, Audience.CUSTOMER)))
    (posted,) = await notices.of_ticket(engine, "T-1")
    assert "/c/" not in posted.body


@pytest.mark.parametrize("kind", [NoticeKind.CUSTOMER_RECEIVED, NoticeKind.CUSTOMER_PROGRESS])
async def test_a_letter_says_by_when_the_customer_hears_again(engine: AsyncEngine, kind: NoticeKind) -> None:
    await outlet(engine).send(a_batch(a_notice(kind, Audience.CUSTOMER, promised_by=(T0 + 2 * DAY).isoformat())))
    (posted,) = await notices.of_ticket(engine, "T-1")
    assert "最迟 2026-03-04 09:00 (UTC+0800)" in posted.body


@pytest.mark.parametrize("url", ["", "localhost:25", "http://localhost", "smtp://"])
def test_a_mail_address_of_another_shape_is_refused_with_its_remedy(url: str) -> None:
    with pytest.raises(ValueError, match="VOCLOOP_SMTP_URL"):
        SmtpMailer(url, sender="x@example.org")


@pytest.mark.parametrize(
    ("kind", "words", "reason"),
    [
        ("customer_received", "给您打电话确认", "there is such a letter for VIPs"),
        ("customer_closed", "", "there is none: the usual words"),
    ],
)
def test_a_plans_own_wording_is_used_where_there_is_such_a_letter(kind: str, words: str, reason: str) -> None:
    usual, own = (
        Stationery(ROSTER).write(kind, languages=("zh",), facts={"ticket_no": "T-1", **more})
        for more in ({}, {"wording": "vip"})
    )
    assert (usual.text != own.text) is bool(words), reason
    assert words in own.text
