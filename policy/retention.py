"""retention.toml: how long which records keep their personal data."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from domain.retention import Keeping, Record
from policy.faults import Fault, PolicyError
from policy.sheets import Sheet, read
from policy.sources import SHIPPED

FILE = "retention.toml"


class _Row(Keeping):
    model_config = ConfigDict(extra="forbid")


class RetentionTable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    keep: tuple[_Row, ...]

    @model_validator(mode="after")
    def _names_each_record_once(self) -> Self:
        named = [each.record for each in self.keep]
        if sorted(named) != sorted(Record):
            raise ValueError(f"write one [[keep]] for each of {', '.join(Record)}")
        return self


def load_retention(folder: Path | None = None) -> tuple[Keeping, ...]:
    """The folder's, or the one that ships where it has none. Raises PolicyError with "file:line: sentence"."""
    sheet, faults = _read(folder)
    if sheet is None:
        raise PolicyError(faults)
    return sheet.table.keep


def retention_faults(folder: Path | None = None) -> tuple[Fault, ...]:
    """What `load_retention` would refuse."""
    return _read(folder)[1]


def _read(folder: Path | None) -> tuple[Sheet[RetentionTable] | None, tuple[Fault, ...]]:
    own = folder / FILE if folder else None
    return read(own if own and own.exists() else SHIPPED / FILE, RetentionTable)
