"""`make planted`: each of five faults is planted in the core, and each net must catch it; an honest core, none.

.venv/bin/python -m tests.chaos.planting [--nets properties,ledger,harness]

The nets: `properties` are the random lives of tests/domain; `ledger` records two histories by the faulty core and lets
the honest one verify and audit them; `harness` plays complaints on real processes, whose worker has the fault.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from domain import audit, core
from domain import commands as cmd
from ledger.events import events_of
from ledger.messages import messages
from ledger.verifying import verify
from tests import builders
from tests.builders import DAY, HOUR, NOTE, PHOTO, T0, Played, of
from tests.chaos.household import a_household
from tests.chaos.run import Asked, run
from tests.domain import test_random_histories as lives
from tests.domain.histories import BrokenPromiseError
from tests.ledger.building import a_ledger, recorded

Plant = Callable[[pytest.MonkeyPatch], None]
NOTHING = "nothing"
FAULTS: Mapping[str, Plant] = {
    NOTHING: lambda _monkeypatch: None,
    "clock that resets on transfer": lives.clock_that_resets_on_transfer,
    "breach that fires twice": lives.breach_that_happens_twice,
    "dropped event": lives.event_that_is_dropped,
    "unowned complaint": lives.nobody_owns_it_while_it_is_disputed,
    "judged by processing time": lives.judged_by_when_it_was_processed,
}
_SMALL = Asked(complaints=15, faults=0, horizon_s=25.0, pause_s=0.5, patience_s=60.0)


async def by_properties(fault: str) -> str:
    """What the random lives find first; "" when they find nothing."""
    with pytest.MonkeyPatch.context() as patch:
        FAULTS[fault](patch)
        try:
            lives.live_them_all(5, count=200)
        except (BrokenPromiseError, ValueError) as found:
            return f"{type(found).__name__}: {found}"
    return ""


async def by_ledger(fault: str) -> str:
    """What the verification and the audit find in a real ledger that the faulty core has written."""
    with tempfile.TemporaryDirectory() as folder:
        async with a_ledger(Path(folder)) as engine:
            with pytest.MonkeyPatch.context() as patch:
                FAULTS[fault](patch)
                patch.setattr(builders, "take", core.take)  # what the builders hold is the honest one
                played = _moved(), _disputed()
                await recorded(engine, *played)
            found = [fault.sentence for fault in await verify(engine)]
            for each in played:
                events = await events_of(engine, each.complaint.ticket.ticket_no)
                taken = [told.message for told in await messages(engine, each.complaint.ticket.ticket_no)]
                found += audit.differences(events, taken, policy=each.policy)
    return found[0] if found else ""


async def by_harness(fault: str) -> str:
    """What the judging finds after a short run, on real processes, of a worker that has the fault."""
    worker = (sys.executable, "-m", "tests.chaos.planting", "--be-worker", fault)
    with tempfile.TemporaryDirectory(prefix="vocloop-planted-") as folder:
        async with a_household(Path(folder) / "home", worker=worker) as household:
            outcome = await run(_SMALL, household)
    return next((f"{name}: {found[0]}" for name, found in outcome.broken.items() if found), "")


NETS = {"properties": by_properties, "ledger": by_ledger, "harness": by_harness}


def _moved() -> Played:
    """Handed on, got to a while after it was received; then news, and silence past the resolution clock."""
    played = Played("engine.stall", ticket_no="T-1")
    played.wait(T0 + HOUR)
    late = T0 + 2 * HOUR
    played.send(cmd.Transfer, at=T0 + HOUR, now=late, by=of("engine"), to="chassis", evidence=(PHOTO,), note_id=NOTE)
    played.send(cmd.PostProgress, at=T0 + 3 * HOUR, by=of("chassis"), note_id=NOTE)
    played.wait(T0 + 3 * DAY + HOUR / 2)
    return played


def _disputed() -> Played:
    """Contested, before the arbiter."""
    played = Played("engine.stall", ticket_no="T-2")
    played.send(cmd.Contest, at=T0 + HOUR, by=of("engine"), evidence=(PHOTO,), note_id=NOTE)
    return played


async def planted(nets: list[str]) -> int:
    """Prints the table; 1 when a net missed a fault, or caught something where nothing was planted."""
    missed = 0
    print(f"{'planted':<32}{'net':<12}caught by", flush=True)
    for fault in FAULTS:
        for net in nets:
            found = (await NETS[net](fault)).replace("\n", " ")[:110]
            is_right = bool(found) == (fault != NOTHING)
            missed += not is_right
            said = found or ("–" if is_right else "MISSED")
            print(f"{fault:<32}{net:<12}{said}{'' if is_right or not found else '  FALSE ALARM'}", flush=True)
    print(f"\n{'Every net catches every fault.' if not missed else f'{missed} are wrong.'}")
    return 1 if missed else 0


def be_worker(fault: str) -> None:
    """`vocloop worker`, with the fault in its core until it ends."""
    from starter.cli import main as cli

    FAULTS[fault](pytest.MonkeyPatch())
    sys.argv = ["vocloop", "worker"]
    cli()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets", default=",".join(NETS))
    parser.add_argument("--be-worker", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.be_worker:
        be_worker(given.be_worker)
        return 0
    return asyncio.run(planted(given.nets.split(",")))


if __name__ == "__main__":
    sys.exit(main())
