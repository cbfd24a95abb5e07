"""docs/connect/channels.md is kept true: its sender, as it stands, brings a ticket of every channel we name."""

import asyncio
import json
import re
import sys
from base64 import b64encode
from pathlib import Path

from domain.channels import CHANNELS
from domain.ticket import Ticket
from tests.starter.api_server import a_home, api_of
from tests.starter.processes import child_environment, free_port

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "connect" / "channels.md").read_text(encoding="utf-8")
[SENDER] = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)
[EXAMPLES] = re.findall(r"```jsonl\n(.+?)```", PAGE, re.DOTALL)
SECRET = f"whsec_{b64encode(b's' * 32).decode()}"


def test_every_channel_is_named_and_has_an_example() -> None:
    """The hotline's and the regulator's tickets come from the CRM."""
    shown = {Ticket.model_validate_json(line).channel for line in EXAMPLES.splitlines()}
    assert shown == set(CHANNELS) - {"hotline", "regulator"}
    overview = (DOCS / "channels.md").read_text(encoding="utf-8")
    assert not [code for code in CHANNELS if f"`{code}`" not in overview]


async def test_the_sender_of_the_page_brings_every_example_and_again_without_harm(tmp_path: Path) -> None:
    settings = await a_home(tmp_path, temporal=f"127.0.0.1:{free_port()}")
    async with api_of(settings.model_copy(update={"crm_signing": f"app={SECRET}"})) as api, api.client() as http:
        door = str(http.base_url.join("/api/v1/crm/app/events"))
        said = [await _run(door) for _ in range(2)]
    numbers = [json.loads(line)["ticket_no"] for line in EXAMPLES.splitlines()]
    assert said == [[f"{status} {number}" for number in numbers] for status in (202, 200)]


async def _run(door: str) -> list[str]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SENDER),
        env=child_environment(DOOR=door, SECRET=SECRET, PYTHONIOENCODING="utf-8"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await asyncio.wait_for(child.communicate(EXAMPLES.encode()), timeout=60)
    return out.decode().splitlines()
