"""The CRM gateway against the reference CRM, over HTTP."""

import logging
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError

from activities.crm import PATIENT_TIMES, CrmGateway, NoCrm
from activities.crm_adapters.http import HttpCrm
from activities.crm_adapters.page import CrmConnection
from domain.lights import Light
from domain.outlets import CrmBatch, CrmNote, CrmWrite
from ledger import crm_refusals, notes, tickets
from tests.activities.crm_adapters.loopback import Told, a_server
from tests.builders import HOUR, T0
from tests.ledger.building import a_ledger, a_whole_ticket, recorded, withdrawn
from tests.starter.crm_process import CrmProcess, a_crm, a_ticket_body


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrmProcess]:
    with a_crm(tmp_path_factory.mktemp("crm") / "crm.db", "--token", "secret") as running:
        yield running


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False, verify=False) as client:
        yield client


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsyncEngine]:
    async with a_ledger(tmp_path_factory.mktemp("ledger")) as engine:
        yield engine


def a_gateway(url: str, *, token: str, client: httpx2.AsyncClient, engine: AsyncEngine) -> CrmGateway:
    adapter = HttpCrm(CrmConnection(url=url, token=token, client=client))
    return CrmGateway(adapter, engine=engine, clock=lambda: T0)


def a_batch(ticket_no: str, *seqs: int, closing: str = "") -> CrmBatch:
    writes = (
        CrmWrite(
            key=f"{ticket_no}:{seq}:crm",
            ticket_no=ticket_no,
            seq=seq,
            at=T0,
            stage="in_work",
            owner="engine",
            light=Light.YELLOW,
            clock="resolution",
            due_at=T0 + HOUR,
            closing=closing,
        )
        for seq in seqs
    )
    return CrmBatch(ticket_no=ticket_no, writes=tuple(writes))


async def refusal(crm: CrmGateway, batch: CrmBatch) -> ApplicationError:
    with pytest.raises(ApplicationError) as caught:
        await crm.write_back(batch)
    return caught.value


async def test_states_are_written_in_order(crm: CrmProcess, client: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    crm.post("/tickets", a_ticket_body("in-order"))
    gateway = a_gateway(crm.url, token="secret", client=client, engine=engine)
    assert await gateway.write_back(a_batch("in-order", 1, 2, 5)) == 3
    writes = crm.get("/tickets/in-order/writes")
    assert [write["seq"] for write in writes] == [1, 2, 5]
    state = crm.get("/tickets/in-order")["state"]
    assert (state["owner"], state["stage"], state["light"], state["clock"]) == (
        "engine",
        "in_work",
        "yellow",
        "resolution",
    )
    assert (state["due_at"], state["closing"]) == ("2026-03-02T02:00:00Z", "")


async def test_what_our_people_wrote_is_read_when_it_is_told_masked_and_once(
    crm: CrmProcess, client: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    crm.post("/tickets", a_ticket_body("told"))
    await tickets.keep(engine, a_whole_ticket("told"), received_at=T0)
    said = "王小明的车 13800001111 已换件"
    mine = await notes.keep(engine, ticket_no="told", text=said, author="engine-1", at=T0)
    another = await notes.keep(engine, ticket_no="T-9", text="somebody else's", author="engine-1", at=T0)
    told = [
        CrmNote(key=f"told:2:{number}", seq=2, at=T0, kind="claimed", by="engine", note_id=note_id)
        for number, note_id in enumerate((mine, another, "note-that-was-erased"))
    ]
    (write,) = a_batch("told", 2).writes
    batch = CrmBatch(ticket_no="told", writes=(write.model_copy(update={"notes": tuple(told)}),))
    gateway = a_gateway(crm.url, token="secret", client=client, engine=engine)
    for _ in range(2):
        assert await gateway.write_back(batch) == 1
    (there,) = crm.get("/tickets/told/notes")
    assert there == {"seq": 2, "at": "2026-03-02T01:00:00Z", "kind": "claimed", "by": "engine", "text": there["text"]}
    assert there["text"] == "王**的车 138****1111 已换件"
    assert "notes" not in crm.get("/tickets/told")["state"]


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, ""), (405, ""), (501, ""), (422, "CrmRefused"), (503, "CrmUnavailable")],
)
async def test_a_crm_without_a_place_for_notes_is_none_the_worse(
    client: httpx2.AsyncClient, engine: AsyncEngine, status: int, error: str
) -> None:
    await notes.keep(engine, ticket_no="bare", text="news", author="engine-1", at=T0)
    (kept,) = await notes.of_ticket(engine, "bare")
    note = CrmNote(key="bare:1:note", seq=1, at=T0, kind="claimed", by="engine", note_id=kept.note_id)
    (write,) = a_batch("bare", 1).writes
    batch = CrmBatch(ticket_no="bare", writes=(write.model_copy(update={"notes": (note,)}),))
    with a_server(lambda asked: Told(200 if asked.method == "PUT" else status)) as url:
        gateway = a_gateway(url, token="", client=client, engine=engine)
        if error:
            assert (await refusal(gateway, batch)).type == error
        else:
            assert await gateway.write_back(batch) == 1


