"""A subscriber: a real HTTP server on loopback that verifies each message with the standard's own library."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

from standardwebhooks.webhooks import Webhook as Verifier

from tests.starter.api_server import soon


class Message(NamedTuple):
    """What came. `event` is the CloudEvent, or {} when no secret of ours verifies it."""

    headers: dict[str, str]
    event: dict[str, Any]
    body: bytes

    @property
    def place(self) -> tuple[str, int]:
        """Ticket and seq."""
        ticket_no, _, seq = self.event["id"].rpartition(":")
        return ticket_no, int(seq)


class Reply(NamedTuple):
    """`after` is seconds before the answer; `cut` closes the connection instead of answering."""

    status: int = 200
    after: float = 0
    cut: bool = False
    headers: str = ""
    body: bytes = b""


class Receiver:
    """`answer` decides, for each message; `secrets` are what it verifies by."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.secrets: list[str] = []
        self.answer: Callable[[Message], Reply] = lambda message: Reply(200 if message.event else 401)
        self.url, self.port, self.connections = "", 0, 0

    @property
    def accepted(self) -> list[tuple[str, int]]:
        return [message.place for message in self.messages]

    async def got(self, number: int, *, seconds: float = 20) -> list[Message]:
        """The messages, once there are so many."""

        async def look() -> list[Message] | None:
            return self.messages if len(self.messages) >= number else None

        return await soon(look, seconds=seconds)

    def _verified(self, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        for secret in self.secrets:
            with suppress(Exception):
                event: dict[str, Any] = Verifier(secret).verify(body, headers)
                return event
        return {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while not await self._exchange(reader, writer):
                    pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether it was the connection's last."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        message = Message(headers, self._verified(headers, body), body)
        self.messages.append(message)
        reply = self.answer(message)
        await asyncio.sleep(reply.after)
        if reply.cut:
            return True
        writer.write(f"HTTP/1.1 {reply.status} X\r\n{reply.headers}Content-Length: {len(reply.body)}\r\n\r\n".encode())
        writer.write(reply.body)
        await writer.drain()
        return False


@asynccontextmanager
async def a_receiver() -> AsyncIterator[Receiver]:
    receiver, tasks = Receiver(), set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        with suppress(asyncio.CancelledError):
            await receiver.serve(reader, writer)
        tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    receiver.url = f"http://127.0.0.1:{receiver.port}/hooks"
    try:
        yield receiver
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
