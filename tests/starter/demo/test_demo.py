"""`vocloop demo` as a program, and that its proof finds what was tampered with."""

import contextlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ledger.database import connect
from starter.demo.command import demo
from starter.demo.proving import faults_of
from starter.demo.theatre import World
from starter.importing.formats import CN_COLUMNS
from tests.starter.processes import ROOT, child_environment
from tests.workflows.cases import begin

KEYS = [
    *("complaints", "closed", "open", "events", "transfers", "transfers_refused", "response_breaches"),
    *("first_fix_failures", "escalations", "vp_copies", "invariants_broken"),
]

app = typer.Typer()
app.command()(demo)


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
    ("options", "told"),
    [
        (["--from", "{here}/own.csv", "--format", "csv"], "needs --map"),
        (["--from", "{here}/absent.csv"], "cannot be read: No such file"),
        (["--from", "{here}"], "cannot be read: Is a directory"),
        (["--from", "{here}/own.csv"], "has no column 投诉编号"),
        (["--from", "{here}/own.csv", "--format", "csv", "--map", "{here}/own.csv"], "is not TOML"),
        (["--from", "{here}/empty.csv"], "holds no ticket that can be played"),
    ],
)
def test_a_file_that_cannot_be_played_is_said_in_one_sentence(tmp_path: Path, options: list[str], told: str) -> None:
    (tmp_path / "own.csv").write_text("no,said\n1,It squeals\n", encoding="utf-8")
    (tmp_path / "empty.csv").write_text(",".join(CN_COLUMNS) + "\n", encoding="utf-8")
    ran = CliRunner().invoke(app, [option.format(here=tmp_path) for option in options])
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert told in ran.stderr
    assert ran.stderr.count("\n") == 1


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
    yield World(world.env, engine, world.files, crm=world.crm, plugin=world.plugin)
    await engine.dispose()
