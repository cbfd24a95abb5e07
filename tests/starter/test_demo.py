"""`vocloop demo` as a program, and that its proof finds what was tampered with."""

import contextlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ledger.database import connect
from starter.proving import faults_of
from starter.theatre import World
from tests.starter.processes import ROOT, child_environment
from tests.workflows.cases import begin

KEYS = [
    *("complaints", "closed", "open", "events", "transfers", "transfers_refused", "response_breaches"),
    *("first_fix_failures", "escalations", "vp_copies", "invariants_broken"),
]


def test_twenty_complaints_show_every_behaviour_and_every_invariant_holds() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "starter.cli", "demo", "--complaints", "20", "--seed", "7", "--json"],
        env=child_environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    said = json.loads(ran.stdout.splitlines()[-1])
    assert sorted(said) == sorted(KEYS)
    assert said.pop("invariants_broken") == []
    assert [name for name, count in said.items() if count == 0] == []
    assert said["complaints"] == said["closed"] + said["open"] == 20


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("DELETE FROM events WHERE seq = 3", "the workflow and the ledger's fold differ"),
        ("UPDATE events SET body = replace(body, 'powertrain', 'sales') WHERE seq = 2", "event 2"),
        ("UPDATE complaints SET state = replace(state, 'in_work', 'dispatched')", "the projection"),
        ("UPDATE messages SET body = replace(body, 'accept', 'withdraw')", "the core decides"),
    ],
)
async def test_the_demos_proof_finds_what_was_tampered_with(
    world: World, tmp_path: Path, tampering: str, fault: str
) -> None:
    case = await begin(world)
    await case.accept()
    assert await case.check() == ()
    async with _damaged(world, tmp_path / "copy.db", tampering) as copy:
        found = await faults_of(copy, (case.ticket_no,))
    assert any(each.startswith(case.ticket_no) and fault in each for each in found), found


@contextlib.asynccontextmanager
async def _damaged(world: World, path: Path, tampering: str) -> AsyncIterator[World]:
    """The same world with a copy of its ledger, to which somebody has done this."""
    with (
        contextlib.closing(sqlite3.connect(str(world.engine.url.database))) as ledger,
        contextlib.closing(sqlite3.connect(path)) as copy,
    ):
        ledger.backup(copy)
        assert copy.execute(tampering).rowcount > 0
        copy.commit()
    engine = connect(f"sqlite+aiosqlite:///{path}")
    yield World(world.env, engine, world.files, crm=world.crm)
    await engine.dispose()
