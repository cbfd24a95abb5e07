from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from domain.durations import Unit
from domain.outlets import Audience
from domain.policy import ClockKind, Policy
from policy.faults import PolicyError
from policy.reading import PolicyFiles, load, within
from policy.tables import Position
from tests.policy.folders import AT, a_copy, edited

SHIPPED = load()
POLICY = SHIPPED.policy_at(AT)
MOVED = "assistance.parking"


def test_the_defaults_are_the_agreed_ones() -> None:
    clocks = {name: str(length) for name, length in POLICY.clocks}
    assert clocks == {
        "triage": "2 hours",
        "response": "4 hours",
        "resolution_ordinary": "3 calendar_days",
        "resolution_complex": "7 calendar_days",
        "arbitration": "24 hours",
        "progress": "2 calendar_days",
    }
    assert [(str(rung.level), str(rung.after), rung.risk_at_least) for rung in POLICY.escalations] == [
        ("station", "None", 4),
        ("service", "5 calendar_days", 4),
        ("leadership", "10 calendar_days", 5),
    ]
    assert (str(POLICY.yellow_share), POLICY.hop_limit, POLICY.lead_share) == ("1/3", 2, 7000)
    red = (ClockKind.RESPONSE, ClockKind.RESOLUTION, ClockKind.LEGAL_REPLY, ClockKind.LEGAL_COMPLETION)
    assert red == POLICY.vp_copied_on == POLICY.warned_on


def test_rules_that_say_nothing_of_links_and_notices_mean_what_held_before(tmp_path: Path) -> None:
    folder = a_copy(tmp_path)
    lines = (folder / "rules.toml").read_text(encoding="utf-8").splitlines(keepends=True)
    older = [line for line in lines if not line.startswith(("link_life", "notice_life"))]
    assert len(lines) - len(older) == 2
    (folder / "rules.toml").write_text("".join(older), encoding="utf-8")
    assert load(folder).policy_at(AT) == POLICY


def test_a_policy_frozen_before_links_and_notices_had_a_rule_still_decodes() -> None:
    frozen = POLICY.model_dump(mode="json")
    del frozen["notice_life"], frozen["verification"]["link_life"]
    assert Policy.model_validate(frozen) == POLICY


def test_the_carmaker_is_large_enough_to_be_believed() -> None:
    matrix = POLICY.matrix
    owned = [tag for tags in matrix.owners.values() for tag in tags]
    assert len(SHIPPED.departments) >= 12
    assert len({tag.partition(".")[0] for tag in owned}) >= 19
    assert len(owned) == len(set(owned)) >= 110
    assert all(len(SHIPPED.people(each.id, Position.RESPONDERS)) >= 2 for each in SHIPPED.departments)


def test_cx_owns_nothing_and_quality_leads_every_grey_tag() -> None:
    assert POLICY.triage_desk == POLICY.arbiter_when_party == "cx"
    assert "cx" not in POLICY.matrix.departments()
    assert {POLICY.matrix.owner_of(tag) for tag in POLICY.matrix.supporters} == {"quality"}
    assert POLICY.arbiter == "quality"


@pytest.mark.parametrize(
    "tag",
    [
        "brakes.failure",
        "engine.stall",
        "safety.fire",
        "battery.fire",
        "steering.failure",
        "restraints.airbag_not_deployed",
        "fuel.leak",
    ],
)
def test_what_endangers_life_is_a_red_line(tag: str) -> None:
    ruling = POLICY.matrix.rule((tag,))
    assert ruling is not None
    assert ruling.is_red_line


@pytest.mark.parametrize("tag", ["body.noise", "body.wind_noise", "interior.odour", "body.water_leak"])
def test_what_crosses_departments_is_grey(tag: str) -> None:
    ruling = POLICY.matrix.rule((tag,))
    assert ruling is not None
    assert ruling.is_grey
    assert ruling.supporters


