"""`make bench`: measure, and write build/bench/results.json with a table beside it that leaves no target out.

    .venv/bin/python -m bench.results [--only cost] [--only deadlines] [--to build/bench] [the parts' own options]

A part that is not asked for keeps what the file has of it from before.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

from bench import beside, deadlines
from bench.stage import staged
from settings import utc_now


class Target(NamedTuple):
    """A figure that is to be at most this, or at least."""

    key: str
    bound: float
    about: str
    at_least: bool = False

    @property
    def wanted(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {_figure(self.bound)}"

    def is_met(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound


TARGETS = (
    Target("complaint_to_noop_cpu", 5.0, "CPU of a complaint's happy path, in no-op workflows"),
    Target("complaint_to_skeleton_cpu", 1.25, "the same, in bare workflows that ask the server for the same things"),
    Target("history_events", 64, "events of the happy path"),
    Target("history_bytes", 16 * 1024, "bytes of the happy path's history"),
    Target("billable_actions", 24, "actions of the happy path on Temporal Cloud"),
    Target("lateness_p99_ms", 1000, "due to fired, with 5,000 open complaints"),
    Target("worker_kib_per_open_complaint", 128, "the worker's memory, with all of them in its cache"),
    Target("catch_up_s", 120, "seconds from a worker's return until all deadlines it missed are in the ledger"),
    Target("storm_to_noop_rate", 0.4, "500 deadlines in one second: how fast they drain, in no-ops a second", True),
)


def table(found: dict[str, Any]) -> str:
    """Markdown. A figure that nobody measured says so."""
    lines = ["| figure | to reach | measured | |", "| --- | --- | --- | --- |"]
    for target in TARGETS:
        value = found.get(target.key)
        said = "not measured" if value is None else _figure(value)
        met = "" if value is None else "met" if target.is_met(value) else "**not met**"
        lines.append(f"| `{target.key}`: {target.about} | {target.wanted} | {said} | {met} |")
    return "\n".join(lines) + "\n"


def _figure(value: float) -> str:
    return f"{value:,.2f}".removesuffix(".00")


async def cost(asked: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as home:
        async with staged(Path(home)) as stage:
            return await beside.play(stage, asked)


PARTS: dict[str, Callable[[argparse.Namespace], Awaitable[dict[str, Any]]]] = {
    "cost": cost,
    "deadlines": deadlines.play,
}


async def measure(parts: list[str], asked: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {"measured_at": utc_now().isoformat()}
    for part in parts:
        print(f"{part} …", flush=True)
        found |= await PARTS[part](asked)
    return found


def main() -> None:
    parser = deadlines.options(beside.options())
    parser.add_argument("--only", choices=PARTS, action="append", help="this part alone; may be said again")
    parser.add_argument("--to", type=Path, default=Path("build/bench"))
    asked = parser.parse_args()
    to, parts = asked.to, asked.only or list(PARTS)
    del asked.to, asked.only
    kept = to / "results.json"
    before = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    found = {target.key: None for target in TARGETS} | before | asyncio.run(measure(parts, asked))
    to.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found, indent=1), encoding="utf-8")
    (to / "results.md").write_text(table(found), encoding="utf-8")
    print(table(found) + f"\nAll of it, round by round: {kept}")


if __name__ == "__main__":
    main()
