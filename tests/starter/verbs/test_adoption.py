"""`vocloop policy preview-adoption` against a real ledger and a real API that has been given new policy files."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.policy.folders import a_copy
from tests.starter.api_server import RunningApi, an_api, api_of
from tests.starter.processes import ROOT, child_environment, free_port


async def asked(api: RunningApi, folder: Path, *options: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter.cli", "policy", "preview-adoption", "--api", api.settings.base_url, *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
        env=child_environment(VOCLOOP_HOME=str(api.settings.home), VOCLOOP_POLICY=str(folder), COLUMNS="200"),
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


@pytest.mark.long
async def test_the_preview_says_whom_new_files_touch_and_apply_lets_them_adopt(
    temporal_address: str, tmp_path: Path
) -> None:
    home, folder = tmp_path / "home", a_copy(tmp_path / "policy")
    async with an_api(home, temporal=temporal_address, policy=folder) as api:
        complaint = await api.opened()
        edited_again(folder, 'response = "4 hours"', 'response = "9 hours"')
        code, said = await asked(api, folder, "--apply")
        assert (code, "0 of 1 have adopted it." in said) == (1, True), "the API has not read the new files yet"
        no, version = complaint["ticket_no"], complaint["complaint"]["policy_version"]
        async with api_of(api.settings.model_copy(update={"api_port": free_port()})) as started_since:
            code, said = await asked(started_since, folder, "--apply", "--json")
        found: dict[str, Any] = json.loads(said)
        (touched,) = found["complaints"]
        assert (code, touched["ticket_no"], touched["changes"], touched["light_then"]) == (0, no, True, "green")
        assert found["departments"]["powertrain"]["moved"] == 1
        assert [*found["applied"]["adopted"], *found["applied"]["queued"]] == [no]
        await api.until(no, lambda complaint: complaint["policy_version"] == found["policy"] != version)
        assert "Nobody is touched." in (await asked(api, folder))[1]


def edited_again(folder: Path, old: str, new: str) -> None:
    rules = folder / "rules.toml"
    rules.write_text(rules.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
