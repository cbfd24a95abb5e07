"""The survey's invitation: the customer's one link, its hash in the ledger, itself in the mailed letter alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError

from activities.mail import SmtpMailer
from activities.roster import PolicyRoster
from activities.survey import LinkSigner, SqlSurvey
from domain.outlets import Invitation
from ledger import customer_links, notices, surveys
from ledger.links import hash_of
from policy import reading
from tests.activities.letterbox import a_ledger_with, a_whole_ticket
from tests.activities.mail_server import a_mail_server, html, plain
from tests.builders import T0

ROSTER = PolicyRoster(reading.load())
SIGNER = LinkSigner("s" * 32, base_url="https://voice.example/")
LINK = SIGNER.address(SIGNER.customer_token("T-1", 1))
FIRST = Invitation(key="T-1:9:survey", ticket_no="T-1", round=1, claimed_at=T0)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with a_ledger_with(tmp_path, a_whole_ticket()) as engine:
        yield engine


def outlet(engine: AsyncEngine, port: int = 0) -> SqlSurvey:
    mailer = SmtpMailer(f"smtp://127.0.0.1:{port}", sender="voice@carmaker.example.com") if port else None
    return SqlSurvey(engine, signer=SIGNER, names=ROSTER, mailer=mailer, clock=lambda: T0)


async def test_the_customer_gets_one_link_however_often_they_are_invited(engine: AsyncEngine) -> None:
    async with a_mail_server() as server:
        for _ in range(3):
            await outlet(engine, server.port).invite(FIRST)
    (letter,) = server.letters
    assert letter["To"] == "wang@example.org"
    assert LINK in plain(letter)
    assert f'<a href="{LINK}">' in html(letter)


async def test_the_ledger_finds_the_complaint_by_the_links_hash(engine: AsyncEngine) -> None:
    await outlet(engine).invite(FIRST)
    lead = await customer_links.find(engine, LINK.rpartition("/")[2])
    assert lead == ("T-1", T0)
    (survey,) = await surveys.of_ticket(engine, "T-1")
    assert (survey.round, survey.answered_at, survey.token_hash) == (1, None, hash_of(SIGNER.token("T-1", 1)))


async def test_every_round_is_asked_by_the_same_link(engine: AsyncEngine) -> None:
    async with a_mail_server() as server:
        for number in (1, 2):
            again = Invitation(key=f"T-1:{number}9:survey", ticket_no="T-1", round=number, claimed_at=T0)
            await outlet(engine, server.port).invite(again)
    assert [LINK in plain(letter) for letter in server.letters] == [True, True]


async def test_the_link_stands_in_the_mail_alone(engine: AsyncEngine) -> None:
    await outlet(engine).invite(FIRST)
    (posted,) = await notices.of_ticket(engine, "T-1")
    assert (posted.kind, posted.audience) == ("customer_survey", "customer")
    assert "https://voice.example/c/***" in posted.body
    assert LINK.rpartition("/")[2] not in str(posted)


async def test_a_customer_whose_link_was_revoked_is_called_instead(engine: AsyncEngine) -> None:
    await customer_links.revoke(engine, SIGNER, ticket_no="T-1", at=T0, by="cx-1")
    await outlet(engine).invite(FIRST)
    (posted,) = await notices.of_ticket(engine, "T-1")
    assert "/c/" not in posted.body
    assert "我们会打电话给您" in posted.body


async def test_a_mail_server_that_is_away_is_tried_again_with_the_same_link(engine: AsyncEngine) -> None:
    with pytest.raises(ApplicationError) as caught:
        await outlet(engine, 1).invite(FIRST)
    assert (caught.value.type, caught.value.non_retryable) == ("MailUnavailable", False)
    async with a_mail_server() as server:
        await outlet(engine, server.port).invite(FIRST)
    assert [LINK in plain(letter) for letter in server.letters] == [True]


async def test_a_customer_nobody_can_mail_is_not_asked_again_and_again(engine: AsyncEngine) -> None:
    async with a_mail_server() as server:
        server.answers["wang@example.org"] = "550 no such user"
        await outlet(engine, server.port).invite(FIRST)
    (posted,) = await notices.of_ticket(engine, "T-1")
    assert (posted.failed_reason, posted.attempts) == ("mail: SMTP 550", 1)


def test_a_link_is_of_one_ticket_under_one_secret() -> None:
    other = LinkSigner("t" * 32, base_url="https://voice.example")
    links = {SIGNER.link(*of) for of in (("T-1", 1), ("T-1", 2), ("T-2", 1), ("T-1\n1", 1))}
    links |= {LINK, other.link("T-1", 1), other.address(other.customer_token("T-1", 1))}
    assert len(links) == 7
    assert SIGNER.address(SIGNER.customer_token("T-1", 1)) == LINK
    assert len(LINK.rpartition("/")[2]) == 22, "128 bits in base64"


def test_a_secret_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="VOCLOOP_SECRET_KEY"):
        LinkSigner("short", base_url="https://voice.example")
