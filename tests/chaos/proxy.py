"""A small TCP proxy on the loopback that drops and delays what goes through it."""

import asyncio
from contextlib import suppress

_CHUNK = 1 << 16


class Proxy:
    """Passes bytes on between its own port and `target`, a port of this machine. `delay_s` holds each piece back."""

    def __init__(self, target: int) -> None:
        self.target, self.port, self.delay_s = target, 0, 0.0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._is_deaf = False

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self.refuse(is_deaf=True)
        if self._server:
            self._server.close()
        await asyncio.gather(*self._serving)

    def drop(self) -> int:
        """Reset every connection that stands; how many there were."""
        dropped = len(self._open)
        for writer in list(self._open):
            writer.transport.abort()
        return dropped

    def refuse(self, *, is_deaf: bool) -> None:
        """Drop what stands, and while deaf every new connection as it comes."""
        self._is_deaf = is_deaf
        if is_deaf:
            self.drop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        if self._is_deaf:
            writer.transport.abort()
            return
        self._open.add(writer)
        try:
            with suppress(OSError):
                there, back = await asyncio.open_connection("127.0.0.1", self.target)
                self._open.add(back)
                try:
                    await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
                finally:
                    self._open.discard(back)
                    back.transport.abort()
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while piece := await source.read(_CHUNK):
            await asyncio.sleep(self.delay_s)
            sink.write(piece)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()
