"""Every event of every complaint reaches whoever subscribed: signed, in order, again until it is taken."""

import asyncio
import os
import signal
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.webhook_sender import LEASE
from domain.webhooks import KINDS, Patience, secret_of
from ledger import webhook_replay, webhook_sending, webhooks
from ledger import webhook_tables as w
from ledger.database import writing
from ledger.events import append
from ledger.webhooks import Webhook
from settings import utc_now
from tests.activities.receiver import Message, Receiver, Reply, a_receiver
from tests.activities.sending import KEY, MS, QUICK, SOURCE, sending, subscribed
from tests.builders import T0, Played
from tests.ledger.building import a_batch, a_ledger, eventful, withdrawn
from tests.starter.api_server import soon
from tests.starter.processes import child_environment

ALL = [("T-1", event.seq) for event in eventful().events]


async def recorded(engine: AsyncEngine, *plays: Played) -> None:
    """Append all that was played, as of now: what is old leaves the log."""
    for played in plays:
        await append(engine, a_batch(played), recorded_at=utc_now())


async def delivered(engine: AsyncEngine, webhook_id: str, number: int) -> None:
    async def look() -> bool | None:
        done, _ = await webhooks.log_of(engine, webhook_id, state="delivered", limit=200)
        return True if len(done) >= number else None

    await soon(look)


def in_order(messages: list[Message]) -> bool:
    """Whether each ticket's events first came in their order."""
    first = list(dict.fromkeys(message.place for message in messages if message.event))
    return all(
        [seq for ticket, seq in first if ticket == one] == sorted(seq for ticket, seq in first if ticket == one)
        for one in {ticket for ticket, _ in first}
    )


