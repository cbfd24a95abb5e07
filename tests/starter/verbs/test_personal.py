"""`vocloop erase`, `retention`, `hold` and `keys` as an operator meets them."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

import settings
from domain.commands import EvidenceKind
from ledger import disclosures, evidence, inbox
from ledger.database import connect
from ledger.keyring import KeyRing
from starter.evidence.store import EvidenceNotFound, EvidenceStore
from starter.verbs import erase, hold, keys, restricted, retention
from tests.builders import T0
from tests.end_to_end.leaks import leaks
from tests.ledger.building import a_ledger, a_whole_ticket, eventful, recorded, url_of

VERBS = {
    "erase": typer.Typer(),
    "retention": typer.Typer(),
    "restricted": typer.Typer(),
    "hold": hold.app,
    "keys": keys.app,
}
VERBS["erase"].command()(erase.erase)
VERBS["retention"].command()(retention.retention)
VERBS["restricted"].command()(restricted.restricted)
NAME, PHONE, VIN = "王小明", "13800001111", "LVSHCAMB1CE000001"


def ask(verb: str, *arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(VERBS[verb], list(arguments), input=given)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """T-1 is closed for years and has a photo; T-2 has the same customer and is open."""

    async def fill() -> None:
        async with a_ledger(tmp_path) as engine:
            for ticket_no in ("T-1", "T-2"):
                await inbox.take_ticket(engine, a_whole_ticket(ticket_no), received_at=T0, key=ticket_no)
            await recorded(engine, eventful("T-1"))

    asyncio.run(fill())
    monkeypatch.setenv("VOCLOOP_HOME", str(tmp_path))
    settings.load.cache_clear()
    yield tmp_path
    settings.load.cache_clear()


def a_photo(home: Path) -> tuple[EvidenceStore, str]:
    async def pieces() -> Any:
        yield (
            b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00\x00\x00\x01" * 2 + b"\x08\x02\x00\x00\x00" + bytes(4)
        )

    async def keep() -> str:
        stored = await store.keep(pieces(), kind=EvidenceKind.DOCUMENT)
        engine = connect(url_of(home / "ledger.db"))
        row: dict[str, Any] = {"kind": "document", "media_type": stored.media_type, "size": stored.size, "by": "cx-1"}
        await evidence.keep(engine, ticket_no="T-1", sha256=stored.sha256, file_name="p", stored_at=T0, **row)
        await engine.dispose()
        return stored.sha256

    store = EvidenceStore(home / "evidence")
    return store, asyncio.run(keep())


def test_erased_is_in_no_file_of_the_home_and_the_photo_is_gone(home: Path) -> None:
    store, sha256 = a_photo(home)
    answer = ask("erase", "--ticket", "T-1", "--ticket", "T-2", "--force", "--why", "request 7")
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert "T-1: forgot 1 tickets" in answer.stdout
    assert leaks([NAME, PHONE, VIN], [path for path in home.rglob("*") if path.is_file()]) == []
    with pytest.raises(EvidenceNotFound):
        asyncio.run(store.read(sha256))


def test_a_customer_is_found_by_their_phone_however_it_is_written(home: Path) -> None:
    answer = ask("erase", "--customer", "-", "--dry-run", "--json", given="+86 138-0000-1111\n")
    said = json.loads(answer.stdout)
    assert [(each["ticket_no"], each["refused"]) for each in said["complaints"]] == [("T-1", None), ("T-2", "open")]
    assert (answer.exit_code, said["dry_run"]) == (1, True)
    assert PHONE in (home / "ledger.db").read_bytes().decode(errors="replace")


def test_nobody_is_erased_by_half_a_phone(home: Path) -> None:
    answer = ask("erase", "--customer", "0000", "--dry-run")
    assert answer.exit_code == 1
    assert "No complaint has that customer" in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Say whose data"),
        (("--ticket", "T-1", "--customer", PHONE), "Say whose data"),
        (("--ticket", "T-1"), "Say on which ground"),
    ],
)
def test_what_was_not_said_is_asked_for(home: Path, arguments: tuple[str, ...], sentence: str) -> None:
    answer = ask("erase", *arguments)
    assert (answer.exit_code, sentence in answer.stderr) == (2, True)


def test_a_hold_stops_erasing_until_it_is_lifted(home: Path) -> None:
    assert ask("hold", "place", "T-1", "--why", "court file 12/26").exit_code == 0
    refused = ask("erase", "--ticket", "T-1", "--why", "request 7")
    assert (refused.exit_code, "court file 12/26" in refused.stdout) == (1, True)
    assert [each["ticket_no"] for each in json.loads(ask("hold", "list", "--json").stdout)] == ["T-1"]
    assert ask("hold", "lift", "T-1").exit_code == 0
    assert ask("hold", "lift", "T-1").exit_code == 1
    assert ask("hold", "place", "T-9", "--why", "none").exit_code == 1
    assert ask("erase", "--ticket", "T-1", "--why", "request 7").exit_code == 0


def test_a_restored_backup_is_erased_again_by_the_log(home: Path, tmp_path: Path) -> None:
    backup = (home / "ledger.db").read_bytes()
    ask("erase", "--ticket", "T-1", "--why", "request 7")
    log = tmp_path / "erased.json"
    log.write_text(ask("erase", "--log").stdout, encoding="utf-8")
    (home / "ledger.db").write_bytes(backup)
    answer = ask("erase", "--again", str(log))
    assert (answer.exit_code, "T-1: forgot" in answer.stdout) == (0, True)
    assert ask("erase", "--again", str(home / "none.json")).exit_code == 2


def test_retention_says_what_is_due_before_it_does_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = T0.replace(year=T0.year + 4)
    monkeypatch.setattr("starter.verbs.retention.utc_now", lambda: later)
    due = json.loads(ask("retention", "--dry-run", "--json").stdout)
    assert [(each["ticket_no"], each["step"], each["record"]) for each in due["due"]] == [("T-1", "restrict", "repair")]
    assert ask("retention").stdout.endswith("0 erased, 1 restricted, 0 under legal hold left.\n")
    assert ask("retention").stdout == "0 erased, 0 restricted, 0 under legal hold left.\n"
    shown = json.loads(ask("restricted", "T-1", "--why", "court file 12/26").stdout)
    assert shown["ticket"]["customer"]["name"] == NAME
    assert ask("restricted", "T-2", "--why", "court file 12/26").exit_code == 1
    assert _looks(home) == [("T-1", "restricted", "court file 12/26")]


def _looks(home: Path) -> list[tuple[str, str, str]]:
    async def read() -> list[tuple[str, str, str]]:
        engine = connect(url_of(home / "ledger.db"))
        found = await disclosures.latest(engine, ticket_no="", before=None, limit=9)
        await engine.dispose()
        return [(each.ticket_no, each.what, each.why) for each in found]

    return asyncio.run(read())


def test_a_made_key_stands_before_those_that_are_set(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ask("keys", "make", "k1").stdout.strip()
    monkeypatch.setenv("VOCLOOP_PAYLOAD_KEYS", first)
    settings.load.cache_clear()
    both = ask("keys", "make", "k2").stdout.strip()
    ring = KeyRing.read(both, setting="X")
    assert ring is not None
    assert (ring.ids, both.endswith(first)) == (("k2", "k1"), True)
    assert ask("keys", "list").stdout == "k1\n"
    assert ask("keys", "make", "k1").exit_code == 2


def test_a_second_key_of_one_day_has_an_id_of_its_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        made = ask("keys", "make")
        assert made.exit_code == 0, made.output
        monkeypatch.setenv("VOCLOOP_PAYLOAD_KEYS", made.stdout.strip())
        settings.load.cache_clear()
    newest, middle, oldest = ask("keys", "list").stdout.split()
    assert (newest, middle) == (f"{oldest}.3", f"{oldest}.2")
