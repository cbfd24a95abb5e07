"""`vocloop notice`: templates before they are sent, and ways before they are relied on."""

import json
import subprocess
import sys

from tests.activities.channels.vendors import a_vendor, feishu
from tests.starter.processes import ROOT, child_environment

SETTING = "VOCLOOP_CHANNELS"


def vocloop(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "starter.cli", *arguments]
    env = child_environment(COLUMNS="200", **settings)
    return subprocess.run(command, capture_output=True, text=True, env=env, cwd=ROOT, check=False)


def test_a_template_is_shown_as_it_would_be_written() -> None:
    shown = vocloop("notice", "preview", "work_order", "--language", "en", "--json")
    letter = json.loads(shown.stdout)
    assert (letter["kind"], letter["language"]) == ("work_order", "en")
    assert "CRM-2026-000123" in letter["subject"]
    assert "王小明" not in vocloop("notice", "preview", "work_order", "--channel", "dingtalk").stdout


def test_a_way_is_tried() -> None:
    with a_vendor() as vendor:
        vendor.answer = feishu("s")
        robot = {"kind": "feishu", "url": vendor.url, "secret": "s"}
        given = {SETTING: json.dumps({"robot": {"quality": robot}})}
        assert vocloop("notice", "test", "robot:quality", **given).returncode == 0
        wrong = {SETTING: json.dumps({"robot": {"quality": {**robot, "secret": "another"}}})}
        refused = vocloop("notice", "test", "robot:quality", **wrong)
    assert (refused.returncode, refused.stdout) == (1, "Not taken: feishu 19021.\n")
    assert "试发" in vendor.requests[0].json["content"]["text"]
