"""Whatever others send and whatever keys are pressed, the customer's word arrives, or the customer is told to call."""

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from ledger import inbox, notes
from settings import utc_now
from starter.web import customer_answer
from tests.activities.letterbox import a_ledger_with, a_whole_ticket
from tests.builders import NOTE
from tests.starter.web.customer_page import ANSWER, Page, path_of, served


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with a_ledger_with(tmp_path, a_whole_ticket()) as engine, served(engine, tmp_path) as page:
        yield page


async def taken_before(page: Page, key: str) -> None:
    """Somebody else sent a command under this id before the customer answered."""
    body = {"actor": {"role": "responder"}, "note_id": NOTE, "command_id": key}
    await inbox.take(
        page.engine,
        key=f"command:T-1:{key}",
        kind=inbox.COMMAND,
        ticket_no="T-1",
        name="post_progress",
        body=body,
        received_at=utc_now(),
    )


async def test_nobody_can_use_up_the_customers_answer(page: Page) -> None:
    await page.invited()
    await taken_before(page, "survey-T-1-1")  # what can be told from the ticket and the round alone
    assert (await page.send(ANSWER)).status_code == 200
    assert [row.name for row in await page.commands()] == ["post_progress", "customer_reply"]


async def test_an_answer_that_cannot_be_recorded_is_not_said_to_be(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer_answer, "FIRST_ANSWER_WITHIN", timedelta(milliseconds=200))
    await page.invited()
    await taken_before(page, f"survey-{hashlib.sha256(path_of()[3:].encode()).hexdigest()[:32]}")
    said = await page.send(ANSWER)
    assert said.status_code == 409
    assert "没有记上" in said.text
    assert "打电话" in said.text
    assert "谢谢" not in said.text
    (note,) = await notes.of_ticket(page.engine, "T-1")
    assert note.text == "还是响 <b>"


async def test_signs_that_no_database_keeps_are_left_out_of_the_customers_words(page: Page) -> None:
    await page.invited()
    shown = await page.send({"answer": "reject", "words": "\x00还\x07是\x9f响\r\n\t两次\x1b\r"})
    assert shown.status_code == 200
    (note,) = await notes.of_ticket(page.engine, "T-1")
    assert note.text == "还是响\n\t两次"