@pytest.mark.parametrize(
    ("at", "owner", "reason"),
    [
        (datetime(2024, 12, 31, 15, 59, 59, tzinfo=UTC), "electronics", "a second before midnight in Shanghai"),
        (datetime(2024, 12, 31, 16, 0, tzinfo=UTC), "driving", "the first moment of 2025 in Shanghai"),
    ],
)
def test_a_tag_moves_at_midnight_company_time(at: datetime, owner: str, reason: str) -> None:
    assert SHIPPED.policy_at(at).matrix.owner_of(MOVED) == owner, reason


def test_the_version_follows_the_content_and_nothing_else(tmp_path: Path) -> None:
    later = SHIPPED.policy_at(AT + timedelta(days=40))
    mailbox = edited(tmp_path / "a", "departments.toml", "customer-vp@", "cco@")
    clock = edited(tmp_path / "b", "rules.toml", 'response = "4 hours"', 'response = "5 hours"')
    assert later.version == POLICY.version
    assert load(mailbox).policy_at(AT).version == POLICY.version
    assert load(clock).policy_at(AT).version != POLICY.version
    assert POLICY.version.partition("+")[0] == load(clock).policy_at(AT).version.partition("+")[0] == "2020.1"


def test_a_later_version_comes_into_force_on_its_day(tmp_path: Path) -> None:
    path = a_copy(tmp_path) / "rules.toml"
    first = path.read_text(encoding="utf-8")
    second = first[first.index("[[version]]") :].replace('"2020.1"\nfrom = 2020', '"2027.1"\nfrom = 2027')
    path.write_text(first + second.replace("hop_limit = 2 ", "hop_limit = 3 "), encoding="utf-8")
    files = load(tmp_path)
    midnight = datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert files.policy_at(midnight - timedelta(seconds=1)).hop_limit == 2
    assert files.policy_at(midnight).hop_limit == 3


def test_before_the_first_version_no_policy_is_in_force() -> None:
    with pytest.raises(PolicyError, match="first version begins on 2020-01-01"):
        SHIPPED.policy_at(datetime(2019, 12, 31, 12, tzinfo=UTC))


def test_the_snapshot_is_small_and_survives_its_journey() -> None:
    carried = POLICY.model_dump_json()
    assert Policy.model_validate_json(carried) == POLICY
    assert len(carried.encode()) < 10_700
    assert (POLICY.calendar.week, POLICY.calendar.holidays, POLICY.calendars) == ({}, (), ())


def test_days_off_travel_once_a_clock_counts_working_time(tmp_path: Path) -> None:
    folder = edited(tmp_path, "rules.toml", 'response = "4 hours"', 'response = "4 working_hours"')
    calendar = load(folder).policy_at(AT).calendar
    assert date(2026, 10, 7) in calendar.holidays
    assert calendar.is_workday(date(2026, 10, 10))


@pytest.mark.parametrize(
    ("year", "workdays", "reason"),
    [
        (2024, 251, "366 days, 104 at weekends, 19 weekdays off, 8 make-up days"),
        (2025, 248, "365 days, 104 at weekends, 18 weekdays off, 5 make-up days"),
        (2026, 248, "365 days, 104 at weekends, 19 weekdays off, 6 make-up days"),
    ],
)
def test_a_year_has_as_many_workdays_as_was_announced(year: int, workdays: int, reason: str) -> None:
    calendar = SHIPPED.sheets.calendar.table.company()
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    assert sum(calendar.is_workday(day) for day in days if day.year == year) == workdays, reason


@pytest.mark.parametrize("audience", [each for each in Audience if each is not Audience.CUSTOMER])
def test_every_audience_of_every_department_can_be_reached(audience: Audience) -> None:
    for department in SHIPPED.departments:
        assert all("@" in each for each in SHIPPED.addresses(audience, department.id))
        assert SHIPPED.addresses(audience, department.id)


def test_nobody_is_reached_where_there_is_nobody() -> None:
    assert SHIPPED.addresses(Audience.CUSTOMER, "body") == ()
    assert SHIPPED.addresses(Audience.VP, "moonbase") == ()


