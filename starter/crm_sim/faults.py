"""A CRM that fails on demand: what happens to state writes, as a layer around the reference CRM."""

import asyncio
import random
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Mode(StrEnum):
    NONE = "none"
    ERROR = "500"  # answers 500 and keeps nothing
    ERROR_AFTER = "500_after"  # keeps the write, then answers 500: the answer is lost, the effect is not
    TIMEOUT = "timeout"  # says nothing for `seconds`, then hangs up
    RESET = "reset"  # hangs up at once
    THROTTLE = "429"  # answers 429 with Retry-After: `seconds`


class Faults(BaseModel):
    """What to do to the next `count` state writes, or to all of them until cleared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Mode
    count: int = Field(default=1, ge=1)
    until_cleared: bool = False
    seconds: float = Field(default=30.0, gt=0, le=3600)


class FaultyLine:
    """ASGI middleware: state writes meet the fault that stands, everything else goes through."""

    def __init__(self, app: ASGIApp, *, fail_rate: float = 0.0, seed: int = 0) -> None:
        self._app = app
        self._fail_rate = fail_rate
        self._dice = random.Random(seed)
        self.faults = Faults(mode=Mode.NONE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or not scope["path"].endswith("/state"):
            await self._app(scope, receive, send)
            return
        match self._next():
            case Mode.NONE:
                await self._app(scope, receive, send)
            case Mode.ERROR:
                await _answer(500)(scope, receive, send)
            case Mode.ERROR_AFTER:
                await self._app(scope, receive, _into_the_void)
                await _answer(500)(scope, receive, send)
            case Mode.THROTTLE:
                wait = {"Retry-After": str(max(round(self.faults.seconds), 1))}
                await _answer(429, headers=wait)(scope, receive, send)
            case Mode.TIMEOUT:
                await asyncio.sleep(self.faults.seconds)
                await _hang_up(receive, send)
            case Mode.RESET:
                await _hang_up(receive, send)

    def _next(self) -> Mode:
        faults = self.faults
        if faults.mode is Mode.NONE:
            return Mode.ERROR if self._dice.random() < self._fail_rate else Mode.NONE
        if not faults.until_cleared:
            left = faults.count - 1
            # `seconds` outlives the count: the answer to this very write still needs it.
            mode = faults.mode if left else Mode.NONE
            self.faults = faults.model_copy(update={"mode": mode, "count": max(left, 1)})
        return faults.mode


def _answer(status: int, *, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": "failing on demand"}, status_code=status, headers=headers)


async def _into_the_void(message: Message) -> None:
    """A `send` whose answer reaches nobody."""


async def _hang_up(receive: Receive, send: Send) -> None:
    """Drop the connection without a word. ASGI has no way to say so, but uvicorn's `send` knows its transport."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("only uvicorn's own connection can be hung up")
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
