"""`vocloop key` as an operator runs it, and the API that listens beyond this machine only then."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from domain.access import Permission
from ledger import keys, sessions
from settings import Settings, utc_now
from starter.http.keys import row_of
from starter.http.listening import is_demo, refuse_open
from starter.stopping import CannotGoOn
from tests.starter.api_server import a_home, a_ledger
from tests.starter.processes import ROOT, child_environment

CRM = ("--name", "CRM", "--scope", "open_tickets,on_behalf")


def vocloop(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "starter.cli", *arguments],
        capture_output=True,
        text=True,
        env=child_environment(VOCLOOP_HOME=str(home), COLUMNS="200"),
        cwd=ROOT,
        check=False,
    )


async def test_a_key_is_shown_once_listed_without_its_secret_and_revoked(tmp_path: Path) -> None:
    settings = await a_home(tmp_path, temporal="127.0.0.1:1")
    made = vocloop(tmp_path, "key", "create", *CRM, "--days", "30")
    assert (made.returncode, made.stderr) == (0, "Keep it where only that system reads it: it is not shown again.\n")
    assert (found := re.fullmatch(r"vlk_([0-9a-f]{12})_([\w-]{43})\n", made.stdout))
    async with a_ledger(settings) as engine:
        row = await row_of(engine, made.stdout.strip(), at=utc_now())
        assert row
        assert set(row.scopes) == {Permission.OPEN_TICKETS, Permission.ON_BEHALF}
    listed = vocloop(tmp_path, "key", "list", "--json")
    local, crm = json.loads(listed.stdout)
    assert (local["name"], crm["name"], crm["key_id"]) == ("local", "CRM", found[1])
    assert found[2] not in listed.stdout + vocloop(tmp_path, "key", "list").stdout
    assert vocloop(tmp_path, "key", "revoke", found[1]).stdout == f"Key {found[1]} is revoked.\n"
    assert vocloop(tmp_path, "key", "revoke", found[1]).returncode == 1


async def test_scopes_may_be_given_one_by_one_or_by_commas(tmp_path: Path) -> None:
    settings = await a_home(tmp_path, temporal="127.0.0.1:1")
    made = vocloop(tmp_path, "key", "create", "--name", "DMS", "--scope", "read,act", "--scope", "open_tickets")
    async with a_ledger(settings) as engine:
        row = await row_of(engine, made.stdout.strip(), at=utc_now())
    assert row
    assert set(row.scopes) == {Permission.READ, Permission.ACT, Permission.OPEN_TICKETS}


async def test_a_person_can_be_signed_out_by_whoever_runs_it(tmp_path: Path) -> None:
    settings = await a_home(tmp_path, temporal="127.0.0.1:1")
    async with a_ledger(settings) as engine:
        said: dict[str, Any] = {"name": {"zh": "王小明", "en": "Wang"}, "role": "cx", "department": "cx"}
        await sessions.begin(engine, id_hash="h" * 64, person_id="e-1", at=utc_now(), **said)
    (listed,) = json.loads(vocloop(tmp_path, "session", "list", "--json").stdout)
    assert (listed["person_id"], "id_hash" in listed) == ("e-1", False)
    assert vocloop(tmp_path, "session", "end", "e-1").stdout == "1 of e-1's sessions ended.\n"
    assert vocloop(tmp_path, "session", "end", "e-1").returncode == 1
    assert "e-1" not in vocloop(tmp_path, "session", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("--name", "X", "--scope", "read,fly"), 1, "fly is no scope; choose from read, act"),
        (("--name", "X", "--scope", " , "), 1, "Nothing is no scope"),
        (("--name", " ", "--scope", "read"), 1, "say whose it is with --name"),
        (("--name", "X", "--scope", "read", "--department", "moon"), 1, "There is no department moon; choose from"),
        (("--name", "X", "--scope", "read"), 2, "run its migrations"),  # there is no ledger yet
    ],
)
def test_what_cannot_be_made_is_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    refused = vocloop(tmp_path, "key", "create", *arguments)
    assert (refused.returncode, refused.stdout) == (code, "")
    assert sentence in refused.stderr


async def test_it_listens_beyond_this_machine_only_when_people_or_systems_can_prove_who_they_are(
    tmp_path: Path,
) -> None:
    beyond = (await a_home(tmp_path, temporal="127.0.0.1:1")).model_copy(update={"api_host": "0.0.0.0"})
    with pytest.raises(CannotGoOn, match="while nobody can prove who they are"):
        await refuse_open(beyond, at=utc_now())
    people = {"oidc_issuer": "https://id.example", "oidc_client_id": "vocloop"}
    await refuse_open(beyond.model_copy(update=people), at=utc_now())
    async with a_ledger(beyond) as engine:
        await keys.keep(engine, key_id="a" * 12, secret_hash="0" * 64, name="CRM", scopes=["read"], at=utc_now())
    await refuse_open(beyond, at=utc_now())


async def test_a_provider_without_a_client_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotGoOn, match="without VOCLOOP_OIDC_CLIENT_ID"):
        await refuse_open(Settings(home=tmp_path, oidc_issuer="https://id.example"), at=utc_now())


async def test_the_command_says_so_and_exits_with_2(tmp_path: Path) -> None:
    await a_home(tmp_path, temporal="127.0.0.1:1")
    refused = vocloop(tmp_path, "api", "--host", "0.0.0.0", "--port", "0")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    assert "make a key with `vocloop key create`" in refused.stderr


@pytest.mark.parametrize(
    ("settings", "expected", "reason"),
    [
        ({}, True, "nobody but this machine reaches it, and there is nothing better"),
        ({"api_host": "::1"}, True, "and so does this name of it"),
        ({"api_host": "::1", "public_url": "http://localhost:8080"}, True, "the same machine by another name"),
        ({"api_host": "0.0.0.0", "public_url": "http://127.0.0.1:8080"}, False, "everybody reaches it"),
        ({"public_url": "https://vocloop.example"}, False, "a proxy brings everybody here"),
        ({"oidc_issuer": "https://id.example"}, False, "people have accounts"),
        ({"keys_only": True}, False, "people are not meant to come in"),
    ],
)
def test_the_demo_ends_where_anybody_else_could_come_in(
    settings: dict[str, object], expected: bool, reason: str
) -> None:
    assert is_demo(Settings.model_validate(settings)) is expected, reason
