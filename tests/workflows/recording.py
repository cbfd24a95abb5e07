"""`python -m tests.workflows.recording [SCENARIO ...]` plays scenarios on a real server and keeps their histories.

A history that is there is never written again: it proves that today's code still understands what yesterday's did.
A workflow that changes gets new files beside the old ones (`happy.2.json`), by `--release 2`.
"""

import argparse
import asyncio
import json
import logging
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from temporalio.client import WorkflowHistory

from starter.demo.theatre import World, world
from tests.workflows.cases import Case
from tests.workflows.fingerprints import fingerprint, of_run
from tests.workflows.scenarios import SCENARIOS

HISTORIES = Path(__file__).parents[1] / "histories"


def keep(folder: Path, name: str, history: WorkflowHistory) -> Path:
    """Write it, compact, and its fingerprint beside it. Raises FileExistsError rather than write a file again."""
    path = folder / f"{name}.json"
    text = json.dumps(history.to_json_dict(), separators=(",", ":"))
    # This machine's name and process stand in each event as the worker's identity.
    text = re.sub(r'"identity":"[^"]*"', '"identity":"recorder"', text)
    text = re.sub(r'"stackTrace":"(?:[^"\\]|\\.)*",?', "", text)  # of this machine as well
    with path.open("x", encoding="utf-8") as file:
        file.write(text + "\n")
    path.with_suffix(".commands").write_text(fingerprint(of_run(history)), encoding="utf-8")
    return path


async def histories(case: Case) -> AsyncIterator[WorkflowHistory]:
    """Of all runs, first to last."""
    for run_id in await case.runs():
        yield await case.world.env.client.get_workflow_handle(case.handle.id, run_id=run_id).fetch_history()


async def record(stage: World, name: str, *, release: int) -> None:
    case = await SCENARIOS[name](stage)
    runs = [history async for history in histories(case)]
    for number, history in enumerate(runs, start=1):
        parts = (name, f"run{number}" if len(runs) > 1 else "", str(release) if release > 1 else "")
        kept = keep(HISTORIES, ".".join(part for part in parts if part), history)
        print(f"{kept.name}: {len(history.events)} events, {kept.stat().st_size:,} bytes")


async def record_alone(play: Callable[[World], Awaitable[WorkflowHistory]], folder: Path, name: str) -> None:
    """Of a workflow that is no complaint: one play in a world of its own. Exits where the name is taken."""
    with tempfile.TemporaryDirectory() as home:
        async with world(Path(home)) as stage:
            history = await play(stage)
    try:
        kept = keep(folder, name, history)
    except FileExistsError as error:
        sys.exit(f"{error.filename} is there already. Histories are never rewritten: choose another name.")
    print(f"{kept.name}: {len(history.events)} events, {kept.stat().st_size:,} bytes")


async def main(names: list[str], *, release: int) -> None:
    logging.getLogger("temporalio.activity").setLevel(logging.ERROR)  # outages are part of the play
    with tempfile.TemporaryDirectory() as home:
        async with world(Path(home)) as stage:
            for name in names:
                await record(stage, name, release=release)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", choices=[[], *SCENARIOS])
    parser.add_argument("--release", type=int, default=1)
    asked = parser.parse_args()
    try:
        asyncio.run(main(asked.scenarios or list(SCENARIOS), release=asked.release))
    except FileExistsError as error:
        sys.exit(f"{error.filename} is there already. Histories are never rewritten: record with --release N.")
