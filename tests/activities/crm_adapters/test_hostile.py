"""A CRM that answers anything at all is away, and says so as an adapter has to; it breaks nothing else."""

import socket
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from activities import answering
from activities.crm_adapters import choosing
from activities.crm_adapters.contract import a_write
from activities.crm_adapters.http import HttpCrm
from activities.crm_adapters.page import CrmAdapter, CrmAway, CrmConnection, Position
from tests.activities.crm_adapters.loopback import Told, a_server

LONG_AGO = Position(at=datetime(2026, 1, 1, tzinfo=UTC))
OPTIONS = '{"client_id": "id", "client_secret": "secret"}'


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False, verify=False) as found:
        yield found


def a_crm(kind: str, url: str, client: httpx2.AsyncClient) -> CrmAdapter:
    return choosing.adapter(kind, url=url, token="key", options=OPTIONS, client=client)


@pytest.mark.parametrize("kind", ["http", "tryton", "salesforce"])
@pytest.mark.parametrize(
    "told",
    [
        pytest.param(Told(200, "plain", {"Content-Encoding": "gzip"}), id="not packed as it says"),
        pytest.param(Told(200, "[" * 100_000), id="nested deeper than anything reads"),
        pytest.param(Told(200, {"access_token": 7, "error": "busy"}), id="an object of something else"),
        pytest.param(Told(200, ["busy"]), id="a list of something else"),
        pytest.param(Told(302, headers={"Location": "http://127.0.0.1:9/"}), id="sent elsewhere"),
    ],
)
async def test_an_answer_of_no_use_is_a_crm_that_is_away(kind: str, told: Told, client: httpx2.AsyncClient) -> None:
    with a_server(lambda _: told) as url:
        crm = a_crm(kind, url, client)
        with pytest.raises(CrmAway):
            await crm.tickets_after(LONG_AGO, limit=5)
        with pytest.raises(CrmAway):
            await crm.states(["T-1"])


async def test_an_answer_without_end_is_not_read_to_it(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MOST_BYTES", 1000)
    with a_server(lambda _: Told(200, " " * 5000)) as url, pytest.raises(CrmAway, match="too_large"):
        await a_crm("http", url, client).tickets_after(LONG_AGO, limit=5)


async def test_an_answer_that_only_drips_is_not_waited_for(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "ALTOGETHER_S", 0.3)
    is_over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            peer, _ = server.accept()
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not is_over.wait(0.05):
                peer.sendall(b" ")
            peer.close()

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            with pytest.raises(CrmAway, match="too_slow"):
                await a_crm("http", f"http://127.0.0.1:{server.getsockname()[1]}", client).write(a_write("T-1", 1))
        finally:
            is_over.set()
            thread.join()


async def test_one_item_that_is_no_ticket_hides_no_other(client: httpx2.AsyncClient) -> None:
    ticket: dict[str, Any] = {"ticket_no": "T-2", "created_at": "2026-03-02T01:00:00Z"}
    nothing: list[dict[str, Any]] = [{"ticket": None}, {"ticket": "T-1"}, {}]
    items = [
        {"position": {"at": f"2026-03-02T01:00:0{number}Z", "id": str(number)}, **more}
        for number, more in enumerate([*nothing, {"ticket": ticket}])
    ]
    with a_server(lambda _: Told(200, {"items": items})) as url:
        found = await HttpCrm(CrmConnection(url=url, client=client)).tickets_after(LONG_AGO, limit=5)
    assert [each.ticket.ticket_no if each.ticket else each.fault for each in found] == ["malformed:"] * 3 + ["T-2"]
