"""Years whose days off we do not know, although something may fall due in them."""

from datetime import datetime

from domain.policy import Policy
from domain.working_time import WorkingCalendar
from policy.faults import PolicyError
from policy.reading import load
from settings import Settings
from starter.doctor.ailments import Finding


def unannounced(settings: Settings, at: datetime) -> list[Finding]:
    """One finding when the longest time that the rules give in working time, from now, ends in such a year."""
    try:
        policy = load(settings.policy).policy_at(at)
    except PolicyError as error:
        do = "Run `vocloop policy check` and mend what it names; no new complaint is opened meanwhile."
        return [Finding(code="policy", what=str(error), where="policy", do=do)]
    calendars = [policy.calendar, *(each.over(policy.calendar) for each in policy.calendars)]
    years = sorted({year for calendar in calendars for year in _missing(calendar, policy, at=at)})
    return [
        Finding(
            code="days_off_unannounced",
            what=f"What is due in {year} in working time is provisional: its days off are not in calendar.toml.",
            where=str(year),
            do="Once they are announced: `vocloop policy import-holidays`, then `vocloop policy preview-adoption`.",
        )
        for year in years
    ]


def _missing(calendar: WorkingCalendar, policy: Policy, *, at: datetime) -> set[int]:
    ends = [calendar.add(at, length) for length in policy.lengths() if length.unit.is_working]
    if not (ends and calendar.years):
        return set()
    return set(range(at.year, max(ends).year + 1)) - set(calendar.years)
