"""The harness's SMTP server, a process of its own: it writes down the Message-ID and the recipients of what it takes.

python -m tests.chaos.post PORT FILE
"""

import asyncio
import json
import sys
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP


class Letterbox:
    """A letter counts as taken once it stands in the file, one JSON array a line: Message-ID, then the recipients."""

    def __init__(self, kept: Path) -> None:
        self._kept = kept.open("a", encoding="utf-8")

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        letter = message_from_bytes(envelope.content)
        self._kept.write(json.dumps([letter["Message-ID"], *envelope.rcpt_tos]) + "\n")
        self._kept.flush()
        return "250 OK"


async def serve(port: int, kept: Path) -> None:
    box = Letterbox(kept)
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
