"""`vocloop notices`: what was written about a complaint, and what became of each."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from domain.outlets import Audience, Notice, NoticeKind
from ledger import notices
from ledger.database import connect, migrate
from settings import Settings
from starter.stopping import run
from starter.verbs.notices import notices as verb
from tests.builders import T0


async def _put_up(home: Path) -> None:
    """One that a robot took, one that nothing took, one that was posted alone."""
    url = Settings(home=home).ledger_url
    await migrate(url)
    engine = connect(url)
    for number in (1, 2, 3):
        notice = Notice(key=f"T-1:{number}:0", kind=NoticeKind.BREACH, audience=Audience.VP, department="engine")
        posted = {"ticket_no": "T-1", "address": "vp@x.example", "subject": f"s{number}", "body": "b"}
        await notices.post(engine, notice, **posted, created_at=T0)
    await notices.sent(engine, key="T-1:1:0", address="vp@x.example", by="robot:quality", at=T0)
    await notices.failed(engine, key="T-1:2:0", address="vp@x.example", reason="robot: dingtalk 310000; mail: SMTP 550")
    await engine.dispose()


def test_each_says_by_which_way_it_went_or_which_were_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOCLOOP_HOME", str(tmp_path))
    run(_put_up(tmp_path))
    app = typer.Typer()
    app.command()(verb)
    shown = CliRunner().invoke(app, ["T-1"]).stdout
    assert "sent by robot quality at 2026-03-02 01:00:00 UTC" in shown
    assert "not sent, attempts: 1, the last: robot: dingtalk 310000; mail: SMTP 550" in shown
    assert "stands in the notice centre" in shown
    told = json.loads(CliRunner().invoke(app, ["T-1", "--json"]).stdout)
    assert [each["sent_by"] for each in told] == ["robot:quality", "", ""]
