"""The last part of `make planted`: a worker process has the fault, and the harness's judging must catch it.

    .venv/bin/python -m tests.chaos.planting [NAME …]

No monkey rages here: what is broken is the worker's own core, and an honest worker must leave nothing to be found.
"""

import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from starter.cli import main as vocloop
from tests.chaos.household import a_household
from tests.chaos.run import Asked, run
from tests.planted.faults import PLANTED, Fault

NOTHING = "nothing"
FAULTS: Mapping[str, Fault] = {NOTHING: lambda _patch: None} | {fault.__name__: fault for fault in PLANTED}
_SMALL = Asked(complaints=15, faults=0, horizon_s=25.0, pause_s=0.5, patience_s=60.0)
_BE_WORKER = "--be-worker"


async def caught(fault: str) -> str:
    """What the judging finds first after a short run of a worker that has the fault; "" when it finds nothing."""
    worker = (sys.executable, "-m", "tests.chaos.planting", _BE_WORKER, fault)
    with tempfile.TemporaryDirectory(prefix="vocloop-planted-") as folder:
        async with a_household(Path(folder) / "home", worker=worker) as household:
            outcome = await run(_SMALL, household)
    return next((f"{promise}: {found[0]}" for promise, found in outcome.broken.items() if found), "")


async def planted(faults: Sequence[str]) -> int:
    """Prints a line for each; 1 when a fault was missed, or something was found where nothing was planted."""
    wrong = 0
    for fault in faults:
        found = await caught(fault)
        is_right = bool(found) == (fault != NOTHING)
        wrong += not is_right
        said = " ".join(found.split())[:120] or "nothing found"
        print(f"{fault:<42}{'' if is_right else 'WRONG: '}{said}", flush=True)
    print(f"{wrong} are wrong." if wrong else "The harness catches every fault that is planted, and nothing else.")
    return 1 if wrong else 0


def be_worker(fault: str) -> None:
    """`vocloop worker`, with the fault in its core until it ends."""
    FAULTS[fault](pytest.MonkeyPatch())
    sys.argv = ["vocloop", "worker"]
    vocloop()


if __name__ == "__main__":
    if sys.argv[1:2] == [_BE_WORKER]:
        be_worker(sys.argv[2])
    else:
        sys.exit(asyncio.run(planted(sys.argv[1:] or list(FAULTS))))
