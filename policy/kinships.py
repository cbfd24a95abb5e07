"""kinship.toml: how long complaints of one vehicle belong together."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from pydantic import Field

from domain.kinship import Windows
from policy.faults import Fault, PolicyError
from policy.sheets import Sheet, read
from policy.sources import SHIPPED
from policy.tables import Strict

FILE = "kinship.toml"
_LONGEST = 3650


class KinshipTable(Strict):
    """Days of 24 hours."""

    same_report_days: int = Field(ge=0, le=_LONGEST)
    repeat_days: int = Field(ge=0, le=_LONGEST)
    came_back_days: int = Field(ge=0, le=_LONGEST)


def load_kinship(folder: Path | None = None) -> Windows:
    """The folder's, or what ships where it has none. Raises PolicyError with "file:line: sentence"."""
    sheet, faults = _read(folder)
    if sheet is None or faults:
        raise PolicyError(faults)
    table = sheet.table
    return Windows(
        came_back=timedelta(days=table.came_back_days),
        same_report=timedelta(days=table.same_report_days),
        repeat=timedelta(days=table.repeat_days),
    )


def kinship_faults(folder: Path | None = None) -> tuple[Fault, ...]:
    """What is wrong with the file; none means that `load_kinship` takes it."""
    return _read(folder)[1]


def _read(folder: Path | None) -> tuple[Sheet[KinshipTable] | None, tuple[Fault, ...]]:
    own = folder / FILE if folder else None
    sheet, faults = read(own if own and own.exists() else SHIPPED / FILE, KinshipTable)
    return sheet, (*faults, *(_faults(sheet) if sheet else ()))


def _faults(sheet: Sheet[KinshipTable]) -> Iterator[Fault]:
    if sheet.table.repeat_days < sheet.table.same_report_days:
        yield sheet.fault(("repeat_days",), "A repeat counts for less long than the same report; make it longer.")
