import asyncio

import pytest
from starlette.responses import RedirectResponse
from starlette.types import Receive, Scope, Send

from settings import Settings
from starter.http.strangers import Strangers
from tests.starter.processes import free_port
from tests.starter.serving import served


async def lets_in(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(
    ("request_line", "shown", "status"),
    [
        ("POST /api/v1/evidence", "", 401),
        ("GET /api/v1/complaints", "", 401),
        ("POST /complaints/T-1/files", "", 303),  # a page's own upload
        ("GET /complaints/T-1/files", "", 204),  # the page itself leads to the sign-in, and back
        ("POST /c/abc", "", 204),  # the customer's page has a token of its own
        ("GET /api/v1/complaints", "Authorization: Bearer anything\r\n", 204),  # judged where keys are
        ("GET /api/v1/complaints", f"Cookie: lang=en; vocloop={'A' * 43}\r\n", 204),
        ("POST /api/v1/evidence", "Cookie: lang=en; vocloop=anything\r\n", 401),  # it cannot be one of ours
        ("POST /api/v1/evidence", "Cookie: lang=en\r\n", 401),
    ],
)
async def test_who_shows_nothing_is_answered_before_sending_the_body(
    request_line: str, shown: str, status: int
) -> None:
    page = RedirectResponse("/sign-in", status_code=303)
    also = ("/complaints/", "/c/")
    door = Strangers(lets_in, settings=Settings(), prefix="/api/v1/", to_a_page=lambda *_: page, also=also)
    port = free_port()
    async with served(door, port=port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"{request_line} HTTP/1.1\r\nHost: 127.0.0.1\r\n{shown}Content-Length: 9000000\r\n\r\n".encode())
        answered = await asyncio.wait_for(reader.readline(), 10)
        writer.close()
    assert answered.split()[1] == str(status).encode()
