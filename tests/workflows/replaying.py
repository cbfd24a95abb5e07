"""Replays every recorded history with today's code. As a program it does so under the hash seed it is started with."""

import asyncio
import sys
import tempfile
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

import worker
from settings import Settings
from tests.workflows.recording import HISTORIES


def recorded() -> list[Path]:
    return sorted(HISTORIES.glob("*.json"))


def history_of(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(f"complaint-{path.stem}", path.read_text(encoding="utf-8"))


async def replay(*paths: Path, workflow: type | None = None) -> list[str]:
    """The names of those whose commands are not what today's code asks for. The outlets are never called."""
    with tempfile.TemporaryDirectory() as home:
        async with worker.outlets(Settings(home=Path(home), secret_key="replay" * 8)) as outlets:
            plugin = worker.complaint_plugin(outlets)
            if workflow is not None:
                plugin.workflows = [workflow]
            replayer = Replayer(workflows=[], plugins=[plugin])
            results = [
                await replayer.replay_workflow(history_of(path), raise_on_replay_failure=False) for path in paths
            ]
    return [path.stem for path, result in zip(paths, results, strict=True) if result.replay_failure]


if __name__ == "__main__":
    sys.exit(", ".join(asyncio.run(replay(*recorded()[::3]))) or None)  # every third: each takes its seconds
