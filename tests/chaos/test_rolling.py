"""The short form of `make rolling`: from a copy of this code, as if it were a release before, to this code."""

import shutil
from pathlib import Path

import pytest

from tests.chaos.rolling import CALM, rolled, unpack
from tests.starter.processes import ROOT

RELEASED = ("activities", "domain", "ledger", "policy", "starter", "workflows")
SHORT = CALM._replace(complaints=10, horizon_s=25.0, pause_s=4.0)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_open_complaints_go_from_one_release_to_the_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in RELEASED:
        shutil.copytree(ROOT / name, tmp_path / "before" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("worker.py", "settings.py"):
        shutil.copy(ROOT / name, tmp_path / "before")
    is_whole = await rolled(tmp_path / "before", tmp_path / "home", SHORT, overlap_s=2.0)
    told = capsys.readouterr().out
    assert is_whole, told
    open_then = next(line.split()[-2] for line in told.splitlines() if line.startswith("old worker gone"))
    assert int(open_then) >= SHORT.complaints / 2, told


def test_a_release_that_is_not_here_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="nowhere is not in this checkout: fetch"):
        unpack("nowhere", tmp_path)
