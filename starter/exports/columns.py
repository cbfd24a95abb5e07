"""A table as it leaves: what each column is called, and how a row's value becomes a cell."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from domain.wording import Both, Language

Cell = str | int | float | bool | datetime | None
_YES_NO: tuple[Both, Both] = (("否", "no"), ("是", "yes"))


class Column(NamedTuple):
    """`of` gives a row's cell: names, not ids; an instant aware and in UTC; Both is said in the reader's language."""

    head: Both
    of: Callable[[Any], Cell | Both]
    is_instant: bool = False
    width: int = 14  # in signs, for Excel


class Reader(NamedTuple):
    """For whom a table is written: the language, and the zone that instants are told in."""

    language: Language
    zone: str

    def say(self, both: Both) -> str:
        return both[0] if self.language == "zh" else both[1]


def cells(row: Any, columns: Sequence[Column], reader: Reader) -> list[Cell]:
    return [_cell(column.of(row), reader) for column in columns]


def _cell(value: Cell | Both, reader: Reader) -> Cell:
    if isinstance(value, bool):
        return reader.say(_YES_NO[value])
    return reader.say(value) if isinstance(value, tuple) else value
