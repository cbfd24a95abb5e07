"""The customer's page over HTTP, before a real ledger; the last test goes the whole way through a real Temporal."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx2
import pytest

from domain import commands as cmd
from domain.messages import read
from ledger import customer_links, notes, policies, surveys
from ledger.links import LinkSigner
from settings import utc_now
from tests.activities.letterbox import a_ledger_with, a_whole_ticket
from tests.builders import CUSTOMER, DAY, HOUR, NOTE, T0, a_policy, of
from tests.ledger.building import recorded
from tests.starter.api_server import RunningApi, a_ticket_no, soon
from tests.starter.web.customer_page import ANSWER, LINK, SIGNER, Page, claimed, path_of, served


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with a_ledger_with(tmp_path, a_whole_ticket()) as engine, served(engine, tmp_path) as page:
        yield page


async def test_the_page_says_what_is_asked_and_asks_it(page: Page) -> None:
    await recorded(page.engine, claimed())
    await page.invited()
    shown = await page.get()
    assert shown.status_code == 200
    for said in ("T-1", "行驶中动力消失", "已解决", "没有解决", "没有您的确认", 'name="recommend" value="10"'):
        assert said in shown.text
    assert len(re.findall(r'name="(?:attitude|ability|convenience|fair_charge|complaint_handling)"', shown.text)) == 25


async def test_the_page_shows_nothing_personal_and_nothing_internal(page: Page) -> None:
    await recorded(page.engine, claimed())
    await page.invited()
    text = (await page.get()).text
    assert not [word for word in ("王小明", "13800138000", "LSVAA", "wang@", "很危险", NOTE, "design") if word in text]


@pytest.mark.parametrize(
    ("asked", "mark"),
    [({}, 'lang="zh-CN"'), ({"lang": "en"}, "Is it solved?"), ({"lang": "fr"}, 'lang="zh-CN"')],
)
async def test_the_page_speaks_the_customers_language_or_the_one_asked_for(
    page: Page, asked: dict[str, str], mark: str
) -> None:
    await page.invited()
    assert mark in (await page.get(**asked)).text


async def test_the_page_needs_no_script_and_leaves_no_trace(page: Page) -> None:
    await page.invited()
    shown = await page.get()
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert shown.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "set-cookie" not in shown.headers
    assert not re.search(r"<script|style=|\son\w+=|https?://", shown.text)


async def test_opening_it_never_acts(page: Page) -> None:
    await page.invited()
    for _ in range(3):
        await page.get(answer="confirm")
    assert await page.commands() == []


async def test_an_answer_becomes_the_customers_reply(page: Page) -> None:
    await page.invited()
    said = await page.send(ANSWER)
    assert said.status_code == 200
    (row,) = await page.commands()
    reply = read(row.name, row.body, received_at=T0)
    assert isinstance(reply, cmd.CustomerReply)
    assert (reply.answer, reply.round, reply.actor.role) == ("reject", 1, "customer")
    assert reply.ratings == cmd.Ratings(attitude=5, recommend=0)
    assert reply.command_id == f"survey-{hashlib.sha256(path_of()[3:].encode()).hexdigest()[:32]}"
    assert "还是响" not in str(row.body)
    (note,) = await notes.of_ticket(page.engine, "T-1")
    assert (note.note_id, note.text, note.author) == (reply.note_id, "还是响 <b>", "customer")


async def test_a_second_visit_shows_what_was_answered(page: Page) -> None:
    await page.invited()
    await page.send(ANSWER)
    for shown in (await page.get(), await page.send({"answer": "confirm"})):
        assert shown.status_code == 200
        assert "没有解决" in shown.text
        assert "还是响 &lt;b&gt;" in shown.text
        assert 'name="answer"' not in shown.text
    assert len(await page.commands()) == 1


async def test_two_clicks_at_once_count_once(page: Page) -> None:
    await page.invited()
    both = await asyncio.gather(page.send({"answer": "confirm"}), page.send({"answer": "reject"}))
    assert sorted(said.status_code for said in both)[0] == 200
    (row,) = await page.commands()
    survey = await surveys.find_by_token_hash(page.engine, hashlib.sha256(path_of()[3:].encode()).hexdigest())
    assert survey is not None
    assert survey.answer is not None
    assert survey.answer["answer"] == row.body["answer"]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param({"words": "还是响"}, "请先选择", id="no answer"),
        pytest.param({"answer": "perhaps", "words": "还是响"}, "请先选择", id="another answer"),
        pytest.param({"answer": "reject", "attitude": "6", "words": "还是响"}, "没有填对", id="six of five"),
        pytest.param({"answer": "reject", "recommend": "many", "words": "还是响"}, "没有填对", id="not a number"),
        pytest.param({"answer": "reject", "words": "还是响" * 700}, "2000", id="a letter too long"),
    ],
)
async def test_a_form_filled_in_wrongly_comes_back_with_what_was_written(
    page: Page, form: dict[str, str], said: str
) -> None:
    await page.invited()
    shown = await page.send(form)
    assert shown.status_code == 422
    assert said in shown.text
    assert form["words"] in shown.text
    assert await page.commands() == []


async def test_a_round_that_was_overtaken_is_not_answered(page: Page) -> None:
    await recorded(page.engine, claimed(times=2))
    await page.invited(1)
    await page.invited(2)
    late = await page.send({**ANSWER, "round": "1"})
    assert late.status_code == 409
    assert "刚才有了新的进展" in late.text
    assert 'name="round" value="2"' in late.text, "and the round of now is asked"
    assert await page.commands() == []


async def test_a_claim_that_was_decided_meanwhile_is_not_answered(page: Page) -> None:
    played = claimed(times=2)
    played.send(cmd.CustomerReply, at=T0 + DAY, by=CUSTOMER, answer=cmd.Answer.CONFIRM, round=2)
    await recorded(page.engine, played)
    await page.invited(2)
    assert (await page.get(path_of(2))).status_code == 200
    assert (await page.send({**ANSWER, "round": "2"}, path_of(2))).status_code == 409
    assert await page.commands() == []


async def test_one_link_asks_every_round(page: Page) -> None:
    played = claimed()
    await recorded(page.engine, played)
    await page.written_to()
    await page.invited(1)
    assert (await page.send({**ANSWER, "round": "1"}, LINK)).status_code == 200
    played.send(cmd.CustomerReply, at=T0 + 4 * HOUR, by=CUSTOMER, answer=cmd.Answer.REJECT, round=1)
    played.send(cmd.Claim, at=T0 + 5 * HOUR, by=of("engine"), note_id=NOTE, root_cause=cmd.RootCause.DESIGN)
    await recorded(page.engine, played)
    await page.invited(2)
    assert 'name="round" value="2"' in (await page.get(LINK)).text
    assert (await page.send({"answer": "confirm", "round": "2"}, LINK)).status_code == 200
    assert [row.body["round"] for row in await page.commands()] == [1, 2]


async def test_an_answer_by_a_surveys_link_and_by_the_customers_is_one(page: Page) -> None:
    await page.written_to()
    await page.invited()
    both = await asyncio.gather(page.send({"answer": "confirm"}), page.send({"answer": "reject"}, LINK))
    assert {said.status_code for said in both} == {200}
    assert len(await page.commands()) == 1


async def test_a_customer_who_is_quicker_than_the_invitation_is_heard(page: Page) -> None:
    await recorded(page.engine, claimed())
    await page.written_to()
    assert (await page.send({**ANSWER, "round": "1"}, LINK)).status_code == 200
    await page.invited()
    (row,) = await page.commands()
    (survey,) = await surveys.of_ticket(page.engine, "T-1")
    assert survey.answer is not None
    assert row.body["command_id"] == f"survey-{survey.token_hash[:32]}"


@pytest.mark.parametrize("token", ["A" * 22, "A" * 21, "x", SIGNER.token("T-1", 1)[:-1] + "~", "%00" * 22])
async def test_a_link_nobody_made_leads_nowhere_and_says_no_more(page: Page, token: str) -> None:
    await page.invited()
    for shown in (await page.get(f"/c/{token}"), await page.send(ANSWER, f"/c/{token}")):
        assert shown.status_code == 404
        assert "T-1" not in shown.text


async def test_what_does_not_open_looks_the_same_whatever_the_reason(page: Page) -> None:
    never_made = await page.get()
    await page.invited(at=utc_now() - 90 * DAY - HOUR)
    too_old = await page.get()
    await page.written_to()
    await customer_links.revoke(page.engine, SIGNER, ticket_no="T-1", at=utc_now(), by="cx-1")
    revoked = await page.get(LINK)
    assert {shown.status_code for shown in (never_made, too_old, revoked)} == {404}
    assert never_made.text == too_old.text == revoked.text
    assert "400-000-0000" in revoked.text, "it says whom to call"
    assert never_made.headers["Cache-Control"] == "no-store"


async def test_a_revoked_link_takes_no_answer_and_neither_does_a_survey_of_before(page: Page) -> None:
    await page.invited()
    await page.written_to()
    await customer_links.revoke(page.engine, SIGNER, ticket_no="T-1", at=utc_now(), by="cx-1")
    for path in (LINK, path_of()):
        assert (await page.send(ANSWER, path)).status_code == 404
    assert await page.commands() == []


@pytest.mark.parametrize(
    ("link_life", "age", "status", "reason"),
    [
        ("2 hours", 3 * HOUR, 404, "its own rule, not the folder's"),
        ("120 calendar_days", 119 * DAY, 200, "longer than the folder's"),
    ],
)
async def test_a_link_lives_as_long_as_the_complaints_own_policy_says(
    page: Page, link_life: str, age: timedelta, status: int, reason: str
) -> None:
    policy = a_policy(version="test+links", verification={"link_life": link_life})
    await policies.keep(page.engine, policy)
    await recorded(page.engine, claimed(policy=policy))
    await page.invited(at=utc_now() - age)
    assert (await page.get()).status_code == status, reason


async def test_whoever_knocks_too_often_is_asked_to_wait(tmp_path: Path) -> None:
    async with a_ledger_with(tmp_path, a_whole_ticket()) as engine, served(engine, tmp_path, visits=3) as page:
        await page.invited()
        assert [(await page.get()).status_code for _ in range(5)] == [200, 200, 200, 429, 429]


async def test_whoever_guesses_is_asked_to_wait_and_nobody_else(tmp_path: Path) -> None:
    async with a_ledger_with(tmp_path, a_whole_ticket()) as engine, served(engine, tmp_path, misses=2) as page:
        await page.invited()
        guessed = [(await page.get(f"/c/{number:022d}")) for number in range(4)]
        assert [shown.status_code for shown in guessed] == [404, 404, 429, 429]
        assert guessed[-1].headers["Retry-After"] == "60"
        assert (await page.get()).status_code == 200


async def test_the_customers_word_closes_the_complaint(running_api: RunningApi) -> None:
    settings = running_api.settings
    ticket_no = a_ticket_no()
    await running_api.opened(ticket_no=ticket_no)
    by = {"role": "responder", "department": "powertrain", "id": "p-1"}
    await running_api.command(ticket_no, "accept", actor=by)
    taken = await running_api.command(ticket_no, "claim", actor=by, note="换了燃油泵", root_cause="supplier_part")
    assert taken.status_code == 200, taken.text
    signer = LinkSigner(settings.secret_key, base_url=settings.base_url)
    link = signer.address(signer.customer_token(ticket_no, 1))

    async def asked() -> httpx2.Response | None:
        shown = await running_api.http.get(link)
        return shown if shown.status_code == 200 and 'name="answer"' in shown.text else None

    assert "动力总成部" in (await soon(asked)).text
    assert await soon(partial(_told_without_link, running_api, ticket_no, link)), "a colleague could speak for them"
    assert "谢谢您" in (await running_api.http.post(link, data={"answer": "confirm"})).text
    closed = await running_api.until(ticket_no, lambda complaint: complaint["stage"] == "closed")
    assert closed["complaint"]["facts"]["closing"] == "confirmed"


async def _told_without_link(api: RunningApi, ticket_no: str, link: str) -> bool | None:
    """Whether the notice centre hides the link; None while the invitation is not posted."""
    told = (await api.get("/notices", audience="customer", limit=200))["items"]
    invited = [each for each in told if (each["ticket_no"], each["kind"]) == (ticket_no, "customer_survey")]
    return link.rpartition("/")[2] not in str(told) and "/c/***" in invited[0]["body"] if invited else None
