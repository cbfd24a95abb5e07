"""`vocloop ledger` as an operator meets it."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import settings
from ledger import tickets
from ledger.database import connect, migrate
from ledger.search import matching
from starter.verbs.ledger import app
from tests.builders import T0
from tests.ledger.building import a_ledger, a_whole_ticket, eventful, recorded, url_of, withdrawn
from tests.postgres import postgres_or_skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose ledger holds two complaints; it is the one the settings name."""

    async def fill() -> None:
        async with a_ledger(tmp_path) as engine:
            await recorded(engine, eventful("T-1"), withdrawn("T-2"))

    asyncio.run(fill())
    monkeypatch.setenv("VOCLOOP_HOME", str(tmp_path))
    settings.load.cache_clear()
    yield tmp_path
    settings.load.cache_clear()


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def tamper(home: Path, statement: str) -> None:
    connection = sqlite3.connect(home / "ledger.db", isolation_level=None)
    connection.execute(statement)
    connection.close()


def test_a_whole_ledger_is_said_to_be_whole(home: Path) -> None:
    answer = ask("verify")
    assert (answer.exit_code, answer.stdout) == (0, "The ledger is whole.\n")
    assert json.loads(ask("verify", "--json").stdout) == {"faults": []}


def test_each_fault_is_named_and_ends_in_exit_1(home: Path) -> None:
    tamper(home, "UPDATE events SET kind = 'accepted' WHERE ticket_no = 'T-1' AND seq = 8")
    answer, as_json = ask("verify"), ask("verify", "--json")
    assert (answer.exit_code, as_json.exit_code) == (1, 1)
    assert "T-1: event 8 was changed after it was written." in answer.stdout
    (fault,) = json.loads(as_json.stdout)["faults"]
    assert (fault["ticket_no"], fault["seq"], fault["kind"]) == ("T-1", 8, "changed")


def test_a_projection_that_lies_is_named_unless_only_the_chain_was_asked_for(home: Path) -> None:
    tamper(home, "UPDATE complaints SET owner = 'nobody' WHERE ticket_no = 'T-1'")
    answer, chain_only = ask("verify"), ask("verify", "--chain-only")
    assert (answer.exit_code, chain_only.exit_code) == (1, 0)
    assert "T-1: the row of complaints differs from its events in owner; run `vocloop ledger rebuild`" in answer.stdout


def test_exported_heads_find_a_tail_cut_off_with_its_projection(home: Path) -> None:
    anchors = home / "heads.json"
    anchors.write_text(ask("heads", "--json").stdout)
    tamper(home, "DELETE FROM events WHERE ticket_no = 'T-1' AND seq > 19")
    assert ask("rebuild").exit_code == ask("verify").exit_code == 0
    answer = ask("verify", "--anchors", str(anchors))
    assert (answer.exit_code, answer.stdout.splitlines()[0]) == (1, "T-1: events 20 to 21 are missing.")


def test_anchors_that_cannot_be_read_end_in_one_sentence_and_exit_2(home: Path) -> None:
    (home / "heads.json").write_text("not heads")
    answer = ask("verify", "--anchors", str(home / "heads.json"))
    assert answer.exit_code == 2
    assert "give a file that `vocloop ledger heads --json` wrote" in answer.stderr


def test_heads_are_listed_one_a_line(home: Path) -> None:
    lines = [line.split("\t") for line in ask("heads").stdout.splitlines()]
    assert [(ticket_no, seq) for ticket_no, seq, _ in lines] == [("T-1", "21"), ("T-2", "3")]


def test_a_rebuild_says_how_many_complaints_it_made_again(home: Path) -> None:
    tamper(home, "DELETE FROM hops")
    answer = ask("rebuild", "--json")
    assert (answer.exit_code, json.loads(answer.stdout)) == (0, {"complaints": 2, "broken": []})
    assert "2 complaints rebuilt" in ask("rebuild").stdout


def test_a_rebuild_makes_the_search_find_what_it_had_lost(home: Path) -> None:
    async def keep() -> None:
        engine = connect(url_of(home / "ledger.db"))
        await tickets.keep(engine, a_whole_ticket("T-1"), received_at=T0)
        await engine.dispose()

    async def found() -> tuple[str, ...]:
        engine = connect(url_of(home / "ledger.db"))
        try:
            return await matching(engine, "发动机", limit=5)
        finally:
            await engine.dispose()

    asyncio.run(keep())
    tamper(home, "INSERT INTO search_index (search_index) VALUES ('delete-all')")
    tamper(home, "DELETE FROM search_texts")
    assert asyncio.run(found()) == ()
    assert ask("rebuild").exit_code == 0
    assert asyncio.run(found()) == ("T-1",)


def test_a_complaint_that_does_not_fold_is_named_and_ends_in_exit_1(home: Path) -> None:
    tamper(home, "DELETE FROM events WHERE ticket_no = 'T-1' AND seq = 3")
    answer = ask("rebuild")
    assert answer.exit_code == 1
    assert "T-1: its events do not fold" in answer.stdout


def test_without_a_ledger_one_sentence_says_how_to_make_one(home: Path) -> None:
    (home / "ledger.db").unlink()
    answer = ask("verify")
    assert answer.exit_code == 2
    assert "start `vocloop up` once" in answer.stderr


def test_a_copy_to_postgresql_is_whole_and_a_second_is_refused(home: Path) -> None:
    server = postgres_or_skip()
    name = asyncio.run(server.create())
    asyncio.run(migrate(server.url(name)))
    first, second = ask("copy", "--to", server.url(name)), ask("copy", "--to", server.url(name))
    assert (first.exit_code, first.stdout.splitlines()[-1]) == (0, "The copy is whole.")
    assert "of 2 complaints copied." in first.stdout
    assert second.exit_code == 2
    assert "--to is not empty" in second.stderr
    back = url_of(home / "back.db")
    asyncio.run(migrate(back))
    again = json.loads(ask("copy", "--from", server.url(name), "--to", back, "--json").stdout)
    assert (again["complaints"], again["differing"], again["heads_differ"], again["faults"]) == (2, [], False, [])


def test_a_copy_of_a_damaged_ledger_says_so_in_exit_1(home: Path) -> None:
    tamper(home, "UPDATE events SET kind = 'accepted' WHERE ticket_no = 'T-1' AND seq = 8")
    asyncio.run(migrate(url_of(home / "copy.db")))
    answer = ask("copy", "--to", url_of(home / "copy.db"))
    assert answer.exit_code == 1
    assert "T-1: event 8 was changed after it was written." in answer.stdout
    assert "Do not use this copy" in answer.stdout


def test_a_server_that_refuses_is_said_to_and_not_to_lack_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOCLOOP_DATABASE_URL", postgres_or_skip().url("postgres", user="nobody"))
    settings.load.cache_clear()
    answer = ask("verify")
    settings.load.cache_clear()
    assert answer.exit_code == 2
    assert "refuses this user: correct the name and the password" in answer.stderr
