"""The monkey's faults come from its seed, and its proxy does to a connection what it says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import islice

import pytest

from tests.chaos.monkey import DELAY, DROP, FULL, KILL, STOP, pranks
from tests.chaos.proxy import Proxy

GONE = (ConnectionError, asyncio.IncompleteReadError)
PARTS, PROXIES = ("worker", "api", "temporal"), ("crm",)


def some(seed: int, count: int = 11) -> list[object]:
    return list(islice(pranks(seed, parts=PARTS, proxies=PROXIES, pace_s=1.0), count))


def test_a_seed_plays_the_same_again_and_another_does_not() -> None:
    assert some(7) == some(7) != some(8)


def test_each_fault_meets_each_target_before_any_comes_again() -> None:
    met = [(fault.kind, fault.target) for fault in islice(pranks(3, parts=PARTS, proxies=PROXIES, pace_s=1.0), 11)]
    assert len(set(met)) == len(met)
    expected = {(kind, part) for kind in (KILL, STOP) for part in PARTS} | {(DROP, "crm"), (DELAY, "crm")}
    assert expected | {(FULL, "worker"), (FULL, "api")} <= set(met)


@asynccontextmanager
async def an_echo() -> AsyncIterator[Proxy]:
    """A server that says again what it hears, behind a proxy."""

    echoing: set[asyncio.Task[None] | None] = set()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        echoing.add(asyncio.current_task())
        with suppress(OSError):
            while heard := await reader.read(100):
                writer.write(heard)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    proxy = Proxy(server.sockets[0].getsockname()[1])
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
        server.close()
        await asyncio.gather(*filter(None, echoing))


@asynccontextmanager
async def connected(proxy: Proxy) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def test_what_goes_through_comes_back_later_when_it_is_delayed() -> None:
    async with an_echo() as proxy, connected(proxy) as (reader, writer):
        proxy.delay_s = 0.2
        begun = asyncio.get_running_loop().time()
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        assert asyncio.get_running_loop().time() - begun >= 0.4  # there and back


async def test_a_dropped_connection_is_gone_and_a_new_one_is_let_in() -> None:
    async with an_echo() as proxy:
        async with connected(proxy) as (reader, writer):
            writer.write(b"hello")
            await reader.readexactly(5)
            assert proxy.drop() == 2  # the one to us, and ours to the server
            with pytest.raises(GONE):
                await reader.readexactly(1)
        proxy.refuse(is_deaf=True)
        async with connected(proxy) as (reader, writer):
            with pytest.raises(GONE):
                await reader.readexactly(1)
        proxy.refuse(is_deaf=False)
        async with connected(proxy) as (reader, writer):
            writer.write(b"again")
            assert await reader.readexactly(5) == b"again"
