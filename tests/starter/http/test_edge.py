import asyncio
import json
import logging
import urllib.error
import urllib.request

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from settings import Settings
from starter.http.edge import Edge
from tests.starter.processes import free_port
from tests.starter.serving import served


async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("欧阳春晓 13812348000 says so")


async def test_an_error_nobody_foresaw_is_a_problem_with_a_reference_and_without_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    edge = Edge(breaks, settings=Settings(), larger={})
    with caplog.at_level(logging.ERROR):
        async with served(edge, port=free_port()) as address, httpx2.AsyncClient(trust_env=False) as http:
            response = await http.get(f"{address}/api/v1/complaints", params={"vin": "LSVAA4182E2987654"})
    problem = response.json()
    assert (response.status_code, problem["code"]) == (500, "internal")
    assert "ValueError" not in response.text
    line = next(record.getMessage() for record in caplog.records if record.name == "vocloop.api")
    assert problem["reference"] in line
    assert "ValueError at" in line
    assert not [secret for secret in ("欧阳", "13812348000", "LSVAA") if secret in line]


async def refused(address: str, size: int) -> tuple[int, str]:
    """What a plain client hears, one that sends all before it listens."""

    def send() -> tuple[int, str]:
        form = {"Content-Type": "multipart/form-data; boundary=XX"}
        request = urllib.request.Request(f"{address}/api/v1/evidence", data=b"x" * size, headers=form)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with pytest.raises(urllib.error.HTTPError) as error:
            direct.open(request, timeout=30)
        with error.value:
            return error.value.code, json.load(error.value)["code"]

    return await asyncio.to_thread(send)


async def test_who_sends_far_too_much_hears_why_instead_of_a_broken_connection() -> None:
    edge = Edge(breaks, settings=Settings(), larger={"/api/v1/evidence": 1 << 20})
    async with served(edge, port=free_port()) as address:
        for size in (2 << 20, 26 << 20):
            assert await refused(address, size) == (413, "too_large")


async def takes_all(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


async def test_a_path_that_ends_in_a_slash_lets_more_through_to_all_below_it() -> None:
    edge = Edge(takes_all, settings=Settings(), larger={"/complaints/": 1 << 20})
    async with served(edge, port=free_port()) as address, httpx2.AsyncClient(trust_env=False) as http:
        for path, size, status in (
            ("/complaints/T-1/files", 1 << 20, 204),
            ("/complaints/T-1/files", 2 << 20, 413),
            ("/complaintsT-1", 1 << 20, 413),
        ):
            assert (await http.post(f"{address}{path}", content=b"x" * size)).status_code == status, path


async def test_who_asks_before_sending_too_much_is_refused_at_once() -> None:
    edge = Edge(breaks, settings=Settings(), larger={})
    port = free_port()
    head = f"POST /x HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 999999\r\nExpect: 100-continue\r\n\r\n"
    async with served(edge, port=port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head.encode())
        answered = await asyncio.wait_for(reader.readline(), 5)
        writer.close()
    assert answered.startswith(b"HTTP/1.1 413")


async def test_a_host_that_is_none_at_all_is_refused_in_words() -> None:
    port = free_port()
    async with served(Edge(breaks, settings=Settings(), larger={}), port=port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /sign-in HTTP/1.1\r\nHost: [::1\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 421 ")


async def test_a_body_of_two_lengths_is_refused_and_nothing_behind_it_is_heard() -> None:
    port = free_port()
    async with served(Edge(takes_all, settings=Settings(), larger={}), port=port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"0\r\n\r\nGET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 5)  # to the end of the connection
        writer.close()
    assert (answer[:13], answer.count(b"HTTP/1.1 ")) == (b"HTTP/1.1 400 ", 1)
