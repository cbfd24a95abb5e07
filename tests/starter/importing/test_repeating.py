"""An import repeated through the real API: what is there already is told from what differs."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.starter.api_server import RunningApi, a_ticket_no
from tests.starter.processes import ROOT, child_environment

UNDATED = '[columns]\nticket_no = "no"\nwords = "said"\n'


async def imported(api: RunningApi, folder: Path, rows: dict[str, str], *options: str) -> tuple[int, int, str]:
    """Import the rows (number → words) as a CSV without dates; how many were taken, how many refused, and why."""
    lines = [f"{number},{said}\n" for number, said in rows.items()]
    (folder / "own.csv").write_text("".join(["no,said\n", *lines]), encoding="utf-8")
    (folder / "map.toml").write_text(UNDATED, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter.cli", "import", str(folder / "own.csv"), "--json", *options),
        *("--format", "csv", "--map", str(folder / "map.toml"), "--api", api.settings.base_url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        # A proxy of the machine's must not stand between us and our own API.
        env=child_environment(
            HTTP_PROXY="http://127.0.0.1:9", ALL_PROXY="http://127.0.0.1:9", VOCLOOP_HOME=str(api.settings.home)
        ),
    )
    said, complained = await process.communicate()
    figures = json.loads(said.decode().splitlines()[-1])
    return figures["accepted"], figures["rejected"], complained.decode()


@pytest.mark.parametrize("dates", ["now", "original"])
async def test_a_repeated_import_changes_nothing_and_refuses_nothing(
    running_api: RunningApi, tmp_path: Path, dates: str
) -> None:
    rows = {a_ticket_no(): "It squeals", a_ticket_no(): "It rattles"}
    numbers = list(rows)
    assert await imported(running_api, tmp_path, rows, "--dates", dates) == (2, 0, "")
    before = [(await running_api.get(f"/complaints/{number}"))["ticket"] for number in numbers]
    assert await imported(running_api, tmp_path, rows, "--dates", dates) == (2, 0, "")
    assert [(await running_api.get(f"/complaints/{number}"))["ticket"] for number in numbers] == before


async def test_a_row_that_says_something_else_is_refused_also_the_second_time(
    running_api: RunningApi, tmp_path: Path
) -> None:
    first, second = a_ticket_no(), a_ticket_no()
    await imported(running_api, tmp_path, {first: "It squeals", second: "It rattles"})
    taken, refused, why = await imported(running_api, tmp_path, {first: "It squeals", second: "It burns"})
    assert (taken, refused) == (1, 1)
    assert why == "line 3: The ticket number is already there with another content.\n"
    assert (await running_api.get(f"/complaints/{second}"))["ticket"]["words"] == "It rattles"
