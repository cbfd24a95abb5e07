"""The policy folder: its files read, or every fault found on the way."""

from dataclasses import dataclass
from pathlib import Path

from policy.access import AccessTable
from policy.calendars import CalendarTable
from policy.faults import Fault
from policy.mappings import MappingsTable
from policy.risks import RisksTable
from policy.sheets import Sheet, read
from policy.tables import DepartmentsTable, MatrixTable, RulesTable

SHIPPED = Path(__file__).parent


@dataclass(frozen=True)
class Sheets:
    """The files of one folder; one that was written before risks were graded has no `risk`."""

    departments: Sheet[DepartmentsTable]
    matrix: Sheet[MatrixTable]
    rules: Sheet[RulesTable]
    calendar: Sheet[CalendarTable]
    mappings: Sheet[MappingsTable]
    access: Sheet[AccessTable]
    risk: Sheet[RisksTable] | None = None


def open_folder(folder: Path) -> tuple[Sheets | None, tuple[Fault, ...]]:
    """The folder's sheets, or None and each file's faults."""
    departments, departments_faults = read(folder / "departments.toml", DepartmentsTable)
    matrix, matrix_faults = read(folder / "matrix.toml", MatrixTable)
    rules, rules_faults = read(folder / "rules.toml", RulesTable)
    calendar, calendar_faults = read(folder / "calendar.toml", CalendarTable)
    mappings, mappings_faults = read(folder / "mappings.toml", MappingsTable)
    access, access_faults = read(folder / "access.toml", AccessTable)
    risk, risk_faults = read(folder / "risk.toml", RisksTable) if (folder / "risk.toml").exists() else (None, ())
    faults = departments_faults + matrix_faults + rules_faults + calendar_faults + mappings_faults + access_faults
    faults += risk_faults
    if departments and matrix and rules and calendar and mappings and access and not risk_faults:
        return Sheets(departments, matrix, rules, calendar, mappings, access, risk), faults
    return None, faults
