from pathlib import Path

import pytest

from policy.differing import differences
from policy.reading import load
from tests.policy.folders import AT, edited

SHIPPED = load()

STEP = 'after = "5 calendar_days"\nrisk_at_least = 4'
WIPERS = 'en = "Wipers fail", owner = "electronics", from = 2020-01-01, '

CHANGES = [
    ("rules.toml", 'response = "4 hours"', 'response = "9 hours"', "Response clock: 4 hours → 9 hours."),
    ("rules.toml", "hop_limit = 2", "hop_limit = 3", "Hop limit: 2 → 3."),
    ("rules.toml", '"24 hours"      #', '"2 hours" #', "Time after which a notice is given up: 24 hours → 2 hours."),
    ("rules.toml", '"90 calendar', '"30 calendar', "Life of a survey's link: 90 calendar_days → 30 calendar_days."),
    ("rules.toml", '"1/3"', '"1/4"', "Yellow at this share of the clock: 1/3 → 1/4."),
    ("rules.toml", '"unstop"  ', '"resume"  ', "A rejected claim's clock: unstop → resume."),
    (
        "rules.toml",
        'warned_on = ["response", ',
        "warned_on = [",
        "Clocks that warn: response, resolution, legal_reply, legal_completion "
        "→ resolution, legal_reply, legal_completion.",
    ),
    (
        "rules.toml",
        STEP,
        "risk_at_least = 4",
        "Escalation to service: after 5 calendar_days or risk 4 or more to service → risk 4 or more to service.",
    ),
    (
        "matrix.toml",
        'en = "ABS fault", owner = "chassis"',
        'en = "ABS fault", owner = "safety"',
        "Tag brakes.abs moves from chassis to safety.",
    ),
    (
        "matrix.toml",
        'supporters = ["electronics", "purchasing"]',
        'supporters = ["body"]',
        "Tag lighting.water is supported by body instead of electronics, purchasing.",
    ),
    ("matrix.toml", f"{WIPERS}complex", f"{WIPERS}red_line", "Tag wipers.failure becomes a red line."),
    ("matrix.toml", f"{WIPERS}complex", f"{WIPERS}red_line", "Tag wipers.failure is no longer complex."),
    ("departments.toml", "cx-manager@", "cx-head@", "The manager of cx changes."),
]


@pytest.mark.parametrize(("file", "old", "new", "sentence"), CHANGES)
def test_a_change_is_said_in_a_sentence(tmp_path: Path, file: str, old: str, new: str, sentence: str) -> None:
    assert sentence in differences(SHIPPED, load(edited(tmp_path, file, old, new)), at=AT)


def test_one_change_is_one_sentence(tmp_path: Path) -> None:
    other = load(edited(tmp_path, "rules.toml", "hop_limit = 2", "hop_limit = 3"))
    assert differences(SHIPPED, other, at=AT) == ("Hop limit: 2 → 3.",)


def test_a_grey_tag_that_becomes_ordinary_is_told(tmp_path: Path) -> None:
    grey = 'grey = true, supporters = ["edrive", "body"]'
    other = load(edited(tmp_path, "matrix.toml", grey, "complex = true"))
    assert differences(SHIPPED, other, at=AT) == (
        "Tag edrive.noise is no longer grey.",
        "Tag edrive.noise becomes complex.",
    )


def test_a_tag_that_is_renamed_goes_away_and_comes_anew(tmp_path: Path) -> None:
    other = load(edited(tmp_path, "matrix.toml", '"climate.fogging"', '"climate.misting"'))
    assert differences(SHIPPED, other, at=AT) == (
        "Tag climate.fogging of electronics goes away.",
        "Tag climate.misting is new, owned by electronics.",
    )


CALENDAR_CHANGES = [
    ('friday = ["08:30-12:00", "13:00-17:30"]', "", "The working week changes."),
    ('zone = "Asia/Shanghai"', 'zone = "Europe/Berlin"', "Time zone: Asia/Shanghai → Europe/Berlin."),
    ("2026-09-20, ", "", "Days off and make-up days in 2026: 33 and 6 → 33 and 5."),
    ('\nmonday = ["08:00-16:00', '\nsunday = ["08:00-16:00', "The working week of plant changes."),
]


@pytest.mark.parametrize(("old", "new", "sentence"), CALENDAR_CHANGES)
def test_a_calendar_that_changes_is_told_whatever_the_rules_count(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    assert differences(SHIPPED, load(edited(tmp_path, "calendar.toml", old, new)), at=AT) == (sentence,)


def test_a_department_that_works_by_another_calendar_is_told(tmp_path: Path) -> None:
    other = load(edited(tmp_path, "departments.toml", 'calendar = "plant"\n', ""))
    assert differences(SHIPPED, other, at=AT) == ("Calendar of manufacturing: plant → the company's.",)


def test_the_same_folder_differs_in_nothing() -> None:
    assert differences(SHIPPED, load(), at=AT) == ()
