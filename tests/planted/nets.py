"""`make planted`: each fault is planted, and each net that is to find it has to; a net that has gone blind fails.

    .venv/bin/python -m tests.planted.nets

The nets: the property tests (tests/domain/histories.py); a real run on a real server, held against itself from
outside (starter/demo/proving.py); and the audit of the ledger that this run left, which knows nothing but the ledger.
What is planted holds while the complaint lives, and is gone again when the run and its ledger are looked at.
"""

import asyncio
import contextlib
import logging
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from domain import audit
from ledger import policies
from ledger.events import events_of
from ledger.messages import messages
from ledger.verifying import verify
from settings import utc_now
from starter.demo.theatre import World, world
from tests.domain.histories import BrokenPromiseError, live, scripts
from tests.planted.faults import PLANTED, Fault
from tests.workflows.cases import Case, begin

LIVES, LENGTH, SEED = 200, 18, 5


class Caught(NamedTuple):
    """What each net said first; "" is a net that saw nothing."""

    property_tests: str
    real_run: str
    audit: str

    @property
    def by_all(self) -> bool:
        return all(self)


def by_properties(fault: Fault) -> str:
    with pytest.MonkeyPatch.context() as patch:
        fault(patch)
        try:
            for script in scripts(SEED, count=LIVES, length=LENGTH):
                live(script)
        except (BrokenPromiseError, ValueError) as found:
            return _first(str(found))
    return ""


async def by_a_run(fault: Fault) -> tuple[str, str]:
    """By the run, and by the audit of what it left. A world of its own for each: what is spoilt stays spoilt."""
    async with _world() as stage:
        with pytest.MonkeyPatch.context() as patch:
            fault(patch)
            cases = await play(stage)
        return await _of_run(cases), await _of_audit(cases)


async def play(stage: World) -> tuple[Case, ...]:
    """Two departments push complaints to and fro, until the arbiter is called; one is looked at then, the other when
    the arbiter and everybody else were late. Each message is handled long after it came.
    """
    disputed, late = await _disputed(stage), await _disputed(stage)
    await late.pass_time(days=4)
    return disputed, late


async def _disputed(stage: World) -> Case:
    case = await begin(stage)
    sender = await case.owner()
    await case.pass_time(hours=1)
    half_an_hour_ago = await case.now() - timedelta(minutes=30)
    proven = {"evidence": await case.proof(), "note_id": await case.note("It begins elsewhere.")}
    await case.send("transfer", sender, at=half_an_hour_ago, to="electronics", **proven)
    await case.transfer(sender.department)
    return case


async def _of_run(cases: tuple[Case, ...]) -> str:
    for case in cases:
        try:
            found = await case.check()
        except (AssertionError, TimeoutError) as never:
            return _first(f"the ledger never had all of it: {never}")
        if found:
            return _first(*found)
    return ""


async def _of_audit(cases: tuple[Case, ...]) -> str:
    """What `vocloop audit` and `vocloop ledger verify` would say."""
    engine = cases[0].world.engine
    for case in cases:
        events = await events_of(engine, case.ticket_no)
        policy = await policies.get(engine, case.world.files.policy_at(utc_now()).version)
        said = [each.message for each in await messages(engine, case.ticket_no)]
        if found := audit.differences(events, said, policy=policy):
            return _first(*found)
    return _first(*[fault.sentence for fault in await verify(engine)])


@contextlib.asynccontextmanager
async def _world() -> AsyncIterator[World]:
    with tempfile.TemporaryDirectory() as home:
        async with world(Path(home)) as stage:
            yield stage


async def honest() -> str:
    """What the nets say of a run without any fault: nothing, or they would prove nothing."""
    async with _world() as stage:
        cases = await play(stage)
        return await _of_run(cases) or await _of_audit(cases)


async def caught(fault: Fault) -> Caught:
    run, audited = await by_a_run(fault)
    return Caught(property_tests=by_properties(fault), real_run=run, audit=audited)


async def main() -> int:
    logging.disable(logging.ERROR)
    if told := await honest():
        print(f"Without a fault the nets say: {told}")
        return 1
    missed = 0
    for fault in PLANTED:
        found = await caught(fault)
        missed += not found.by_all
        print(f"\n{fault.__name__.replace('_', ' ')}")
        for net, said in found._asdict().items():
            print(f"  {net.replace('_', ' '):15} {f'caught: {said}' if said else 'MISSED'}", flush=True)
    print(f"\n{len(PLANTED) - missed} of {len(PLANTED)} faults were caught by every net.")
    return 1 if missed else 0


def _first(*said: str) -> str:
    return " ".join(said[0].split())[:150] if said else ""


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
