"""The socket our servers listen on."""

import asyncio
import socket

from starter.sockets import listen


async def test_each_piece_of_an_answer_is_sent_at_once() -> None:
    delays: list[int] = []

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted: socket.socket = writer.get_extra_info("socket")
        delays.append(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listener = listen("127.0.0.1", 0)
    async with await asyncio.start_server(serve, sock=listener):
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.getsockname()[1])
        await reader.read()
        writer.close()
    assert delays == [1]
