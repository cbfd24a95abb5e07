"""The short form of `make chaos`: ten complaints, a few faults, every promise."""

from pathlib import Path

import pytest

from tests.chaos.household import a_household
from tests.chaos.run import Asked, run, table

SHORT = Asked(seed=3, complaints=10, faults=6, horizon_s=15.0, pace_s=2.0, pause_s=1.0)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_whatever_breaks_nothing_is_lost_and_no_deadline_missed(tmp_path: Path) -> None:
    async with a_household(tmp_path / "home") as household:
        outcome = await run(SHORT, household)
    assert outcome.is_whole, table(outcome)
    assert outcome.complaints == SHORT.complaints
    assert sum(row.times for row in outcome.survived) >= SHORT.faults
    assert outcome.answered > SHORT.complaints
    assert outcome.deadlines > 0, "no deadline fell due meanwhile, so nothing was shown of them"
