"""Waiting for a peer, and for the minutes at which cron would run its clock."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx2

from settings import utc_now

Key = TypeVar("Key")
_MINUTE = timedelta(minutes=1)


async def answers(http: httpx2.AsyncClient, path: str, *, within_s: float = 90) -> None:
    """Until it says anything but that it cannot. Raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while True:
            with contextlib.suppress(httpx2.TransportError):
                if (await http.get(path)).status_code < 500:
                    return
            await asyncio.sleep(0.2)


async def asked(http: httpx2.AsyncClient, method: str, path: str, **body: object) -> Any:
    """What it answered, as JSON. Raises RuntimeError, which says what it said, when it refused."""
    response = await http.request(method, path, json=body)
    if not response.is_success:
        raise RuntimeError(f"{method} {path} {body}: {response.status_code} {response.text[:300]}")
    return response.json()


async def at_each_minute(do: Callable[[], Awaitable[object]], *, until: datetime) -> None:
    """What cron does with `* * * * *`: at each full minute, the last time at the first one after `until`."""
    due = utc_now().replace(second=0, microsecond=0)
    while due <= until:
        due += _MINUTE
        await asyncio.sleep(max(0.0, (due - utc_now()).total_seconds()))
        await do()


def late(dues: Mapping[Key, datetime], seen: Mapping[Key, datetime]) -> list[float]:
    """Seconds for each. Raises RuntimeError when one was never noticed, or too early."""
    missed = [key for key in dues if key not in seen]
    if missed:
        raise RuntimeError(f"{len(missed)} of {len(dues)} were never noticed, such as {missed[0]}")
    found = [(seen[key] - due).total_seconds() for key, due in dues.items()]
    if min(found) < -1:  # some records have whole seconds
        raise RuntimeError(f"one was noticed {-min(found):.0f} s early")
    return [max(each, 0.0) for each in found]
