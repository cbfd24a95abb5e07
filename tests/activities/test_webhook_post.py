"""Where a webhook is not sent to, whatever its URL resolves to."""

import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from activities.webhook_post import Answer, Origin, Poster
from domain.webhooks import PING, Patience
from ledger import webhooks
from settings import utc_now
from tests.activities.receiver import Receiver, Reply, a_receiver
from tests.activities.sending import KEY, QUICK, SOURCE
from tests.ledger.building import a_ledger

PATIENT = QUICK.model_copy(update={"answer_within": timedelta(seconds=20)})  # where nothing here is about waiting
TRUST = ssl.create_default_context()


async def posted(
    folder: Path,
    url: str,
    *,
    resolves_to: Sequence[str] = (),
    allowed: frozenset[str],
    patience: Patience = PATIENT,
) -> Answer:
    """The answer to one ping to `url`, whose name resolves so."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return resolves_to

    async with a_ledger(folder) as engine:
        made = await webhooks.subscribe(
            engine, url=url, kinds=(), departments=(), description="", by="ops-1", at=utc_now()
        )
        ping = await webhooks.ping(engine, made.webhook_id, at=utc_now())
        assert ping
        assert ping.kind == PING
        origin = Origin(SOURCE, KEY, allowed)
        async with Poster(origin, patience=patience, clock=utc_now, trust=TRUST, resolve=resolve) as poster:
            return await poster.post(made, ping)


INSIDE = [
    ("https://erp.example.com:{port}/", ("127.0.0.1",)),  # a name that means us
    ("https://erp.example.com:{port}/", ("8.8.8.8", "127.0.0.1")),  # mixed: the resolver means no good
    ("https://erp.example.com:{port}/", ("169.254.169.254",)),  # the cloud's metadata
    ("https://erp.example.com:{port}/", ("::ffff:127.0.0.1",)),
    ("https://127.0.0.1:{port}/", ("127.0.0.1",)),  # written before it was refused
    ("https://2130706433:{port}/", ("127.0.0.1",)),  # 127.0.0.1 as one number
    ("https://127.1:{port}/", ("127.0.0.1",)),
    ("http://erp.example.com:{port}/", ("8.8.8.8",)),  # in clear
]


@pytest.mark.parametrize(("url", "addresses"), INSIDE)
async def test_nothing_is_sent_inside(tmp_path: Path, url: str, addresses: Sequence[str]) -> None:
    async with a_receiver() as receiver:
        to = url.format(port=receiver.port)
        answer = await posted(tmp_path, to, resolves_to=addresses, allowed=frozenset())
    assert (answer.status, answer.error) == (0, "address_refused")
    assert receiver.connections == 0


async def test_it_connects_to_the_address_that_was_judged_and_names_the_host(tmp_path: Path) -> None:
    async with a_receiver() as receiver:
        receiver.answer = lambda _: Reply()
        url = f"http://erp.example.com:{receiver.port}/hooks"  # a name that no resolver of ours knows
        answer = await posted(tmp_path, url, resolves_to=("127.0.0.1",), allowed=frozenset({"erp.example.com"}))
    assert (answer.status, answer.error) == (200, "")
    assert receiver.messages[0].headers["host"] == f"erp.example.com:{receiver.port}"


async def test_a_second_address_is_tried_when_the_first_one_does_not_answer(tmp_path: Path) -> None:
    async with a_receiver() as receiver:
        receiver.answer = lambda _: Reply()
        url = f"http://erp.example.com:{receiver.port}/hooks"
        two = ("127.0.0.2", "127.0.0.1")
        answer = await posted(tmp_path, url, resolves_to=two, allowed=frozenset({"erp.example.com"}))
    assert answer.error == ""


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(200, body=b"x" * 1_000_000), ""),  # only its beginning is heard
        (Reply(204), ""),
        (Reply(301, headers="Location: https://elsewhere.example/\r\n"), "redirected"),
        (Reply(200, headers="Content-Encoding: gzip\r\n", body=b"no gzip"), ""),  # nothing is unpacked
    ],
)
async def test_an_answer_is_its_status_alone(tmp_path: Path, reply: Reply, error: str) -> None:
    async with a_receiver() as receiver:
        receiver.answer = lambda _: reply
        answer = await posted(tmp_path, receiver.url, resolves_to=("127.0.0.1",), allowed=frozenset({"127.0.0.1"}))
    assert (answer.status, answer.error) == (reply.status, error)


async def test_one_that_answers_no_tls_gets_nothing(tmp_path: Path) -> None:
    async with a_receiver() as receiver:
        url, known = f"https://inside.example:{receiver.port}/", frozenset({"inside.example"})
        answer = await posted(tmp_path, url, resolves_to=("127.0.0.1",), allowed=known, patience=QUICK)
        assert answer.status == 0
        assert answer.error in ("unreachable", "cut_off", "timeout")
    assert _heard(receiver) == 0


def _heard(receiver: Receiver) -> int:
    return len(receiver.messages)


async def test_a_name_that_nobody_knows_is_said_so(tmp_path: Path) -> None:
    answer = await posted(tmp_path, "https://erp.example.com/", resolves_to=(), allowed=frozenset())
    assert (answer.status, answer.error) == (0, "unresolvable")