async def test_a_subscriber_gets_every_event_once_in_order_and_can_verify_it(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine, a_receiver() as receiver, sending(engine):
        webhook = await subscribed(engine, receiver)
        await recorded(engine, eventful())
        await delivered(engine, webhook.webhook_id, len(ALL))
    assert receiver.accepted == ALL
    assert receiver.connections == 1


async def test_what_is_sent_is_a_cloudevent_without_anything_personal(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine, a_receiver() as receiver, sending(engine):
        await subscribed(engine, receiver)
        await recorded(engine, eventful())
        messages = await receiver.got(len(ALL))
    for message, told in zip(messages, eventful().events, strict=True):
        event: Any = from_http_event(HTTPMessage(headers=message.headers, body=message.body))
        assert event.get_type() == f"com.vocloop.complaint.{told.kind}.v1"
        assert (event.get_source(), event.get_subject(), event.get_time()) == (SOURCE, "T-1", told.at)
        assert event.get_data()["event"]["kind"] == told.kind
        assert "id" not in (event.get_data()["event"]["actor"] or {})


async def test_the_complaint_is_told_as_it_stood_right_after_each_event(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine, a_receiver() as receiver, sending(engine):
        await subscribed(engine, receiver, kinds=("dispatched", "transferred", "clock_breached", "closed"))
        await recorded(engine, eventful())
        messages = await receiver.got(8)
    after = [(m.event["data"]["event"]["kind"], m.event["data"]["after"]) for m in messages]
    assert (after[0][0], after[0][1]["owner"], after[0][1]["light"]) == ("dispatched", "engine", "green")
    assert "red" in [stands["light"] for kind, stands in after if kind == "clock_breached"]
    assert (after[-1][0], after[-1][1]["stage"], after[-1][1]["due_at"]) == ("closed", "closed", None)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kinds": ("closed",)}, ["closed"]),
        ({"departments": ("chassis",), "kinds": ("dispatched",)}, ["dispatched"]),  # the second one, by transfer
        ({"departments": ("body",)}, []),  # nobody's business
        ({"kinds": KINDS, "departments": ()}, [event.kind for event in eventful().events]),
    ],
)
async def test_a_subscriber_gets_what_it_asked_for(tmp_path: Path, fields: dict[str, Any], expected: list[str]) -> None:
    async with a_ledger(tmp_path) as engine, a_receiver() as receiver:
        webhook = await subscribed(engine, receiver, **fields)
        await recorded(engine, eventful())
        queued, _ = await webhooks.log_of(engine, webhook.webhook_id, limit=200)
    assert [each.kind for each in sorted(queued, key=lambda each: each.seq)] == expected


FAULTS = [
    (Reply(500), "status"),  # it broke
    (Reply(404), "status"),  # not deployed yet: worth another try
    (Reply(302, headers="Location: http://169.254.169.254/\r\n"), "redirected"),  # never followed
    (Reply(after=2), "timeout"),
    (Reply(cut=True), "cut_off"),
]


@pytest.mark.parametrize(("fault", "code"), FAULTS, ids=[str(n) for n in range(len(FAULTS))])
async def test_what_fails_comes_again_under_the_same_id(tmp_path: Path, fault: Reply, code: str) -> None:
    async with a_ledger(tmp_path) as engine, a_receiver() as receiver, sending(engine):
        receiver.answer = lambda _: fault if len(receiver.messages) == 1 else Reply()
        webhook = await subscribed(engine, receiver)
        await recorded(engine, withdrawn("T-1"))
        number = len(withdrawn("T-1").events)
        await delivered(engine, webhook.webhook_id, number)
        log, _ = await webhooks.log_of(engine, webhook.webhook_id, limit=200)
        first = min(log, key=lambda each: each.seq)
        found = await webhooks.delivery(engine, webhook.webhook_id, first.delivery_id)
    assert found
    assert [(attempt.number, attempt.error) for attempt in found[1]] == [(1, code), (2, "")]
    ids = Counter(message.headers["webhook-id"] for message in receiver.messages)
    assert sorted(ids.values()) == [1] * (number - 1) + [2]
    assert in_order(receiver.messages)


async def test_a_subscriber_that_is_asked_to_be_left_alone_is(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine, a_receiver() as receiver:
        receiver.answer = lambda _: Reply(429, headers="Retry-After: 1800\r\n")
        webhook = await subscribed(engine, receiver)
        await recorded(engine, withdrawn("T-1"))
        at = utc_now()
        async with sending(engine, clock=lambda: at):

            async def paused() -> Webhook | None:
                found = await webhooks.get(engine, webhook.webhook_id)
                return found if found and found.failures else None

            standing = await soon(paused)
        before, after = at + timedelta(minutes=29), at + timedelta(minutes=31)
        assert standing.paused_until == at + timedelta(minutes=30)
        assert await webhook_sending.in_need(engine, holder="me", at=before) == ()
        assert await webhook_sending.in_need(engine, holder="me", at=after) == (webhook.webhook_id,)


async def test_one_that_answers_gone_is_disabled_and_gets_nothing_more(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine, a_receiver() as receiver, sending(engine):
        receiver.answer = lambda _: Reply(410)
        webhook = await subscribed(engine, receiver)
        await recorded(engine, withdrawn("T-1"))

        async def disabled() -> str | None:
            standing = await webhooks.get(engine, webhook.webhook_id)
            return standing.disabled_why if standing and not standing.is_active else None

        assert await soon(disabled) == "gone"
        await recorded(engine, withdrawn("T-2"))
        assert await webhooks.log_of(engine, webhook.webhook_id, ticket_no="T-2") == ((), None)
    assert len(receiver.messages) == 1


async def test_one_that_fails_for_days_is_disabled_and_enabled_again_gets_what_waits(tmp_path: Path) -> None:
    patience = QUICK.model_copy(update={"disable_after": 200 * MS, "give_up_after": timedelta(days=1)})
    async with a_ledger(tmp_path) as engine, a_receiver() as receiver, sending(engine, patience=patience):
        receiver.answer = lambda _: Reply(503)
        webhook = await subscribed(engine, receiver)
        await recorded(engine, eventful())

        async def disabled() -> str | None:
            standing = await webhooks.get(engine, webhook.webhook_id)
            return standing.disabled_why if standing and not standing.is_active else None

        assert await soon(disabled) == "failing"
        receiver.answer, seen = lambda _: Reply(), len(receiver.messages)
        await webhooks.change(engine, webhook.webhook_id, is_active=True, at=utc_now())
        await delivered(engine, webhook.webhook_id, len(ALL))
    assert receiver.accepted[seen:] == ALL


async def test_a_delivery_that_is_never_taken_is_given_up_and_the_next_one_goes_on(tmp_path: Path) -> None:
    patience = QUICK.model_copy(update={"give_up_after": 100 * MS})
    async with a_ledger(tmp_path) as engine, a_receiver() as receiver, sending(engine, patience=patience):
        receiver.answer = lambda message: Reply(500 if message.place[1] == 1 else 200)
        webhook = await subscribed(engine, receiver)
        await recorded(engine, withdrawn("T-1"))
        await delivered(engine, webhook.webhook_id, len(withdrawn("T-1").events) - 1)
        log, _ = await webhooks.log_of(engine, webhook.webhook_id, state="given_up")
    assert [each.seq for each in log] == [1]


async def test_one_slow_subscriber_and_one_bad_ticket_delay_nobody_else(tmp_path: Path) -> None:
    patience = QUICK.model_copy(update={"answer_within": timedelta(seconds=8)})
    async with (
        a_ledger(tmp_path) as engine,
        a_receiver() as slow,
        a_receiver() as picky,
        sending(engine, patience=patience),
    ):
        slow.answer = lambda _: Reply(after=6)
        picky.answer = lambda message: Reply(500 if message.place == ("T-1", 1) else 200)
        await subscribed(engine, slow)
        webhook = await subscribed(engine, picky)
        await recorded(engine, withdrawn("T-1"), *(withdrawn(f"T-{n}") for n in range(2, 12)))
        async with asyncio.timeout(5):
            await delivered(engine, webhook.webhook_id, 10 * len(withdrawn("T-2").events))
    assert {place for place in picky.accepted if place[0] == "T-1"} == {("T-1", 1)}
    assert in_order([message for message in picky.messages if message.place[0] != "T-1"])


async def test_while_a_secret_is_rotated_both_sign(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine, a_receiver() as old, sending(engine):
        webhook = await subscribed(engine, old)
        changed = await webhooks.rotate(engine, webhook.webhook_id, at=utc_now())
        await webhooks.ping(engine, webhook.webhook_id, at=utc_now())
        [message] = await old.got(1)
        assert changed
        assert message.event["type"] == "com.vocloop.ping.v1"  # verified by the old secret
        assert len(message.headers["webhook-signature"].split()) == 2
        old.secrets[:] = [secret_of(KEY, webhook.webhook_id, 2)]
        await _a_day_later(engine, webhook.webhook_id)
        await webhooks.ping(engine, webhook.webhook_id, at=utc_now())
        [_, later] = await old.got(2)
    assert later.event["type"] == "com.vocloop.ping.v1"  # verified by the new one
    assert len(later.headers["webhook-signature"].split()) == 1


async def _a_day_later(engine: AsyncEngine, webhook_id: str) -> None:
    async with writing(engine) as connection:
        mine = update(w.webhooks).where(w.webhooks.c.webhook_id == webhook_id)
        await connection.execute(mine.values(previous_until=utc_now() - MS))


async def test_send_again_and_replay_bring_the_same_ids(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine, a_receiver() as receiver, sending(engine):
        webhook = await subscribed(engine, receiver)
        await recorded(engine, withdrawn("T-1"))
        first = list(await receiver.got(number := len(withdrawn("T-1").events)))
        await delivered(engine, webhook.webhook_id, number)
        one = first[1].headers["webhook-id"]
        await webhooks.send_again(engine, webhook.webhook_id, one, at=utc_now())
        again = (await receiver.got(number + 1))[number:]
        await delivered(engine, webhook.webhook_id, number)
        assert [message.headers["webhook-id"] for message in again] == [one]
        replayed = await webhook_replay.replay(engine, webhook.webhook_id, since=T0, at=utc_now())
        everything = (await receiver.got(2 * number + 1))[number + 1 :]
    assert replayed == (number, None)
    assert [m.body for m in everything] == [m.body for m in first]


async def test_replay_brings_what_was_recorded_before_there_was_a_subscriber_part_by_part(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine, a_receiver() as receiver:
        for seq in range(1, len(ALL) + 1):
            await append(engine, a_batch(eventful(), seq, seq), recorded_at=utc_now())
        await recorded(engine, withdrawn("T-2"))
        webhook = await subscribed(engine, receiver, departments=("engine", "chassis"), kinds=("dispatched", "closed"))
        since: datetime | None = T0
        queued = []
        while since:
            part = await webhook_replay.replay(engine, webhook.webhook_id, since=since, at=utc_now(), limit=7)
            queued.append(part.queued)
            since = part.next_since
        log, _ = await webhooks.log_of(engine, webhook.webhook_id, limit=200)
    assert len(queued) == 4
    assert sum(queued) == len(log) == 5  # T-1: dispatched, transferred on, closed; T-2: dispatched, closed


SENDER = """
import asyncio, sys
from tests.activities.sending import a_sender
from ledger.database import connect
asyncio.run(a_sender(connect(sys.argv[1])).run())
"""


async def test_nothing_is_lost_or_out_of_order_when_a_sender_is_killed_in_the_middle(tmp_path: Path) -> None:
    plays = [eventful(f"T-{n}") for n in range(4)]
    async with a_ledger(tmp_path) as engine, a_receiver() as receiver:
        receiver.answer = lambda _: Reply(after=0.02)
        webhook = await subscribed(engine, receiver)
        for played in plays:
            for first in range(1, len(played.events) + 1, 10):
                await append(engine, a_batch(played, first, min(first + 9, len(played.events))), recorded_at=utc_now())
        total = sum(len(played.events) for played in plays)
        await _killed_after(engine, receiver, total // 3)
        async with sending(engine):
            await delivered(engine, webhook.webhook_id, total)
    assert {message.place for message in receiver.messages} == {
        (played.complaint.ticket.ticket_no, event.seq) for played in plays for event in played.events
    }
    assert in_order(receiver.messages)
    assert len({message.headers["webhook-id"] for message in receiver.messages}) == total


async def _killed_after(engine: AsyncEngine, receiver: Receiver, number: int) -> None:
    url = engine.url.render_as_string(hide_password=False)
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", SENDER, url, env=child_environment())
    try:
        await receiver.got(number)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        await child.wait()


async def test_two_senders_share_the_work_and_double_nothing(tmp_path: Path) -> None:
    # Patient as in earnest: on a machine that is held up for a second nothing is to come twice.
    calm: dict[str, Any] = {"patience": Patience(), "lease": LEASE}
    async with a_ledger(tmp_path) as engine, a_receiver() as receiver, sending(engine, **calm), sending(engine, **calm):
        webhook = await subscribed(engine, receiver)
        await recorded(engine, *(eventful(f"T-{n}") for n in range(3)))
        await delivered(engine, webhook.webhook_id, 3 * len(ALL))
    assert len(receiver.messages) == 3 * len(ALL)
    assert in_order(receiver.messages)


async def test_the_log_is_kept_for_a_while(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine, a_receiver() as receiver:
        webhook = await subscribed(engine, receiver)
        await recorded(engine, withdrawn("T-1"))
        assert await webhook_sending.prune(engine, before=T0) == 0
        assert await webhook_sending.prune(engine, before=utc_now()) == len(withdrawn("T-1").events)
        assert await webhooks.log_of(engine, webhook.webhook_id) == ((), None)
