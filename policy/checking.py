"""What must hold of a policy folder before anyone may live under it."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

from policy.authorities import authority_faults
from policy.calendars import calendar_faults
from policy.faults import Fault
from policy.kinships import kinship_faults
from policy.plans import plan_faults
from policy.red_line_calling import calling_faults
from policy.red_lines import red_line_faults
from policy.retention import retention_faults
from policy.risks import risk_faults
from policy.seats import seat_faults
from policy.sources import SHIPPED, Sheets, open_folder
from policy.statutory import statute_faults
from policy.tables import TagRow
from policy.toml_lines import Path as KeyPath
from policy.versions import version_faults

Placed = tuple[KeyPath, TagRow]

LEADERSHIP = "leadership"


def check(folder: Path | None = None) -> tuple[Fault, ...]:
    """Every fault of the folder's files; none means that every command can work by them."""
    sheets, faults = open_folder(folder or SHIPPED)
    departments = sheets.departments.table.department if sheets else None
    beside = (*statute_faults(folder), *red_line_faults(folder), *calling_faults(folder, departments=departments))
    return (
        *(faults if sheets is None else check_sheets(sheets)),
        *beside,
        *retention_faults(folder),
        *kinship_faults(folder),
        *authority_faults(folder, departments=departments),
        *seat_faults(folder, systems=[each.id for each in sheets.matrix.table.system] if sheets else None),
    )


def check_sheets(sheets: Sheets) -> tuple[Fault, ...]:
    """The faults that only show when the files are held against each other."""
    found = [
        *_rules_faults(sheets),
        *_version_faults(sheets),
        *_escalation_faults(sheets),
        *_matrix_faults(sheets),
        *_calendar_faults(sheets),
        *_mapping_faults(sheets),
        *_access_faults(sheets),
        *_risk_faults(sheets),
        *(plan_faults(sheets.plans) if sheets.plans else ()),
    ]
    return tuple(sorted(found, key=lambda fault: (fault.file, fault.line)))


def _rules_faults(sheets: Sheets) -> Iterator[Fault]:
    for index, version in enumerate(sheets.rules.table.version):
        for key in ("triage_desk", "arbiter", "arbiter_when_party"):
            department = getattr(version, key)
            if department not in sheets.departments.table.department:
                yield sheets.rules.fault(("version", index, key), _no_department(f"{key}", department))
        if version.arbiter == version.arbiter_when_party:
            yield sheets.rules.fault(
                ("version", index, "arbiter_when_party"),
                f"{version.arbiter} would rule on itself; name another department for when it is a party.",
            )


def _version_faults(sheets: Sheets) -> Iterator[Fault]:
    yield from version_faults(sheets.rules, sheets.rules.table.version)


def _escalation_faults(sheets: Sheets) -> Iterator[Fault]:
    for index, version in enumerate(sheets.rules.table.version):
        levels: set[str] = set()
        for step, rung in enumerate(version.escalation):
            path: KeyPath = ("version", index, "escalation", step)
            if rung.to != LEADERSHIP and rung.to not in sheets.departments.table.department:
                yield sheets.rules.fault((*path, "to"), _no_department("The escalation", rung.to))
            if rung.after is None and rung.risk_at_least is None:
                yield sheets.rules.fault(
                    path, f"The {rung.level} step never fires; give it `after` or `risk_at_least`."
                )
            if rung.level in levels:
                yield sheets.rules.fault(
                    (*path, "level"), f"Two steps lead to {rung.level}, and a level fires once; keep one."
                )
            levels.add(rung.level)


def _matrix_faults(sheets: Sheets) -> Iterator[Fault]:
    by_code: dict[str, list[Placed]] = {}
    systems: set[str] = set()
    for number, system in enumerate(sheets.matrix.table.system):
        if system.id in systems:
            yield sheets.matrix.fault(
                ("system", number, "id"), f"System {system.id} is there twice; put its tags together."
            )
        systems.add(system.id)
        for index, row in enumerate(system.tags):
            path: KeyPath = ("system", number, "tags", index)
            by_code.setdefault(row.code, []).append((path, row))
            yield from _row_faults(sheets, path, row, system.id)
    first_day = min(version.from_ for version in sheets.rules.table.version)
    for rows in by_code.values():
        yield from _period_faults(sheets, sorted(rows, key=lambda placed: placed[1].from_), first_day)


