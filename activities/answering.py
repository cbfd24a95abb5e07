"""Asking somebody over HTTP who may be broken or hostile: an answer is bounded in size and in time, or is none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

ALTOGETHER_S = 25.0  # for the whole answer; httpx2's own time-outs are for each piece of it, so a drip never ends
MOST_BYTES = 16 * 2**20
# What is told of the body as it came over the line, and no longer of the one that was read.
_OF_THE_LINE = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class NoAnswer(Exception):  # noqa: N818 - a state that passes
    """There is none that can be used. The text is a code, without what was asked or said."""


async def answer(client: httpx2.AsyncClient, method: str, url: str, **request: Any) -> httpx2.Response:
    """The whole answer, whatever its status. Raises NoAnswer."""
    async with _asked(client, method, url, **request) as response:
        return _whole(response, await _body(response))


async def status(client: httpx2.AsyncClient, method: str, url: str, **request: Any) -> httpx2.Response:
    """The answer's status and headers; what else it says is not read. Raises NoAnswer."""
    async with _asked(client, method, url, **request) as response:
        return _whole(response, b"")


@asynccontextmanager
async def _asked(client: httpx2.AsyncClient, method: str, url: str, **request: Any) -> AsyncIterator[httpx2.Response]:
    try:
        async with asyncio.timeout(ALTOGETHER_S), client.stream(method, url, **request) as response:
            yield response
    except TimeoutError:
        raise NoAnswer("too_slow") from None
    except (httpx2.RequestError, httpx2.InvalidURL) as error:
        raise NoAnswer(type(error).__name__) from error


async def _body(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MOST_BYTES:
            raise NoAnswer("too_large")
    return bytes(body)


def _whole(response: httpx2.Response, body: bytes) -> httpx2.Response:
    headers = [(name, value) for name, value in response.headers.multi_items() if name.lower() not in _OF_THE_LINE]
    return httpx2.Response(response.status_code, headers=headers, content=body, request=response.request)