def test_a_folder_may_tell_customers_no_number(tmp_path: Path) -> None:
    assert load().customer_phone == "400-000-0000"
    assert load(edited(tmp_path / "a", "departments.toml", '"400-000-0000"', '""')).customer_phone == ""
    assert (
        load(edited(tmp_path / "b", "departments.toml", "customer_phone =", "# customer_phone =")).customer_phone == ""
    )


def test_names_are_known_in_both_languages() -> None:
    tag = SHIPPED.tag("brakes.failure")
    department = SHIPPED.department("service")
    assert tag is not None
    assert department is not None
    assert (tag.zh, tag.en, tag.system_zh) == ("刹车失灵", "Brake failure", "制动系")
    assert (department.zh, department.en) == ("售后服务部", "Service")
    assert SHIPPED.tag("moon.dust") is None


def test_the_default_is_around_the_clock() -> None:
    assert not any(length.unit in (Unit.WORKING_HOURS, Unit.WORKING_DAYS) for _, length in POLICY.clocks)


def test_the_same_day_is_read_once() -> None:
    files: PolicyFiles = load()
    assert files.policy_at(AT) is files.policy_at(AT + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("span", "clock", "is_quiet"),
    [
        ("22:00-07:00", "21:59", False),
        ("22:00-07:00", "22:00", True),
        ("22:00-07:00", "00:00", True),
        ("22:00-07:00", "06:59", True),
        ("22:00-07:00", "07:00", False),
        ("12:00-14:00", "13:00", True),
        ("12:00-14:00", "14:00", False),
        ("", "03:00", False),
    ],
)
def test_the_night_runs_over_midnight_and_ends_on_the_minute(span: str, clock: str, is_quiet: bool) -> None:
    assert within(span, time.fromisoformat(clock)) is is_quiet


def test_a_post_may_have_a_night_of_its_own(tmp_path: Path) -> None:
    owner, other = SHIPPED.people("quality", Position.DIRECTOR)[0], SHIPPED.people("chassis", Position.DIRECTOR)[0]
    folder = edited(tmp_path, "departments.toml", f'email = "{owner.email}"', f'email = "{owner.email}", quiet = ""')
    files = load(folder)
    midnight = datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert not files.is_quiet(owner.email, midnight)
    assert files.is_quiet(other.email, midnight)
    assert not files.is_quiet(other.email, midnight + timedelta(hours=12))


def test_the_night_is_that_of_the_place_where_somebody_works(tmp_path: Path) -> None:
    abroad, at_home = SHIPPED.people("quality", Position.VP)[0], SHIPPED.people("chassis", Position.VP)[0]
    folder = edited(tmp_path, "departments.toml", "[department.quality]", '[department.quality]\ncalendar = "abroad"')
    calendar = folder / "calendar.toml"
    own = '\n[calendar.abroad]\nzone = "Europe/Berlin"\n'
    calendar.write_text(calendar.read_text(encoding="utf-8") + own, encoding="utf-8")
    files = load(folder)
    midnight, in_berlin = datetime(2026, 3, 2, 16, tzinfo=UTC), datetime(2026, 3, 2, 23, tzinfo=UTC)
    zones = [files.zone_of(email) for email in (abroad.email, at_home.email, "nobody@example.com")]
    assert zones == ["Europe/Berlin", "Asia/Shanghai", "Asia/Shanghai"]
    assert [files.is_quiet(abroad.email, at) for at in (midnight, in_berlin)] == [False, True]
    assert [files.is_quiet(at_home.email, at) for at in (midnight, in_berlin)] == [True, False]


def test_a_night_that_is_none_is_named(tmp_path: Path) -> None:
    folder = edited(tmp_path, "departments.toml", 'quiet = "22:00-07:00"', 'quiet = "22-07"')
    with pytest.raises(PolicyError, match="no span of the night"):
        load(folder)
