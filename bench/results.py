"""`make bench`: measure, and write build/bench/results.json with a table beside it that leaves no target out.

    .venv/bin/python -m bench.results [--only PART] [--to build/bench] [each part's own]

What is measured alone joins what results.json holds of the other parts; `measured` says when each of them was, and how
busy the machine was before and after.
"""

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import beside, deadlines, doors, flood, plots, sizes, starts
from bench.sizes import Target
from bench.stage import staged
from settings import utc_now

PARTS = ("complaint", "starts", "ledger", "deadlines", "flood")
TARGETS = (
    Target("complaint_to_noop_cpu", 5.0, "CPU of a complaint's happy path, in no-op workflows"),
    Target("complaint_to_skeleton_cpu", 1.25, "the same, in bare workflows that ask the server for the same things"),
    Target("history_events", 64, "events of the happy path"),
    Target("history_bytes", 16 * 1024, "bytes of the happy path's history"),
    Target("billable_actions", 24, "actions of the happy path on Temporal Cloud"),
    Target("lateness_p99_ms", 1000, "due to fired, with 5,000 open complaints"),
    Target("worker_kib_per_open_complaint", 128, "the worker's memory, with all of them in its cache"),
    Target("catch_up_s", 120, "seconds from a worker's return until all deadlines it missed are in the ledger"),
    Target("storm_to_noop_rate", 0.4, "500 deadlines in one second: how fast they drain, in no-ops", is_floor=True),
    Target("flood_neighbour_p99_ms", 1000, "due to fired, while 10,000 signals come to another complaint"),
    Target("worker_start_seconds", 2, "a worker's start until it is ready"),
    Target("help_seconds", 0.5, "`vocloop --help`"),
    *sizes.targets(),
)


def table(found: Mapping[str, Any]) -> str:
    """Markdown. A figure that nobody measured says so."""
    lines = ["| figure | to reach | measured | |", "| --- | --- | --- | --- |"]
    for target in TARGETS:
        value = found.get(target.key)
        said = "not measured" if value is None else f"{value:,.2f}".removesuffix(".00")
        met = "" if value is None else "met" if target.is_met(value) else "**not met**"
        limit = f"{'≥' if target.is_floor else '≤'} {target.limit:,.2f}".removesuffix(".00")
        lines.append(f"| `{target.key}`: {target.about} | {limit} | {said} | {met} |")
    return "\n".join(lines) + "\n"


async def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """What the parts that are asked for found; the figures of TARGETS lie at the top."""
    found: dict[str, Any] = {"measured": {}}
    with tempfile.TemporaryDirectory() as home:
        if asked.only in ("", *PARTS[:2]):
            async with staged(Path(home)) as stage:
                for part in PARTS[:2]:
                    if asked.only in ("", part):
                        found |= await _measured(found, part, _on_stage(stage, part, asked))
    if asked.only in ("", "ledger"):
        found |= await _measured(found, "ledger", _of_ledger(asked))
    if asked.only in ("", "deadlines"):
        found |= await _measured(found, "deadlines", deadlines.play(asked))
    if asked.only in ("", "flood"):
        found |= await _measured(found, "flood", _of_flood(asked))
    return found


async def _measured(found: dict[str, Any], part: str, playing: Any) -> dict[str, Any]:
    load = os.getloadavg()[0]
    figures: dict[str, Any] = await playing
    when = {"at": utc_now().isoformat(), "load_before": load, "load_after": os.getloadavg()[0], "cores": os.cpu_count()}
    return {**figures, "measured": found["measured"] | {part: when}}


async def _on_stage(stage: Any, part: str, asked: argparse.Namespace) -> dict[str, Any]:
    if part == "complaint":
        return await beside.play(stage, asked)
    found = await starts.play(stage)
    return {"starts": found, **starts.figures(found)}


async def _of_ledger(asked: argparse.Namespace) -> dict[str, Any]:
    found = await doors.play(asked)
    return {"ledger": found, **sizes.figures(found)}


async def _of_flood(asked: argparse.Namespace) -> dict[str, Any]:
    found = await flood.play(asked)
    return found | flood.figures(found)


def drawings(found: Mapping[str, Any]) -> dict[str, str]:
    """An SVG for each database, by file name."""
    return {
        f"costs-{database}.svg": plots.svg(
            f"{database}: median cost of a request or an event, by complaints in the ledger",
            {
                name: {int(size): sizes.cost(figures, name) for size, figures in by_size.items()}
                for name in (*doors.READ, *doors.WRITTEN)
            },
        )
        for database, by_size in found.get("ledger", {}).items()
    }


def joined(kept: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """What was found now, with what was kept of the parts that did not run."""
    nothing = {target.key: None for target in TARGETS}
    under = {name: kept.get(name, {}) | found.get(name, {}) for name in ("measured", "ledger")}  # by part, by database
    return {**nothing, **kept, **found, **under}


def main() -> None:
    parser = beside.options()
    doors.options(parser)
    deadlines.options(parser)
    flood.options(parser)
    parser.add_argument("--to", type=Path, default=Path("build/bench"))
    parser.add_argument("--only", choices=PARTS, default="", help="one part alone; the others stay as they were")
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    results = asked.to / "results.json"
    kept = json.loads(results.read_text(encoding="utf-8")) if asked.only and results.exists() else {}
    found = joined(kept, asyncio.run(measure(asked)))
    results.write_text(json.dumps(found, indent=1, default=str), encoding="utf-8")
    (asked.to / "results.md").write_text(table(found), encoding="utf-8")
    for name, drawn in drawings(found).items():
        (asked.to / name).write_text(drawn, encoding="utf-8")
    print(table(found) + f"\nAll of it, round by round: {results}")


if __name__ == "__main__":
    main()
