"""`vocloop evidence` as an operator meets it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import settings
from domain.commands import EvidenceKind
from starter.evidence.keeping import keep_upload
from starter.evidence.store import EvidenceStore
from starter.verbs.evidence import app
from tests.ledger.building import a_ledger
from tests.starter.evidence.buckets import s3_settings

NOW = datetime.now(UTC)


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """One file is evidence on T-1, another was stored two days ago and came to nothing."""

    async def fill() -> None:
        async def pieces(content: bytes) -> AsyncIterator[bytes]:
            yield content

        store = EvidenceStore(tmp_path / "evidence")
        async with a_ledger(tmp_path) as engine:
            await keep_upload(store, engine, pieces(b"proof"), ticket_no="T-1", kind=EvidenceKind.LOG, at=NOW)
        left = await store.keep(pieces(b"left"), kind=EvidenceKind.LOG)
        os.utime(path_of(tmp_path, left.sha256), ((NOW - timedelta(days=2)).timestamp(),) * 2)

    asyncio.run(fill())
    monkeypatch.setenv("VOCLOOP_HOME", str(tmp_path))
    settings.load.cache_clear()
    yield tmp_path
    settings.load.cache_clear()


def path_of(home: Path, sha256: str) -> Path:
    return home / "evidence" / "kept" / sha256[:2] / sha256


def use_s3(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    told = s3_settings(home)
    for name, value in told.items():
        monkeypatch.setenv(f"VOCLOOP_{name.upper()}", str(value))
    settings.load.cache_clear()
    return str(told["evidence_url"])


def test_sweeping_says_what_it_would_delete_then_deletes_it(home: Path) -> None:
    would = json.loads(ask("sweep", "--dry-run", "--json").stdout)
    (orphan,) = would["orphans"]
    assert (would["dry_run"], orphan["size"], would["drafts"]) == (True, 4, 0)
    assert path_of(home, orphan["sha256"]).exists()
    assert ask("sweep").stdout.endswith("Swept 1 orphans of 4 bytes and 0 drafts.\n")
    assert not path_of(home, orphan["sha256"]).exists()


def test_verifying_exits_1_and_names_the_file_and_its_complaint(home: Path) -> None:
    assert ask("verify").stdout == "No faults in 1 files.\n"
    proof = next(
        path for path in (home / "evidence" / "kept").rglob("*") if path.is_file() and path.read_text()[0] == "p"
    )
    proof.write_text("prooF")
    said = ask("verify")
    assert (said.exit_code, said.stdout.splitlines()[-1]) == (1, "1 faults in 1 files.")
    assert f"{proof.name} (T-1) is not what its hash says" in said.stdout
    assert json.loads(ask("verify", "--json").stdout)["faults"][0]["what"] == "damaged"


def test_a_folder_moves_to_s3_which_then_bears_everything(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = use_s3(home, monkeypatch)
    assert ask("verify").exit_code == 1  # nothing is there yet
    copied = ask("copy", "--to", url)
    assert (copied.exit_code, copied.stdout) == (0, "2 files copied, 0 were there, 0 damaged.\n")
    assert ask("verify").stdout == "No faults in 1 files.\n"
    checked = ask("check")
    assert (checked.exit_code, checked.stdout.splitlines()[-1]) == (0, "The store is fit for evidence.")


def test_what_stands_in_the_way_is_said_in_a_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOCLOOP_EVIDENCE_URL", "ftp://nowhere")
    settings.load.cache_clear()
    for verb in (("verify",), ("sweep",), ("check",), ("copy", "--to", "ftp://nowhere")):
        said = ask(*verb)
        assert (said.exit_code, said.stderr.strip()[-19:]) == (2, " not ftp://nowhere."), verb
