"""Today's code still understands every red line that was ever recorded; see tests/histories/README.md."""

from pathlib import Path

import pytest

from tests.workflows.divergent_red_line import DivergentRedLine
from tests.workflows.red_line_history import FOLDER
from tests.workflows.replaying import replay

RECORDED = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_a_recorded_red_line_replays(path: Path) -> None:
    assert await replay(path) == []


async def test_a_red_line_that_asks_for_something_else_fails_on_every_history() -> None:
    assert RECORDED
    assert await replay(*RECORDED, workflow=DivergentRedLine) == [path.stem for path in RECORDED]
