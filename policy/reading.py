"""The policy in force at an instant, the people it names and the words for its tags."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.access import Access
from domain.outlets import Audience
from domain.ownership import Matrix
from domain.plans import ServicePlans
from domain.policy import Clocks, EscalationRung, Policy, Value, Verification
from domain.risk_table import RiskTable
from domain.working_time import WorkingCalendar
from policy.access import Seat
from policy.checking import check_sheets
from policy.faults import Fault, PolicyError
from policy.mappings import MappingsTable
from policy.sources import SHIPPED, Sheets, open_folder
from policy.tables import DepartmentEntry, Person, Position, RulesVersion, TagRow
from policy.versions import version_on

DIGEST_LENGTH = 8

_POSITIONS = {
    Audience.RESPONDERS: Position.RESPONDERS,
    Audience.MANAGER: Position.MANAGER,
    Audience.VP: Position.VP,
}
_ALIKE = {
    "yellow_share",
    "hop_limit",
    "lead_share",
    "vp_copied_on",
    "warned_on",
    "notice_life",
    "triage_desk",
    "arbiter",
    "arbiter_when_party",
}  # what a version and a snapshot say in the same words


class Department(Value):
    id: str
    zh: str
    en: str


class Tag(Value):
    """A fault tag's names and those of its system."""

    code: str
    zh: str
    en: str
    system: str
    system_zh: str
    system_en: str


def load(folder: Path | None = None) -> "PolicyFiles":
    """The folder's policy; None is the one that ships. Raises PolicyError with every fault, "file:line: sentence"."""
    sheets, faults = open_folder(folder or SHIPPED)
    if sheets is None:
        raise PolicyError(faults)
    if faults := check_sheets(sheets):
        raise PolicyError(faults)
    return PolicyFiles(sheets)


