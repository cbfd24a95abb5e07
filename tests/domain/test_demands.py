"""By when the law wants a demand answered and carried out, counted by hand on the calendar of the State Council."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from domain.demands import legal_terms
from domain.statute import Answers
from policy.calendars import Weekday
from policy.reading import load
from policy.statutory import load_statutes

SHANGHAI = ZoneInfo("Asia/Shanghai")
PACK = load_statutes().packs[0]
STATE = load().sheets.calendar.table.state(zone="Asia/Shanghai", since=2025)


def midnight(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("demanded_on", "reply_by", "complete_by", "reason"),
    [
        (date(2026, 3, 2), midnight(2026, 3, 17), midnight(2026, 3, 31), "a Monday: two, then four whole weeks"),
        (date(2026, 3, 7), midnight(2026, 3, 21), midnight(2026, 4, 4), "a Saturday: the first day is not counted"),
        (
            date(2026, 2, 13),
            midnight(2026, 3, 6),
            midnight(2026, 3, 20),
            "over the Spring Festival, with both make-up days",
        ),
        (date(2026, 9, 24), midnight(2026, 10, 16), midnight(2026, 10, 30), "over two holidays and their make-up days"),
    ],
)
def test_the_first_day_is_not_counted_and_the_last_is_whole(
    demanded_on: date, reply_by: datetime, complete_by: datetime, reason: str
) -> None:
    terms = legal_terms(PACK, demanded_on=demanded_on, state=STATE)
    assert (terms.since, terms.reply_by, terms.complete_by) == (
        *(datetime.combine(demanded_on, datetime.min.time(), SHANGHAI), reply_by, complete_by),
    ), reason
    assert not terms.is_provisional


def test_they_are_provisional_where_days_off_are_still_to_be_announced() -> None:
    last = max(STATE.years)
    assert legal_terms(PACK, demanded_on=date(last, 12, 20), state=STATE).is_provisional


def test_a_company_that_works_on_saturdays_answers_no_sooner_by_law() -> None:
    table = load().sheets.calendar.table
    busy = table.model_copy(update={"week": {**table.week, Weekday.SATURDAY: table.week[Weekday.MONDAY]}})
    assert busy.company() != table.company()
    assert busy.state(zone="Asia/Shanghai", since=2025) == STATE


def test_the_law_counts_days() -> None:
    with pytest.raises(ValidationError, match="the law counts days"):
        Answers.model_validate({"article": "28", "reply": "240 hours", "completion": "20 working_days"})
