from datetime import UTC, datetime
from pathlib import Path

import pytest

from settings import Settings
from starter.doctor.calendars import unannounced
from tests.policy.folders import a_copy, edited

NOVEMBER, CHRISTMAS = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 12, 25, tzinfo=UTC)
DAYS = 'resolution_complex = "7 calendar_days"'


@pytest.mark.parametrize(
    ("rule", "at", "years", "reason"),
    [
        (DAYS, CHRISTMAS, [], "days of the calendar ask for no days off"),
        (DAYS.replace("calendar", "working"), NOVEMBER, [], "seven working days from now are in this year"),
        (DAYS.replace("calendar", "working"), CHRISTMAS, ["2027"], "and then they are not"),
    ],
)
def test_a_year_that_something_may_be_due_in_is_asked_for(
    tmp_path: Path, rule: str, at: datetime, years: list[str], reason: str
) -> None:
    folder = edited(tmp_path, "rules.toml", DAYS, rule)
    found = unannounced(Settings(home=tmp_path, policy=folder), at)
    assert [finding.where for finding in found] == years, reason
    assert all("import-holidays" in finding.do for finding in found)


def test_a_policy_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (a_copy(tmp_path) / "rules.toml").unlink()
    (finding,) = unannounced(Settings(home=tmp_path, policy=tmp_path), NOVEMBER)
    assert (finding.code, "rules.toml:0" in finding.what) == ("policy", True)
