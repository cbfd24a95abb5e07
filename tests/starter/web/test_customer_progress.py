"""What the page tells a customer while others work: where it stands, what was promised, what they may add."""

import logging
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from domain import commands as cmd
from ledger import inbox, notes
from ledger.links import hash_of
from settings import utc_now
from starter.web import customer_answer
from tests.activities.letterbox import a_ledger_with, a_whole_ticket
from tests.builders import CUSTOMER, CX, DAY, HOUR, NOTE, PHOTO, Played, of
from tests.ledger.building import recorded
from tests.starter.web.customer_page import ANSWER, LINK, Page, served

CAUSE = cmd.RootCause.DESIGN
LIGHTEST = 60_000  # bytes: what the page may weigh with its style, on a cheap phone


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with a_ledger_with(tmp_path, a_whole_ticket()) as engine, served(engine, tmp_path) as page:
        await page.written_to()
        yield page


def begun(*tags: str, ago: timedelta = HOUR) -> Played:
    return Played(*(tags or ("engine.stall",)), at=utc_now() - ago)


def headline(shown: httpx2.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", shown.text)
    assert shown.status_code == 200
    assert found, shown.text
    return found[1]


def accepted(p: Played) -> None:
    p.send(cmd.Accept, at=utc_now(), by=of("engine"))


def by_quality(p: Played) -> None:
    p.send(cmd.Accept, at=utc_now(), by=of("quality"))


def contested(p: Played) -> None:
    p.send(cmd.Contest, at=utc_now(), by=of("engine"), evidence=(PHOTO,), note_id=NOTE)


def withdrawn(p: Played) -> None:
    p.send(cmd.Withdraw, at=utc_now(), by=CX)


def refused(p: Played) -> None:
    p.send(cmd.Claim, at=utc_now(), by=of("engine"), note_id=NOTE, root_cause=CAUSE)
    p.send(cmd.CustomerReply, at=utc_now(), by=CUSTOMER, answer=cmd.Answer.REJECT, round=1)


@pytest.mark.parametrize(
    ("tag", "acts", "zh", "en"),
    [
        ("x", (), "我们正在安排由谁处理", "We are finding out who can solve it"),
        ("noise", (), "已经交给质量部", "It is with Quality"),
        ("noise", (by_quality,), "质量部正在处理", "Quality is working on it"),
        ("engine.stall", (accepted, contested), "我们正在确定由谁负责", "We are settling who answers for it"),
        ("engine.stall", (accepted, refused), "engine正在处理", "engine is working on it"),
        ("engine.stall", (withdrawn,), "按您的意愿，已经撤回", "Withdrawn, as you wished"),
    ],
)  # fmt: skip
async def test_the_page_says_where_it_stands(
    page: Page, tag: str, acts: tuple[Callable[[Played], None], ...], zh: str, en: str
) -> None:
    played = begun(tag)
    for act in acts:
        act(played)
    await recorded(page.engine, played)
    assert headline(await page.get(LINK)) == zh
    assert headline(await page.get(LINK, lang="en")) == en


async def test_before_the_ledger_knows_it_the_customer_is_told_that_it_came(page: Page) -> None:
    assert headline(await page.get(LINK)) == "我们收到了您的反馈"


async def test_the_next_word_is_promised_by_the_clock_that_runs(page: Page) -> None:
    await recorded(page.engine, begun(ago=HOUR))
    text = (await page.get(LINK, lang="en")).text
    assert re.search(r"You will hear from us by \d+ [A-Z][a-z]{2}, \d\d:\d\d\.", text)
    assert "did not keep our word" not in text


@pytest.mark.parametrize("is_noticed", [True, False], ids=["and a new promise runs", "nobody noticed yet"])
async def test_a_promise_that_was_missed_is_admitted(page: Page, *, is_noticed: bool) -> None:
    played = begun(ago=2 * DAY + HOUR)
    if is_noticed:
        played.wait(utc_now())
    await recorded(page.engine, played)
    text = (await page.get(LINK)).text
    assert "没有做到。对不起" in text
    assert ("现在最迟" in text) == is_noticed
    assert "您会收到我们的消息" not in text


async def test_news_reads_as_it_was_written_and_nothing_internal_is_shown(page: Page) -> None:
    told = await notes.keep(page.engine, ticket_no="T-1", text="配件<明天>到店", author="engine-1", at=utc_now())
    inner = await notes.keep(page.engine, ticket_no="T-1", text="供应商批次问题", author="engine-1", at=utc_now())
    played = begun()
    accepted(played)
    played.send(cmd.PostProgress, at=utc_now(), by=of("engine"), note_id=told)
    played.send(cmd.Claim, at=utc_now(), by=of("engine"), note_id=inner, root_cause=CAUSE)
    await recorded(page.engine, played)
    text = (await page.get(LINK)).text
    assert "配件&lt;明天&gt;到店" in text
    leaked = ("供应商批次", "engine-1", "王小明", "13800138000", "LSVAA", "很危险", told, inner, "design", "hop")
    assert not [each for each in leaked if each in text]


async def test_a_word_to_add_is_kept_for_those_who_work_on_it(page: Page) -> None:
    await recorded(page.engine, begun())
    shown = await page.send({"what": "add", "words": "今天又响了 <b>"}, LINK)
    assert shown.status_code == 200
    assert "收到了。处理的人会看到。" in shown.text
    assert "今天又响了 &lt;b&gt;" in shown.text
    (note,) = await notes.of_ticket(page.engine, "T-1")
    assert (note.author, note.text) == ("customer", "今天又响了 <b>")
    assert await page.commands() == [], "it is no answer"


@pytest.mark.parametrize(
    ("form", "said"),
    [({"words": " \n"}, "请写点什么"), ({"words": "响" * 2001}, "不超过 2000 字")],
)
async def test_nothing_and_too_much_are_said_to_be_so(page: Page, form: dict[str, str], said: str) -> None:
    await recorded(page.engine, begun())
    shown = await page.send({"what": "add", **form}, LINK)
    assert (shown.status_code, said in shown.text) == (422, True)
    assert await notes.of_ticket(page.engine, "T-1") == ()


async def test_whoever_writes_without_end_is_asked_to_call(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer_answer, "MOST_WORDS", 2)
    await recorded(page.engine, begun())
    statuses = [(await page.send({"what": "add", "words": f"{n}"}, LINK)).status_code for n in range(4)]
    assert statuses == [200, 200, 422, 422]


async def test_what_is_sent_has_a_pace_of_its_own(tmp_path: Path) -> None:
    async with a_ledger_with(tmp_path, a_whole_ticket()) as engine, served(engine, tmp_path, posts=2) as page:
        await page.written_to()
        await recorded(engine, begun())
        sent = [(await page.send({"what": "add", "words": f"{n}"}, LINK)).status_code for n in range(3)]
        assert sent == [200, 200, 429]
        assert (await page.get(LINK)).status_code == 200


async def test_nothing_can_be_added_once_it_is_closed(page: Page) -> None:
    played = begun()
    withdrawn(played)
    await recorded(page.engine, played)
    shown = await page.get(LINK)
    assert "<form" not in shown.text
    assert "400-000-0000" in shown.text


async def test_a_long_story_is_light_enough_for_a_cheap_phone(page: Page) -> None:
    played = begun(ago=9 * DAY)
    accepted(played)
    for number in range(40):
        told = await notes.keep(
            page.engine, ticket_no="T-1", text=f"{number}：" + "已联系供应商。" * 20, author="e", at=utc_now()
        )
        played.send(cmd.PostProgress, at=utc_now(), by=of("engine"), note_id=told)
    played.send(cmd.Claim, at=utc_now(), by=of("engine"), note_id=NOTE, root_cause=CAUSE)
    await recorded(page.engine, played)
    shown = await page.get(LINK)
    beside = re.findall(r'(?:href|src)="(/static/[^"]+)"', shown.text)
    weights = [len(shown.content)] + [len((await page.get(each)).content) for each in beside]
    assert len(beside) == 2, "a style and an icon"
    assert sum(weights) < LIGHTEST, weights


async def test_the_token_stands_in_no_log_no_message_and_no_header(
    page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    token = LINK.removeprefix("/c/")
    await recorded(page.engine, begun())
    await page.invited()
    with caplog.at_level(logging.DEBUG, logger="vocloop"):
        answers = [await page.get(LINK), await page.send(ANSWER, LINK), await page.get("/c/" + "x" * 22)]
    said = [str(answer.headers) + answer.text for answer in answers]
    rows: list[inbox.InboxRow] = await page.commands()
    assert rows
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert not [each for each in (*said, *ours, str(rows)) if token in each or hash_of(token) in each]
