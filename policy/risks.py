"""risk.toml: versions of the points table, and what must hold of them."""

from collections.abc import Iterator
from datetime import date

from pydantic import ConfigDict, Field

from domain.risk_table import RiskPoints, RiskTable
from policy.faults import Fault
from policy.sheets import Sheet
from policy.tables import Some, Strict
from policy.versions import version_faults


class PointsEntry(RiskPoints):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RiskVersion(RiskTable):
    """In force from the first moment of its day until the next one's."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    points: PointsEntry
    from_: date = Field(alias="from")

    @property
    def table(self) -> RiskTable:
        return RiskTable.model_validate(self.model_dump(exclude={"from_"}))


class RisksTable(Strict):
    version: Some[RiskVersion]


def risk_faults(sheet: Sheet[RisksTable], tags: frozenset[str]) -> Iterator[Fault]:
    """`tags` are the matrix's, of all days."""
    yield from version_faults(sheet, sheet.table.version)
    systems = {tag.partition(".")[0] for tag in tags}
    for index, version in enumerate(sheet.table.version):
        placed: dict[str, str] = {}
        for severity, names in version.severities.items():
            for name in names:
                path = ("version", index, "severities", severity)
                if name not in tags and name not in systems:
                    yield sheet.fault(path, f"{name} is no tag and no system of the matrix; correct it or take it out.")
                if name in placed:
                    yield sheet.fault(path, f"{name} is {placed[name]} and {severity} too; keep one.")
                placed[name] = severity