@dataclass(frozen=True, eq=False)
class PolicyFiles:
    """All versions of the policy, as its files stand. Ask it at a door; a complaint keeps the snapshot it was given."""

    sheets: Sheets
    _by_day: dict[date, Policy] = field(default_factory=dict, repr=False)

    def policy_at(self, at: datetime) -> Policy:
        """The snapshot in force at `at` (aware). Raises PolicyError before the first version's day."""
        day = at.astimezone(ZoneInfo(self.sheets.calendar.table.zone)).date()
        if day not in self._by_day:
            self._by_day[day] = self._snapshot(day)
        return self._by_day[day]

    def rows_on(self, day: date) -> tuple[TagRow, ...]:
        """The matrix's rows in force on a day."""
        return tuple(row for system in self.sheets.matrix.table.system for row in system.tags if row.covers(day))

    @property
    def mappings(self) -> MappingsTable:
        return self.sheets.mappings.table

    @property
    def access(self) -> Access:
        return self.sheets.access.table.access

    def seat_of(self, groups: Iterable[str]) -> Seat | None:
        """The role and department of a person in these groups of the identity provider; None when none is mapped."""
        return self.sheets.access.table.seat_of(groups, departments=self.sheets.departments.table.department)

    @property
    def departments(self) -> tuple[Department, ...]:
        """Every department, the triage desk among them, in the file's order."""
        entries = self.sheets.departments.table.department
        return tuple(Department(id=key, zh=entry.zh, en=entry.en) for key, entry in entries.items())

    def calendar_at(self, at: datetime, *, department: str = "") -> WorkingCalendar:
        """When the company works, or a department of it, whatever the rules count; its days off are those of now on."""
        table, since = self.sheets.calendar.table, at.year - 1
        entry = self.sheets.departments.table.department.get(department)
        own = table.otherwise(entry.calendar, since=since) if entry and entry.calendar else {}
        return table.company(since=since).model_copy(update=own)

    def calendar_name(self, department: str) -> str:
        """The calendar that a department names; "" is the company's."""
        entry = self.sheets.departments.table.department.get(department)
        return (entry.calendar if entry else None) or ""

    def department(self, department: str) -> Department | None:
        """Its names; None when there is no such department."""
        return self._departments_by_id.get(department)

    @property
    def customer_phone(self) -> str:
        """Where a customer reaches us, as it is dialled; "" when there is no such number."""
        return self.sheets.departments.table.customer_phone

    @property
    def customer_ways(self) -> tuple[str, ...]:
        """How customers are reached, the preferred way first: of "mail" and "sms"."""
        return self.sheets.departments.table.customer_ways

    def people(self, department: str, position: Position) -> tuple[Person, ...]:
        """Who holds a position; nobody when there is no such department."""
        entry = self.sheets.departments.table.department.get(department)
        return _holders(entry, position) if entry else ()

    def addresses(self, audience: Audience, department: str = "") -> tuple[str, ...]:
        """E-mail addresses for a notice.

        Nobody for a department that does not exist, and nobody for CUSTOMER, whose address is on the ticket.
        """
        return tuple(person.email for person in self._audience(audience, department))

    def ways(self, email: str) -> tuple[str, ...]:
        """How whoever has this address is reached, the preferred way first; by mail alone when nobody here has it."""
        return self._ways_by_email.get(email, ("mail",))

    def is_quiet(self, email: str, at: datetime) -> bool:
        """Whether whoever has this address is to be left in peace at `at`, on the clock on their wall; of several posts
        the first that says so.
        """
        table = self.sheets.departments.table
        own = (post.quiet for post in self._posts if post.email == email and post.quiet is not None)
        return within(next(own, table.quiet), at.astimezone(ZoneInfo(self.zone_of(email))).time())

    def zone_of(self, email: str) -> str:
        """Where whoever has this address works: in the zone of the first department with a post of theirs, else in the
        company's.
        """
        return self._zones_by_email.get(email, self.sheets.calendar.table.zone)

    def tag(self, code: str) -> Tag | None:
        """A tag's names; None when the matrix does not know it."""
        return self._tags_by_code.get(code)

    @cached_property
    def _departments_by_id(self) -> dict[str, Department]:
        return {each.id: each for each in self.departments}

    @cached_property
    def _posts(self) -> tuple[Person, ...]:
        table = self.sheets.departments.table
        held = (_holders(each, position) for each in table.department.values() for position in Position)
        return (*(post for posts in held for post in posts), *(post for _, desk in table.desk for post in desk.people))

    @cached_property
    def _ways_by_email(self) -> dict[str, tuple[str, ...]]:
        """Of somebody with several posts the ways of the first that names any beside mail."""
        found: dict[str, tuple[str, ...]] = {}
        for post in self._posts:
            if found.get(post.email, ("mail",)) == ("mail",):
                found[post.email] = post.ways
        return found

    @cached_property
    def _zones_by_email(self) -> dict[str, str]:
        table, found = self.sheets.calendar.table, dict[str, str]()
        for entry in self.sheets.departments.table.department.values():
            zone = (table.calendar[entry.calendar].zone if entry.calendar else None) or table.zone
            for post in (post for position in Position for post in _holders(entry, position)):
                found.setdefault(post.email, zone)
        return found

    @cached_property
    def _tags_by_code(self) -> dict[str, Tag]:
        """The first system that has it counts, and there the row that was written last."""
        found: dict[str, Tag] = {}
        for system in self.sheets.matrix.table.system:
            mine = {row.code: row for row in system.tags}
            names = {"system": system.id, "system_zh": system.zh, "system_en": system.en}
            found = {code: Tag(code=code, zh=row.zh, en=row.en, **names) for code, row in mine.items()} | found
        return found

    def _audience(self, audience: Audience, department: str) -> tuple[Person, ...]:
        if audience in _POSITIONS:
            return self.people(department, _POSITIONS[audience])
        if audience is Audience.CX:
            return self.people(self.sheets.rules.table.version[-1].triage_desk, Position.RESPONDERS)
        desks = self.sheets.departments.table.desk
        return {
            Audience.MANAGEMENT_OFFICE: desks.management_office.people,
            Audience.LEADERSHIP: desks.leadership.people,
            Audience.REGIONAL_MANAGER: desks.regional_manager.people,
        }.get(audience, ())

    def _snapshot(self, day: date) -> Policy:
        versions = self.sheets.rules.table.version
        rules = version_on(versions, day)
        if rules is None:
            sentence = f"No rules are in force on {day}; the first version begins on {versions[0].from_}."
            raise PolicyError((Fault(file=self.sheets.rules.file, line=1, sentence=sentence),))
        policy = _policy(rules, self._matrix(day, rules), self.sheets, day)
        content = json.dumps(policy.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(content.encode()).hexdigest()[:DIGEST_LENGTH]
        return policy.model_copy(update={"version": f"{rules.id}+{digest}"})

    def _matrix(self, day: date, rules: RulesVersion) -> Matrix:
        rows = self.rows_on(day)
        departments = [key for key in self.sheets.departments.table.department if key != rules.triage_desk]
        return Matrix(
            owners={key: tuple(row.code for row in rows if row.owner == key) for key in departments},
            supporters={row.code: row.supporters for row in rows if row.grey},
            complex_tags=tuple(row.code for row in rows if row.complex),
            red_line_tags=tuple(row.code for row in rows if row.red_line),
        )


def _policy(rules: RulesVersion, matrix: Matrix, sheets: Sheets, day: date) -> Policy:
    risk, plans = _risk(sheets, day), _plans(sheets, day)
    others = (*(risk.lengths() if risk else ()), *(plans.lengths() if plans else ()))
    works = rules.counts_working_time or any(length.unit.is_working for length in others)
    return Policy.model_validate(
        {
            **rules.model_dump(include=_ALIKE),
            "version": rules.id,
            "clocks": Clocks.model_validate(rules.clocks.model_dump()),
            "verification": Verification.model_validate(rules.verification.model_dump()),
            "escalations": tuple(EscalationRung.model_validate(rung.model_dump()) for rung in rules.escalation),
            "matrix": matrix,
            "risk": risk,
            "plans": plans,
            **_calendars(sheets, since=day.year - 1, works=works),
        }
    )


def _risk(sheets: Sheets, day: date) -> RiskTable | None:
    version = version_on(sheets.risk.table.version, day) if sheets.risk else None
    return version.table if version else None


def _plans(sheets: Sheets, day: date) -> ServicePlans | None:
    version = version_on(sheets.plans.table.version, day) if sheets.plans else None
    return version.plans_in_force if version else None


def _calendars(sheets: Sheets, *, since: int, works: bool) -> dict[str, object]:
    """A snapshot travels inside every complaint: of the calendars goes along what a clock in force would ask for."""
    table = sheets.calendar.table
    if not works:
        return {"calendar": WorkingCalendar(zone=table.zone, week={})}
    departments = sheets.departments.table.department
    named = {name: [key for key, entry in departments.items() if entry.calendar == name] for name in table.calendar}
    own = [{"departments": keys, **table.otherwise(name, since=since)} for name, keys in named.items() if keys]
    return {"calendar": table.company(since=since), "calendars": own}


def within(span: str, clock: time) -> bool:
    """Whether the wall clock stands within "22:00-07:00", which may run over midnight and ends before its last minute;
    "" holds nothing.
    """
    if not span:
        return False
    begin, end = (time.fromisoformat(each) for each in span.split("-"))
    return begin <= clock < end if begin < end else clock >= begin or clock < end


def _holders(entry: DepartmentEntry, position: Position) -> tuple[Person, ...]:
    return {
        Position.RESPONDERS: entry.responders,
        Position.MANAGER: (entry.manager,),
        Position.DIRECTOR: (entry.director,),
        Position.VP: (entry.vp,),
    }[position]