async def test_a_batch_sent_again_after_a_lost_answer_counts_once(
    crm: CrmProcess, client: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    crm.post("/tickets", a_ticket_body("lost"))
    gateway = a_gateway(crm.url, token="secret", client=client, engine=engine)
    crm.post("/faults", {"mode": "500_after", "count": 1})
    await refusal(gateway, a_batch("lost", 1, 2))
    assert await gateway.write_back(a_batch("lost", 1, 2)) == 2
    assert [write["seq"] for write in crm.get("/tickets/lost/writes")] == [1, 2]


async def test_a_state_older_than_the_crms_is_as_good_as_written(
    crm: CrmProcess, client: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    crm.post("/tickets", a_ticket_body("newer"))
    gateway = a_gateway(crm.url, token="secret", client=client, engine=engine)
    await gateway.write_back(a_batch("newer", 9))
    assert await gateway.write_back(a_batch("newer", 8)) == 1
    assert crm.get("/tickets/newer")["state"]["seq"] == 9


async def test_an_unknown_ticket_is_refused_for_good(
    crm: CrmProcess, client: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    error = await refusal(a_gateway(crm.url, token="secret", client=client, engine=engine), a_batch("nobody", 1))
    assert (error.type, error.non_retryable) == ("CrmRefused", True)


async def test_what_is_refused_is_kept_once_until_it_is_taken(
    crm: CrmProcess, client: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    gateway = a_gateway(crm.url, token="secret", client=client, engine=engine)
    for _ in range(2):
        await refusal(gateway, a_batch("later", 1, 2))
    owed = await crm_refusals.owed(engine, ["later"])
    assert [(each.write.seq, each.why, each.tries, each.given_up_at) for each in owed] == [
        (1, "HTTP 404", 2, None),
        (2, "HTTP 404", 2, None),
    ]
    crm.post("/tickets", a_ticket_body("later"))
    assert await gateway.write_back(a_batch("later", 1, 2)) == 2
    assert await crm_refusals.owed(engine, ["later"]) == ()


async def test_an_open_complaint_goes_on_asking_however_often_it_is_refused(
    crm: CrmProcess, client: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    gateway = a_gateway(crm.url, token="secret", client=client, engine=engine)
    for _ in range(PATIENT_TIMES + 2):
        assert (await refusal(gateway, a_batch("open", 1))).type == "CrmRefused"


async def test_a_closed_complaint_gives_up_what_was_refused_often_enough(
    crm: CrmProcess, client: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    gateway = a_gateway(crm.url, token="secret", client=client, engine=engine)
    for _ in range(PATIENT_TIMES - 1):
        await refusal(gateway, a_batch("gone", 1, closing="withdrawn"))
    assert await gateway.write_back(a_batch("gone", 1, closing="withdrawn")) == 0
    assert [each.given_up_at for each in await crm_refusals.owed(engine, ["gone"])] == [T0]


async def test_a_complaint_that_the_ledger_knows_closed_gives_up_its_earlier_states_too(
    crm: CrmProcess, client: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    await recorded(engine, withdrawn("ended"))
    gateway = a_gateway(crm.url, token="secret", client=client, engine=engine)
    for _ in range(PATIENT_TIMES - 1):
        await refusal(gateway, a_batch("ended", 1))
    assert await gateway.write_back(a_batch("ended", 1)) == 0


async def test_a_crm_that_is_merely_down_is_never_given_up(client: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    gateway = a_gateway("http://127.0.0.1:1", token="", client=client, engine=engine)
    for _ in range(PATIENT_TIMES + 2):
        assert (await refusal(gateway, a_batch("down", 1, closing="confirmed"))).type == "CrmUnavailable"
    assert await crm_refusals.owed(engine, ["down"]) == ()


async def test_a_rejected_token_is_worth_another_try(
    crm: CrmProcess, client: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    error = await refusal(a_gateway(crm.url, token="expired", client=client, engine=engine), a_batch("nobody", 1))
    assert (error.type, error.non_retryable) == ("CrmUnavailable", False)


@pytest.mark.parametrize("mode", ["500", "429", "reset", "timeout"])
async def test_a_crm_in_trouble_is_tried_again(
    crm: CrmProcess, client: httpx2.AsyncClient, engine: AsyncEngine, mode: str
) -> None:
    crm.post("/tickets", a_ticket_body(f"trouble-{mode}"))
    gateway = a_gateway(crm.url, token="secret", client=client, engine=engine)
    crm.post("/faults", {"mode": mode, "seconds": 0.1 if mode == "timeout" else 7})
    error = await refusal(gateway, a_batch(f"trouble-{mode}", 1))
    assert (error.type, error.non_retryable) == ("CrmUnavailable", False)
    assert error.next_retry_delay == (timedelta(seconds=7) if mode == "429" else None)
    assert await gateway.write_back(a_batch(f"trouble-{mode}", 1)) == 1


async def test_a_crm_that_is_down_is_tried_again(client: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    error = await refusal(a_gateway("http://127.0.0.1:1", token="", client=client, engine=engine), a_batch("T-1", 1))
    assert (error.type, error.non_retryable) == ("CrmUnavailable", False)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        pytest.param("Mon, 02 Mar 2026 01:01:30 GMT", timedelta(seconds=90), id="a date, against the CRM's own"),
        pytest.param("Mon, 02 Mar 2026 00:00:00 GMT", timedelta(), id="a date gone by"),
        pytest.param("31536000", timedelta(hours=1), id="a year is capped"),
        pytest.param("9" * 400, timedelta(hours=1), id="a number beyond all numbers"),
        pytest.param("soon", None, id="not a time"),
        pytest.param("Mon, 02 Mar 2026 01:01:30", None, id="a date without a zone"),
    ],
)
async def test_the_crms_wish_for_patience_is_read(
    client: httpx2.AsyncClient, engine: AsyncEngine, asked: str, wait: timedelta | None
) -> None:
    with HTTPServer(("127.0.0.1", 0), _throttling(asked)) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        gateway = a_gateway(f"http://127.0.0.1:{server.server_port}", token="", client=client, engine=engine)
        assert (await refusal(gateway, a_batch("T-1", 1))).next_retry_delay == wait


def _throttling(retry_after: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response_only(503)
            for name, value in {"Date": "Mon, 02 Mar 2026 01:00:00 GMT", "Retry-After": retry_after}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


async def test_without_a_crm_nothing_is_written_and_it_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    no_crm = NoCrm()
    with caplog.at_level(logging.WARNING):
        assert [await no_crm.write_back(a_batch("T-1", 1)) for _ in range(3)] == [0, 0, 0]
    assert [record.message for record in caplog.records if "VOCLOOP_CRM_URL" in record.message] != []
    assert len(caplog.records) == 1
