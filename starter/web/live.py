"""What happens, told to an open page as server-sent events, until whoever looks at it may do so no longer."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import TypeVar

from fastapi.responses import Response, StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from ledger import admission
from settings import utc_now
from starter.http.behind import Behind
from starter.web import pages

LASTS = timedelta(minutes=10)  # then the browser asks again; to be looked at is to be used, for the session
_QUIET = timedelta(seconds=15)  # what is in between ends a connection that says nothing
_HEADERS = {**pages.HEADERS, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}

T = TypeVar("T")


def streamed(watching: AsyncGenerator[T | None], told: Callable[[T], bytes]) -> Response:
    """The ticks as a response. `told` makes the event of a tick, b"" when it has nothing new.

    Beside those: `away` while the ledger cannot be read, and `over`, the last, when the session is.
    """
    return StreamingResponse(_events(watching, told), media_type="text/event-stream", headers=_HEADERS)


async def may_stay(behind: Behind, held: frozenset[str]) -> frozenset[str]:
    """Those of the sessions and keys that are good still. Raises LedgerUnavailable."""
    return await admission.good_still(behind.engine, held, at=utc_now())


async def _events(watching: AsyncGenerator[T | None], told: Callable[[T], bytes]) -> AsyncIterator[bytes]:
    clock = asyncio.get_running_loop().time
    until, spoke_at = clock() + LASTS.total_seconds(), clock()
    async with aclosing(watching):
        async for tick in watching:
            event = format_sse_event(data_str="away", event="away") if tick is None else told(tick)
            if not event and clock() - spoke_at >= _QUIET.total_seconds():
                event = KEEPALIVE_COMMENT
            if event:
                spoke_at = clock()
                yield event
            if clock() > until:
                return
        yield format_sse_event(data_str="over", event="over")
