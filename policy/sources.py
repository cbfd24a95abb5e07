"""The policy folder: its files read, or every fault found on the way."""

from dataclasses import dataclass
from pathlib import Path

from policy.faults import Fault
from policy.mappings import MappingsTable
from policy.sheets import Sheet, read
from policy.tables import CalendarTable, DepartmentsTable, MatrixTable, RulesTable

SHIPPED = Path(__file__).parent


@dataclass(frozen=True)
class Sheets:
    """The five files of one folder."""

    departments: Sheet[DepartmentsTable]
    matrix: Sheet[MatrixTable]
    rules: Sheet[RulesTable]
    calendar: Sheet[CalendarTable]
    mappings: Sheet[MappingsTable]


def open_folder(folder: Path) -> tuple[Sheets | None, tuple[Fault, ...]]:
    """The folder's sheets, or None and each file's faults."""
    departments, departments_faults = read(folder / "departments.toml", DepartmentsTable)
    matrix, matrix_faults = read(folder / "matrix.toml", MatrixTable)
    rules, rules_faults = read(folder / "rules.toml", RulesTable)
    calendar, calendar_faults = read(folder / "calendar.toml", CalendarTable)
    mappings, mappings_faults = read(folder / "mappings.toml", MappingsTable)
    faults = departments_faults + matrix_faults + rules_faults + calendar_faults + mappings_faults
    if departments and matrix and rules and calendar and mappings:
        return Sheets(departments, matrix, rules, calendar, mappings), faults
    return None, faults
