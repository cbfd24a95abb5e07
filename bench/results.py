"""`make bench`: measure, and write build/bench/results.json with a table beside it that leaves no target out.

.venv/bin/python -m bench.results [--rounds 7] [--each 8] [--at-once 4] [--pause 1.0] [--to build/bench]
"""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from bench import beside
from bench.stage import staged
from settings import utc_now


class Target(NamedTuple):
    """A figure that is to be at most this."""

    key: str
    at_most: float
    about: str


TARGETS = (
    Target("complaint_to_noop_cpu", 5.0, "CPU of a complaint's happy path, in no-op workflows"),
    Target("complaint_to_skeleton_cpu", 1.25, "the same, in bare workflows that ask the server for the same things"),
    Target("history_events", 64, "events of the happy path"),
    Target("history_bytes", 16 * 1024, "bytes of the happy path's history"),
    Target("billable_actions", 24, "actions of the happy path on Temporal Cloud"),
    Target("lateness_p99_ms", 1000, "due to fired, with 5,000 open complaints"),
    Target("worker_kib_per_open_complaint", 128, "the worker's memory"),
)


def table(found: dict[str, Any]) -> str:
    """Markdown. A figure that nobody measured says so."""
    lines = ["| figure | to reach | measured | |", "| --- | --- | --- | --- |"]
    for key, at_most, about in TARGETS:
        value = found.get(key)
        said = "not measured" if value is None else f"{value:,.2f}".removesuffix(".00")
        met = "" if value is None else "met" if value <= at_most else "**not met**"
        lines.append(f"| `{key}`: {about} | ≤ {at_most:,.2f} | {said} | {met} |".replace(".00 |", " |"))
    return "\n".join(lines) + "\n"


async def measure(asked: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as home:
        async with staged(Path(home)) as stage:
            found = await beside.play(stage, asked)
    return {"measured_at": utc_now().isoformat(), **{target.key: None for target in TARGETS}, **found}


def main() -> None:
    parser = beside.options()
    parser.add_argument("--to", type=Path, default=Path("build/bench"))
    asked = parser.parse_args()
    to = asked.to
    del asked.to
    found = asyncio.run(measure(asked))
    to.mkdir(parents=True, exist_ok=True)
    (to / "results.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    (to / "results.md").write_text(table(found), encoding="utf-8")
    print(table(found) + f"\nAll of it, round by round: {to / 'results.json'}")


if __name__ == "__main__":
    main()
