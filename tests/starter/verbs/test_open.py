import asyncio
import json
import re
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.starter.api_server import NAME, PHONE, RunningApi, a_ticket_body, by
from tests.starter.processes import ROOT, child_environment, free_port


async def vocloop(
    *arguments: str, given: str = "", language: str = "en_GB.UTF-8", of: RunningApi | None = None
) -> tuple[int, str, str]:
    """Run the command line, in the home of a running API where one is given; its exit code, and what it said on
    standard output and standard error.
    """
    home = str(of.settings.home) if of else "/nowhere"
    environment = child_environment(LC_ALL=language, COLUMNS="160", VOCLOOP_HOME=home)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter.cli", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env=environment,
    )
    said, complained = await process.communicate(given.encode())
    return process.returncode or 0, said.decode(), complained.decode()


async def test_a_ticket_is_opened_from_a_file_and_its_receipt_printed(running_api: RunningApi, tmp_path: Path) -> None:
    ticket = a_ticket_body()
    (tmp_path / "ticket.json").write_text(json.dumps(ticket), encoding="utf-8")
    code, said, _ = await vocloop(
        "open", str(tmp_path / "ticket.json"), "--api", running_api.settings.base_url, of=running_api
    )
    assert (code, said.splitlines()[0]) == (0, f"{ticket['ticket_no']}: Taken; it is dispatched at once.")
    assert said.splitlines()[1].endswith(f"/api/v1/complaints/{ticket['ticket_no']}")


async def test_a_bad_ticket_on_standard_input_is_told_field_by_field(running_api: RunningApi) -> None:
    ticket = {**a_ticket_body(), "risk_level": 9}
    code, said, complained = await vocloop(
        "open",
        "-",
        "--api",
        running_api.settings.base_url,
        of=running_api,
        given=json.dumps(ticket),
        language="zh_CN.UTF-8",
    )
    assert (code, said) == (1, "")
    assert complained.startswith("请按 errors 逐项修改后重发。 (malformed)\n  body.risk_level: ")


async def test_without_an_api_one_sentence_says_how_to_get_one(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    code, _, complained = await vocloop("show", "T-1", "--api", address)
    assert (code, len(complained.splitlines())) == (2, 1)
    assert complained.startswith(f"The API does not answer at {address}: start it with `vocloop up`")


async def test_show_tells_owner_light_clocks_hops_and_timeline(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    await running_api.command(no, "accept", actor=by("powertrain"))
    await running_api.until(no, lambda complaint: complaint["stage"] == "in_work")
    code, said, _ = await vocloop("show", no, "--api", running_api.settings.base_url, of=running_api)
    assert code == 0
    for expected in (
        "It is with Powertrain now",
        "● green  in work  Hard to start",
        "resolution clock",
        "█",
        "took it on",
        "Hop 1, by dispatch",
    ):
        assert expected in said, said
    assert NAME not in said
    assert PHONE not in said


async def shown(api: RunningApi, no: str, *options: str, language: str = "en_GB.UTF-8") -> str:
    code, said, complained = await vocloop(
        "show", no, *options, "--api", api.settings.base_url, of=api, language=language
    )
    assert code == 0, complained
    return said


async def test_show_calls_departments_by_name_in_the_terminals_language(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    await running_api.command(no, "accept", actor=by("powertrain"))
    await running_api.until(no, lambda complaint: complaint["stage"] == "in_work")
    english, chinese = await shown(running_api, no), await shown(running_api, no, language="zh_CN.UTF-8")
    for line, said in ((r"1 +Powertrain .* taken on", english), (r"1 +动力总成部 .* 已接单", chinese)):
        assert re.search(line, said), said
        assert not re.search(r"\b(powertrain(?!-1)|in_work|accepted)\b", said), said


async def test_show_tells_the_time_of_the_policys_zone_and_names_the_zone_once(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    facts = json.loads(await shown(running_api, no, "--json"))
    entered = datetime.fromisoformat(facts["complaint"]["facts"]["hops"][0]["entered_at"])
    assert entered.utcoffset() == timedelta()
    said = await shown(running_api, no)
    local = entered.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M")
    assert f"{local} – …" in said
    assert said.count("Times are those of Asia/Shanghai") == 1
    assert "UTC " not in said


async def test_show_as_json_is_one_object_with_all_three_parts(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    code, said, _ = await vocloop("show", no, "--json", "--api", running_api.settings.base_url, of=running_api)
    found: dict[str, Any] = json.loads(said)
    assert (code, found["ticket_no"], found["complaint"]["owner"]) == (0, no, "powertrain")
    assert {"clocks", "timeline"} <= set(found)


async def test_an_unknown_complaint_is_a_sentence(running_api: RunningApi) -> None:
    code, _, complained = await vocloop("show", "NOBODY-1", "--api", running_api.settings.base_url, of=running_api)
    assert (code, complained.strip()) == (
        1,
        "No ticket of this number was ever taken; check the number. (unknown_complaint)",
    )


async def test_a_key_that_the_api_does_not_know_is_a_sentence(running_api: RunningApi) -> None:
    code, _, complained = await vocloop("show", "T-1", "--api", running_api.settings.base_url)
    assert (code, len(complained.splitlines())) == (1, 1)
    assert "does not know our key: set VOCLOOP_API_KEY" in complained
