"""The same tickets through ours and through what people use: `make peers`.

    .venv/bin/python -m bench.peers.run [--only ours rt] [--tickets 1000] [--overdue 200] [--at-once 4]

Each peer is installed in an environment of its own under build/ (Request Tracker comes from Debian), runs beside a
PostgreSQL of its own, and is asked verb by verb through its own API. CPU is the operating system's, of its processes
and its database's, until nothing of the verb is left to do; the driver's is not in it. Results go to
build/bench/peers.json and peers.md.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.peers import helpdesk, ours, rt, tryton
from bench.peers.scene import VERBS, CannotRunHere, Peer, Running, a_database, cpu_ms
from tests.starter.processes import ROOT

PEERS: dict[str, Peer] = {"ours": ours.PEER, "helpdesk": helpdesk.PEER, "tryton": tryton.PEER, "rt": rt.PEER}
_IDLE_MS = 150  # of CPU in a second: what servers use that wait
_TO = ROOT / "build" / "bench"
Figures = dict[str, Any]


async def measured(peer: Peer, *, tickets: int, overdue: int, at_once: int) -> Figures:
    """Seconds and CPU of each verb, and how late it noticed what was overdue."""
    with tempfile.TemporaryDirectory(prefix="vocloop-peer-") as folder:
        async with a_database() as database, peer.run(database, Path(folder)) as running:
            roots = (*running.processes, database.process)
            _tell(f"{peer.name} is up")
            await asyncio.gather(*(running.do(verb, 0) for verb in VERBS[:1]))  # what the first request of all compiles
            found: Figures = {"name": peer.name, "version": peer.version(), "tickets": tickets, "verbs": {}}
            for verb in VERBS:
                found["verbs"][verb] = await _all(running, verb, roots, tickets=tickets, at_once=at_once)
                _tell(f"{peer.name}: {verb} {found['verbs'][verb]}")
            found["overdue"] = _lateness(await running.overdue(overdue) if overdue else [])
            _tell(f"{peer.name}: overdue {found['overdue']}")
    return found


async def _all(running: Running, verb: str, roots: Sequence[int], *, tickets: int, at_once: int) -> Figures:
    lanes = asyncio.Semaphore(at_once)

    async def one(number: int) -> None:
        async with lanes:
            await running.do(verb, number)

    cpu, began = cpu_ms(roots), time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(1, tickets + 1)))
    took = time.perf_counter() - began
    await _quiet(roots)
    return {"per_second": round(tickets / took, 1), "cpu_ms": round((cpu_ms(roots) - cpu) / tickets, 1)}


async def _quiet(roots: Sequence[int]) -> None:
    """What an answer left to be done, letters and the like, is done as well. Raises TimeoutError after five minutes."""
    async with asyncio.timeout(300):
        before = cpu_ms(roots)
        while True:
            await asyncio.sleep(1)
            now = cpu_ms(roots)
            if now - before < _IDLE_MS:
                return
            before = now


def _lateness(seconds: Sequence[float]) -> Figures | None:
    if not seconds:
        return None
    most = {"median_s": statistics.median(seconds), "latest_s": max(seconds)}
    return {"noticed": len(seconds), **{name: round(value, 2) for name, value in most.items()}}


def table(found: Sequence[Figures]) -> str:
    """Markdown: a row a peer, tickets a second and milliseconds of CPU for each verb, and how late it was."""
    head = ["", *VERBS, "all six", "overdue: median, latest"]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for each in found:
        verbs = [each["verbs"][verb] for verb in VERBS]
        cells = [f"{verb['per_second']:.0f}/s, {verb['cpu_ms']:.0f} ms" for verb in verbs]
        whole = 1 / sum(1 / verb["per_second"] for verb in verbs)
        cells.append(f"**{whole:.1f}/s, {sum(verb['cpu_ms'] for verb in verbs):.0f} ms**")
        late = each["overdue"]
        cells.append(f"{late['median_s']:.1f} s, {late['latest_s']:.1f} s" if late else "never")
        lines.append(f"| {each['name']} {each['version']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


async def _main(given: argparse.Namespace) -> int:
    _TO.mkdir(parents=True, exist_ok=True)
    found, missing = [], []
    for name in given.only:
        try:
            figures = await measured(PEERS[name], tickets=given.tickets, overdue=given.overdue, at_once=given.at_once)
        except CannotRunHere as reason:
            missing.append(f"{PEERS[name].name} was not measured: {reason}")
            continue
        found.append(figures)
        _keep(given, found)  # the next one may take long
    told = "\n\n".join([table(found), *missing])
    (_TO / "peers.md").write_text(f"{told}\n")
    print(told)
    return 1 if missing else 0


def _keep(given: argparse.Namespace, found: Sequence[Figures]) -> None:
    (_TO / "peers.json").write_text(json.dumps({"asked": vars(given), "peers": found}, indent=1, ensure_ascii=False))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(PEERS), default=list(PEERS))
    parser.add_argument("--tickets", type=int, default=1000)
    parser.add_argument("--overdue", type=int, default=200, help="0 leaves this out")
    parser.add_argument("--at-once", type=int, default=4)
    return asyncio.run(_main(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
