"""The customer's page over HTTP, before a real ledger; the last test goes the whole way through a real Temporal."""

import asyncio
import hashlib
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.survey import LinkSigner
from domain import commands as cmd
from domain.commands import RootCause
from domain.messages import read
from domain.policy import Policy
from ledger import inbox, notes, policies, surveys
from policy import reading
from settings import Settings, utc_now
from starter.commands import Complaints
from starter.connecting import client_plugin, connect
from starter.evidence.store import EvidenceStore
from starter.http.behind import Behind
from starter.web.survey_pages import make_router
from tests.activities.letterbox import a_ledger_with, a_whole_ticket
from tests.builders import CUSTOMER, DAY, HOUR, NOTE, T0, Played, a_policy, of
from tests.ledger.building import recorded
from tests.starter.api_server import RunningApi, a_ticket_no, soon

SIGNER = LinkSigner("s" * 32, base_url="http://here")
ANSWER = {"answer": "reject", "attitude": "5", "recommend": "0", "words": "还是响 <b>"}


def path_of(round_number: int = 1) -> str:
    return f"/c/{SIGNER.token('T-1', round_number)}"


class Page:
    """A served page, its ledger, and a customer's browser."""

    def __init__(self, engine: AsyncEngine, http: httpx2.AsyncClient) -> None:
        self.engine, self.http = engine, http

    async def invited(self, number: int = 1, *, at: Any = None) -> None:
        token_hash = hashlib.sha256(SIGNER.token("T-1", number).encode()).hexdigest()
        await surveys.invite(
            self.engine, ticket_no="T-1", round=number, token_hash=token_hash, invited_at=at or utc_now()
        )

    async def get(self, path: str = "", **query: str) -> httpx2.Response:
        return await self.http.get(path or path_of(), params=query)

    async def send(self, form: dict[str, str], path: str = "") -> httpx2.Response:
        return await self.http.post(path or path_of(), data=form)

    async def commands(self) -> list[inbox.InboxRow]:
        return list(await inbox.undelivered(self.engine, before=utc_now(), limit=10))


@asynccontextmanager
async def served(engine: AsyncEngine, folder: Path, *, visits_a_minute: int = 1000) -> AsyncIterator[Page]:
    """Temporal is away here: what is sent lies in the inbox, where it can be looked at."""
    settings = Settings(temporal_address="127.0.0.1:1")
    files, client = reading.load(), await connect(settings, plugins=[client_plugin()], is_lazy=True)
    store = EvidenceStore(folder / "evidence")
    app = FastAPI()
    app.state.behind = Behind(
        settings, engine, files, client, Complaints(client, engine, files, task_queue="none"), store
    )
    app.include_router(make_router(visits_a_minute=visits_a_minute))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        async with httpx2.AsyncClient(base_url=base_url, trust_env=False, verify=False, timeout=30) as http:
            yield Page(engine, http)
    finally:
        server.should_exit = True
        await task
        listener.close()


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with a_ledger_with(tmp_path, a_whole_ticket()) as engine, served(engine, tmp_path) as page:
        yield page


def claimed(times: int = 1, *, policy: Policy | None = None) -> Played:
    """Accepted and claimed; every claim but the last was rejected."""
    played = Played("engine.stall", policy=policy)
    played.send(cmd.Accept, at=T0 + HOUR, by=of("engine"))
    for number in range(1, times + 1):
        at = T0 + (2 * number) * HOUR
        played.send(cmd.Claim, at=at, by=of("engine"), note_id=NOTE, root_cause=RootCause.DESIGN)
        if number < times:
            played.send(cmd.CustomerReply, at=at + HOUR, by=CUSTOMER, answer=cmd.Answer.REJECT, round=number)
    return played


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
    [({}, 'lang="zh-CN"'), ({"lang": "en"}, "Is the problem gone?"), ({"lang": "fr"}, 'lang="zh-CN"')],
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
    assert not re.search(r"<script|style=|\son\w+=|https?://", shown.text)
    assert (await page.get("/survey.css")).headers["Content-Type"].startswith("text/css")


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
        assert "<form" not in shown.text
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
        pytest.param({"answer": "reject", "attitude": "6", "words": "还是响"}, "填写不正确", id="six of five"),
        pytest.param({"answer": "reject", "recommend": "many", "words": "还是响"}, "填写不正确", id="not a number"),
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


async def test_a_round_that_was_overtaken_says_so(page: Page) -> None:
    await recorded(page.engine, claimed(times=2))
    await page.invited(1)
    await page.invited(2)
    for shown in (await page.get(path_of(1)), await page.send(ANSWER, path_of(1))):
        assert shown.status_code == 410
        assert "请打开最新的那一个" in shown.text
    assert await page.commands() == []
    assert (await page.get(path_of(2))).status_code == 200


@pytest.mark.parametrize("token", ["A" * 22, "A" * 21, "x", SIGNER.token("T-1", 1)[:-1] + "~", "%00" * 22])
async def test_a_link_nobody_made_leads_nowhere_and_says_no_more(page: Page, token: str) -> None:
    await page.invited()
    for shown in (await page.get(f"/c/{token}"), await page.send(ANSWER, f"/c/{token}")):
        assert shown.status_code == 404
        assert "T-1" not in shown.text


async def test_a_link_too_old_looks_like_one_nobody_made(page: Page) -> None:
    never_made = await page.get()
    await page.invited(at=utc_now() - 90 * DAY - HOUR)
    too_old = await page.get()
    assert (too_old.status_code, too_old.text) == (404, never_made.text)


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
    async with a_ledger_with(tmp_path, a_whole_ticket()) as engine, served(engine, tmp_path, visits_a_minute=3) as page:
        await page.invited()
        assert [(await page.get()).status_code for _ in range(5)] == [200, 200, 200, 429, 429]


async def test_the_customers_word_closes_the_complaint(running_api: RunningApi) -> None:
    settings = running_api.settings
    ticket_no = a_ticket_no()
    await running_api.opened(ticket_no=ticket_no)
    by = {"role": "responder", "department": "powertrain", "id": "p-1"}
    await running_api.command(ticket_no, "accept", actor=by)
    taken = await running_api.command(ticket_no, "claim", actor=by, note="换了燃油泵", root_cause="supplier_part")
    assert taken.status_code == 200, taken.text
    link = LinkSigner(settings.secret_key, base_url=settings.base_url).link(ticket_no, 1)

    async def asked() -> httpx2.Response | None:
        shown = await running_api.http.get(link)
        return shown if shown.status_code == 200 else None

    assert "动力总成部" in (await soon(asked)).text
    assert await soon(partial(_told_without_link, running_api, ticket_no, link)), "a colleague could speak for them"
    assert "很高兴问题已经解决" in (await running_api.http.post(link, data={"answer": "confirm"})).text
    closed = await running_api.until(ticket_no, lambda complaint: complaint["stage"] == "closed")
    assert closed["complaint"]["facts"]["closing"] == "confirmed"


async def _told_without_link(api: RunningApi, ticket_no: str, link: str) -> bool | None:
    """Whether the notice centre hides the link; None while the invitation is not posted."""
    told = (await api.get("/notices", audience="customer", limit=200))["items"]
    invited = [each for each in told if (each["ticket_no"], each["kind"]) == (ticket_no, "customer_survey")]
    return link.rpartition("/")[2] not in str(told) and "/c/***" in invited[0]["body"] if invited else None