def _row_faults(sheets: Sheets, path: KeyPath, row: TagRow, system: str) -> Iterator[Fault]:
    departments = sheets.departments.table.department
    desks = {version.triage_desk for version in sheets.rules.table.version}
    fault = sheets.matrix.fault
    if not row.code.startswith(f"{system}."):
        yield fault((*path, "code"), f"Tag {row.code} stands under system {system}; begin it with {system}.")
    if row.owner not in departments:
        yield fault((*path, "owner"), _no_department(f"Tag {row.code}", row.owner))
    if row.owner in desks:
        yield fault((*path, "owner"), f"{row.owner} triages and verifies, so it may own no tag; give {row.code} away.")
    for supporter in row.supporters:
        if supporter not in departments:
            yield fault((*path, "supporters"), _no_department(f"Tag {row.code}", supporter))
    yield from _grey_faults(sheets, path, row)


def _grey_faults(sheets: Sheets, path: KeyPath, row: TagRow) -> Iterator[Fault]:
    if row.owner in row.supporters:
        sentence = f"{row.owner} leads {row.code} and cannot support itself; take it out of the supporters."
        yield sheets.matrix.fault((*path, "supporters"), sentence)
    if row.grey and not set(row.supporters) - {row.owner}:
        sentence = f"Grey tag {row.code} needs at least one supporter beside its lead."
        yield sheets.matrix.fault(path, sentence)
    if row.supporters and not row.grey:
        sentence = f"Tag {row.code} has supporters but is not grey; write grey = true or take them out."
        yield sheets.matrix.fault((*path, "supporters"), sentence)


def _period_faults(sheets: Sheets, rows: list[Placed], first_day: date) -> Iterator[Fault]:
    """`rows` are one tag's, in order of their days: together they must cover all time once."""
    fault = sheets.matrix.fault
    for path, row in rows:
        if row.until is not None and row.until <= row.from_:
            yield fault((*path, "until"), f"{row.code}: the period ends before it begins; correct `until`.")
    first_path, first = rows[0]
    if first.from_ > first_day:
        yield fault(
            (*first_path, "from"), f"{first.code} has no owner from {first_day} to {first.from_}; close the gap."
        )
    for (_, before), (path, after) in pairwise(rows):
        if before.until is None or before.until > after.from_:
            until = f" to {before.until}" if before.until else " on"
            yield fault(
                (*path, "from"),
                f"{after.code} has two owners, {before.owner} and {after.owner}, from {after.from_}{until}; "
                "end the first one's period where the second one's begins.",
            )
        elif before.until < after.from_:
            yield fault(
                (*path, "from"),
                f"{after.code} has no owner from {before.until} to {after.from_}; close the gap.",
            )
    last_path, last = rows[-1]
    if last.until is not None:
        yield fault(
            (*last_path, "until"),
            f"{last.code} has no owner from {last.until} on; add a row that begins that day.",
        )


def _calendar_faults(sheets: Sheets) -> Iterator[Fault]:
    yield from calendar_faults(sheets.calendar, counts_working_time=sheets.counts_working_time)
    for key, entry in sheets.departments.table.department.items():
        if entry.calendar and entry.calendar not in sheets.calendar.table.calendar:
            sentence = (
                f"{key} works by {entry.calendar!r}, which is no calendar; add it to calendar.toml or correct it."
            )
            yield sheets.departments.fault(("department", key, "calendar"), sentence)


def _mapping_faults(sheets: Sheets) -> Iterator[Fault]:
    known = {row.code for system in sheets.matrix.table.system for row in system.tags}
    for path, tag in sheets.mappings.table.tags():
        if tag not in known:
            yield sheets.mappings.fault(path, f"Tag {tag} is not in the matrix; add it there or map to another.")


def _access_faults(sheets: Sheets) -> Iterator[Fault]:
    table, fault = sheets.access.table, sheets.access.fault
    seen: dict[str, str] = {}
    for index, group in enumerate(table.group):
        if group.department and group.department not in sheets.departments.table.department:
            yield fault(("group", index, "department"), _no_department(f"Group {group.name}", group.department))
        for name, _ in group.seats(sheets.departments.table.department):
            if name in seen:
                yield fault(("group", index, "name"), f"{seen[name]} and {group.name} are both {name}; keep one.")
            seen[name] = group.name


def _no_department(who: str, department: str) -> str:
    return f"{who} names {department!r}, which is no department; add it to departments.toml or correct it."


def _risk_faults(sheets: Sheets) -> Iterator[Fault]:
    tags = frozenset(row.code for system in sheets.matrix.table.system for row in system.tags)
    return risk_faults(sheets.risk, tags) if sheets.risk else iter(())
