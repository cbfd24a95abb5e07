"""kinship.toml: how long complaints of one vehicle or customer belong together, and which texts are alike."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from pydantic import Field

from domain.campaigns import Alike
from domain.kinship import Windows
from policy.faults import Fault, PolicyError
from policy.sheets import Sheet, read
from policy.sources import SHIPPED
from policy.tables import Strict

FILE = "kinship.toml"
_LONGEST = 3650
_LEAST_ALIKE = 70  # texts that share less are not found surely, and are hardly copies


class KinshipTable(Strict):
    """Days of 24 hours."""

    same_report_days: int = Field(ge=0, le=_LONGEST)
    repeat_days: int = Field(ge=0, le=_LONGEST)
    came_back_days: int = Field(ge=0, le=_LONGEST)
    # A folder that was made before there were campaigns goes on as it is.
    alike_percent: int = Field(default=80, ge=_LEAST_ALIKE, le=100)
    alike_least_signs: int = Field(default=20, ge=2, le=20_000)
    alike_days: int = Field(default=14, ge=0, le=_LONGEST)


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


def load_alike(folder: Path | None = None) -> Alike:
    """As `load_kinship`, of the same file."""
    sheet, faults = _read(folder)
    if sheet is None or faults:
        raise PolicyError(faults)
    table = sheet.table
    return Alike(
        share=table.alike_percent / 100,
        least_signs=table.alike_least_signs,
        within=timedelta(days=table.alike_days),
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
