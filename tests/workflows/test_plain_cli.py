"""What somebody types at Temporal's own command line, past all our doors, is taken or recorded and wedges nothing."""

import asyncio
import json
from typing import Any

import pytest

from starter.demo.theatre import World
from starter.embedded.temporal_server import binary
from tests.workflows.cases import CX, Case, begin, responder

OWNER = responder("powertrain")


async def typed(case: Case, *arguments: str) -> tuple[int, str]:
    """Exit status and all that `temporal workflow …` said of this complaint."""
    server = case.world.env.client.service_client.config.target_host
    where = ("--address", server, "--namespace", case.world.env.client.namespace, "--workflow-id", case.handle.id)
    process = await asyncio.create_subprocess_exec(
        *(binary(), "workflow", *arguments, *where),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_a_signal_by_name_is_taken_like_any_other(world: World) -> None:
    case = await begin(world)
    envelope = await case.envelope(OWNER)
    status, said = await typed(case, "signal", "--name", "accept", "--input", json.dumps(envelope))
    assert status == 0, said
    await case.settled()
    assert "accepted" in await case.kinds()
    assert (await case.look())["stage"] == "in_work"


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("accept", ["--input", '"please"']),
        ("accept", ["--input", "{}"]),
        ("accept", []),
        ("accept", ["--input", "{}", "--input", "{}"]),
        ("accept", ["--input", "not JSON at all", "--input-meta", "encoding=binary/plain"]),
        ("no_such_command", ["--input", "{}"]),
        ("run", ["--input", "{}"]),
        ("__temporal_signal", ["--input", "{}"]),
    ],
    ids=["a word", "nothing in it", "no input", "two inputs", "bytes", "unknown", "our own method", "reserved"],
)
async def test_whatever_is_typed_the_complaint_goes_on(world: World, name: str, sent: list[str]) -> None:
    case = await begin(world)
    status, said = await typed(case, "signal", "--name", name, *sent)
    receipt = await case.send("withdraw", CX)
    assert (receipt.accepted, receipt.stage) == (True, "closed"), said
    kinds = await case.kinds()
    assert "message_rejected" in kinds or status != 0 or name.startswith("__"), (status, said)
    assert "WORKFLOW_TASK_FAILED" not in await case.history()


@pytest.mark.parametrize("name", ["accept", "no_such_command"])
async def test_an_update_by_name_is_answered(world: World, name: str) -> None:
    case = await begin(world)
    envelope: dict[str, Any] = await case.envelope(OWNER)
    status, said = await typed(case, "update", "execute", "--name", name, "--input", json.dumps(envelope))
    assert status == 0, said
    assert ("accepted:true" in said) == (name == "accept"), said
    assert (await case.send("withdraw", CX)).stage == "closed"


async def test_who_looks_sees_where_it_stands(world: World) -> None:
    """As ops do who have no page at hand: a query by name."""
    case = await begin(world)
    status, said = await typed(case, "query", "--type", "snapshot")
    assert status == 0, said
    assert case.ticket_no in said
