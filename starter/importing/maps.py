"""A map file: which column of somebody's CSV is which field of a ticket."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from domain.ticket import Customer, Ticket, Vehicle
from starter.importing.formats import ticket_from
from starter.importing.records import Record
from starter.importing.rows import ImportFileError, RowError

FIELDS = (
    *(name for name in Ticket.model_fields if name not in ("customer", "vehicle", "files", "case")),
    *(f"customer.{name}" for name in Customer.model_fields),
    *(f"vehicle.{name}" for name in Vehicle.model_fields),
)


class Dates(BaseModel):
    """How `created_at` is written: ISO 8601, or as `format` says in strptime's letters; `zone` where it names none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zone: str = "Asia/Shanghai"
    format: str = ""

    @field_validator("zone")
    @classmethod
    def _exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except KeyError:
            raise ValueError(f"{zone!r} is no time zone") from None
        return zone


class ColumnMap(BaseModel):
    """`columns` is field → column, `constants` field → value, `values` field → (cell → value)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, str]
    constants: dict[str, str | int | bool] = {}
    values: dict[str, dict[str, str | int | bool]] = {}
    dates: Dates = Dates()
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    tag_separator: str = Field(default=";", min_length=1)

    @field_validator("columns", "constants", "values")
    @classmethod
    def _are_fields(cls, named: dict[str, Any]) -> dict[str, Any]:
        if unknown := [name for name in named if name not in FIELDS]:
            raise ValueError(f"a ticket has no {', '.join(unknown)}; it has {', '.join(FIELDS)}")
        return named

    @field_validator("columns")
    @classmethod
    def _names_the_ticket(cls, columns: dict[str, str]) -> dict[str, str]:
        if "ticket_no" not in columns:
            raise ValueError("name the column of ticket_no")
        return columns

    def ticket(self, row: Record, *, received_at: datetime) -> Ticket:
        """The row's ticket; an empty cell leaves the field at its default. Raises RowError."""
        fields: dict[str, Any] = {"created_at": received_at, **self.constants}
        for name, column in self.columns.items():
            if cell := row[column]:
                fields[name] = self._value(name, cell)
            elif name == "created_at":
                raise RowError("The row has no date.")
        return ticket_from(_nested(fields))

    def _value(self, name: str, cell: str) -> Any:
        known = self.values.get(name, {})
        if name == "tags":
            tags = (tag.strip() for tag in cell.split(self.tag_separator))
            return tuple(dict.fromkeys(str(known.get(tag, tag)) for tag in tags if tag))
        if name == "created_at":
            return self._instant(cell)
        value = known.get(cell, cell)
        # A ticket takes its risk as a number only, and a cell is text.
        return int(value) if name == "risk_level" and re.fullmatch("[0-9]", str(value)) else value

    def _instant(self, cell: str) -> datetime:
        try:
            pattern = self.dates.format
            at = datetime.strptime(cell, pattern) if pattern else datetime.fromisoformat(cell)  # noqa: DTZ007
            return at.replace(tzinfo=at.tzinfo or ZoneInfo(self.dates.zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise RowError("The row has no date that can be read.") from None


def read_map(path: Path) -> ColumnMap:
    """The map in a TOML file. Raises ImportFileError with what to correct."""
    try:
        return ColumnMap.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ImportFileError(f"{path} cannot be read: {error.strerror}; give a map that exists.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImportFileError(f"{path} is not TOML in UTF-8: {error}.") from None
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise ImportFileError(f"{path} is no map: {said}.") from None


def _nested(fields: dict[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in fields.items():
        outer, _, inner = name.partition(".")
        if inner:
            nested.setdefault(outer, {})[inner] = value
        else:
            nested[outer] = value
    return nested
