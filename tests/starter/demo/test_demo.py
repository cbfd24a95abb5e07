"""`vocloop demo` as a program, and that its proof finds what was tampered with."""

import contextlib
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from domain.ticket import Ticket
from ledger.database import connect
from policy.reading import load
from settings import utc_now
from starter.demo.command import demo
from starter.demo.play import cast, tickets_for
from starter.demo.proving import faults_of
from starter.demo.scripts import SCRIPTS, Script, swift
from starter.demo.theatre import World
from starter.importing.formats import CN_COLUMNS
from tests.builders import T0, a_policy
from tests.starter.processes import ROOT, child_environment
from tests.workflows.cases import begin

KEYS = [
    *("complaints", "closed", "open", "events", "transfers", "transfers_refused", "response_breaches"),
    *("first_fix_failures", "escalations", "vp_copies", "invariants_broken"),
]

DATA = ROOT / "../shared/data"

app = typer.Typer()
app.command()(demo)


@pytest.mark.long
@pytest.mark.timeout(420)  # seconds, on a slow and busy machine
def test_twenty_complaints_show_every_behaviour_and_every_invariant_holds(tmp_path: Path) -> None:
    said, _ = played("--complaints", "20", "--seed", "7", temporary=tmp_path)
    assert sorted(said) == sorted(KEYS)
    assert said.pop("invariants_broken") == []
    assert [name for name, count in said.items() if count == 0] == []
    assert said["complaints"] == said["closed"] + said["open"] == 20
    assert list(tmp_path.glob("vocloop-demo-*")) == [], "nothing is kept unless asked for"


def test_an_own_csv_is_played_by_its_map_and_its_ledger_is_kept_where_it_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("no,said\nOWN-1,It squeals\n", encoding="utf-8")
    (tmp_path / "map.toml").write_text('[columns]\nticket_no = "no"\nwords = "said"\n', encoding="utf-8")
    own = ["--from", str(tmp_path / "own.csv"), "--format", "csv", "--map", str(tmp_path / "map.toml")]
    said, complained = played(*own, "--complaints", "2", "--keep", temporary=tmp_path)
    kept = Path(complained.rpartition("The ledger is kept in ")[2].strip())
    assert kept.is_relative_to(tmp_path)
    with contextlib.closing(sqlite3.connect(kept)) as ledger:
        rows = ledger.execute("SELECT ticket_no, count(*) FROM events GROUP BY ticket_no").fetchall()
    assert {ticket_no for ticket_no, _ in rows} == {"OWN-1", "OWN-1-1"}
    assert sum(count for _, count in rows) == said["events"]


def played(*options: str, temporary: Path) -> tuple[dict[str, Any], str]:
    """What a demo said in its JSON line, and on standard error; it ended with exit code 0."""
    ran = subprocess.run(
        [sys.executable, "-m", "starter.cli", "demo", "--json", *options],
        env=child_environment(TMPDIR=str(temporary), COLUMNS="400"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    said: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return said, ran.stderr


@pytest.mark.parametrize(
    ("file", "format_", "numbers"),
    [
        ("cn_auto_complaints_2024/complaints.csv", "cn-complaints", r"\d+"),
        ("nhtsa_ford_closures_2020_2024/complaints.csv", "nhtsa-csv", r"NHTSA-\d+"),
        ("nhtsa_flatfile_schema_and_random100/FLAT_CMPL_random100_utf8.txt", "nhtsa-flat", r"NHTSA-\d+"),
    ],
)
def test_a_real_file_casts_every_script(file: str, format_: str, numbers: str) -> None:
    path, files = DATA / file, load()
    if not path.exists():
        pytest.skip(f"{path.parent.name} is not beside the repository in shared/data")
    tickets = tickets_for(files, source=path, format_=format_, count=20)
    assert all(re.fullmatch(numbers, ticket.ticket_no) for ticket in tickets)
    castings = cast(tickets, files.policy_at(utc_now()), seed=1)
    assert {script for _, script in castings} == set(SCRIPTS)
    assert {ticket for ticket, _ in castings} == set(tickets)


@pytest.mark.parametrize(
    ("tags", "scripts", "reason"),
    [
        (["engine.stall", "noise"], [SCRIPTS[0], swift], "the one that may be moved is, and no grey lead pushes"),
        (["noise", "noise"], [swift, swift], "nobody may move any"),
        (["engine.stall", "engine.oil"], list(SCRIPTS[:2]), "all may be moved"),
        (["engine.stall"] * 3 + ["noise"], list(SCRIPTS[:4]), "the last that may be moved keeps its script"),
    ],
)
def test_no_script_is_lost_while_somebody_can_play_it(tags: list[str], scripts: list[Script], reason: str) -> None:
    tickets = [Ticket(ticket_no=f"T-{number}", created_at=T0, tags=(tag,)) for number, tag in enumerate(tags)]
    castings = cast(tickets, a_policy(), seed=1)
    assert [script for _, script in castings] == scripts, reason
    assert sorted(ticket.ticket_no for ticket, _ in castings) == [ticket.ticket_no for ticket in tickets]


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
