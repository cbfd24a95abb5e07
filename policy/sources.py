"""The policy folder: its files read, or every fault found on the way."""

from dataclasses import dataclass
from pathlib import Path

from policy.access import AccessTable
from policy.calendars import CalendarTable
from policy.faults import Fault
from policy.mappings import MappingsTable
from policy.plans import PlansTable
from policy.risks import RisksTable
from policy.sheets import Sheet, Table, read
from policy.tables import DepartmentsTable, MatrixTable, RulesTable

SHIPPED = Path(__file__).parent


@dataclass(frozen=True)
class Sheets:
    """The files of one folder; one that was written before there were risks or plans has none."""

    departments: Sheet[DepartmentsTable]
    matrix: Sheet[MatrixTable]
    rules: Sheet[RulesTable]
    calendar: Sheet[CalendarTable]
    mappings: Sheet[MappingsTable]
    access: Sheet[AccessTable]
    risk: Sheet[RisksTable] | None = None
    plans: Sheet[PlansTable] | None = None

    @property
    def counts_working_time(self) -> bool:
        """Whether any length in any version does."""
        ages = [each for version in self.risk.table.version for each in version.lengths()] if self.risk else []
        planned = [each for version in self.plans.table.version for each in version.lengths()] if self.plans else []
        return any(version.counts_working_time for version in self.rules.table.version) or any(
            length.unit.is_working for length in (*ages, *planned)
        )


def open_folder(folder: Path) -> tuple[Sheets | None, tuple[Fault, ...]]:
    """The folder's sheets, or None and each file's faults."""
    departments, departments_faults = read(folder / "departments.toml", DepartmentsTable)
    matrix, matrix_faults = read(folder / "matrix.toml", MatrixTable)
    rules, rules_faults = read(folder / "rules.toml", RulesTable)
    calendar, calendar_faults = read(folder / "calendar.toml", CalendarTable)
    mappings, mappings_faults = read(folder / "mappings.toml", MappingsTable)
    access, access_faults = read(folder / "access.toml", AccessTable)
    risk, risk_faults = _read_if_there(folder / "risk.toml", RisksTable)
    plans, plans_faults = _read_if_there(folder / "plans.toml", PlansTable)
    faults = departments_faults + matrix_faults + rules_faults + calendar_faults + mappings_faults + access_faults
    faults += (later := risk_faults + plans_faults)
    if departments and matrix and rules and calendar and mappings and access and not later:
        return Sheets(departments, matrix, rules, calendar, mappings, access, risk, plans), faults
    return None, faults


def _read_if_there(path: Path, model: type[Table]) -> tuple[Sheet[Table] | None, tuple[Fault, ...]]:
    return read(path, model) if path.exists() else (None, ())
