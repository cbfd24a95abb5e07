"""seats.toml: who sits at CX's desk, what they know, and how much each has at once."""

from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from domain.seats import Absence, Seat, SeatLevel, Seats
from domain.wording import Both
from policy.faults import Fault, PolicyError
from policy.sheets import Sheet, read
from policy.sources import SHIPPED
from policy.tables import Name, Strict

FILE = "seats.toml"
_MOST = 1000  # complaints that one person could be said to have at once

_System = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class AbsenceEntry(Strict):
    first: date
    last: date


class SeatEntry(Strict):
    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    zh: Name
    en: Name
    level: SeatLevel
    skills: tuple[_System, ...] = ()
    languages: tuple[Literal["zh", "en"], ...] = Field(default=("zh",), min_length=1)
    at_most: int = Field(ge=1, le=_MOST)
    away: tuple[AbsenceEntry, ...] = ()


class SeatsTable(Strict):
    triage_from: SeatLevel = SeatLevel.AGENT
    verification_from: SeatLevel = SeatLevel.AGENT
    seats: tuple[SeatEntry, ...] = Field(default=(), alias="seat")


class Roster(NamedTuple):
    """The seats, and how each is called."""

    seats: Seats = Seats()
    names: dict[str, Both] = {}


def load_seats(folder: Path | None = None) -> Roster:
    """The folder's; nobody where it has no such file. Raises PolicyError with "file:line: sentence"."""
    sheet, faults = _read(folder)
    if faults:
        raise PolicyError(faults)
    if sheet is None:
        return Roster()
    table = sheet.table
    seats = Seats(
        seats=tuple(_seat(each) for each in table.seats),
        triage_from=table.triage_from,
        verification_from=table.verification_from,
    )
    return Roster(seats, {each.id: (each.zh, each.en) for each in table.seats})


def seat_faults(folder: Path | None = None, *, systems: Collection[str] | None = None) -> tuple[Fault, ...]:
    """What is wrong with the file; none means that `load_seats` takes it. `systems` None is not asked for."""
    sheet, faults = _read(folder)
    if sheet is None or systems is None:
        return faults
    return (*faults, *_unknown_skills(sheet, systems))


def _seat(entry: SeatEntry) -> Seat:
    return Seat(
        id=entry.id,
        level=entry.level,
        skills=frozenset(entry.skills),
        languages=frozenset(entry.languages),
        at_most=entry.at_most,
        away=tuple(Absence(first=each.first, last=each.last) for each in entry.away),
    )


def _read(folder: Path | None) -> tuple[Sheet[SeatsTable] | None, tuple[Fault, ...]]:
    path = (folder or SHIPPED) / FILE
    if not path.exists():
        return None, ()
    sheet, faults = read(path, SeatsTable)
    return sheet, (*faults, *(_faults(sheet) if sheet else ()))


def _faults(sheet: Sheet[SeatsTable]) -> Iterator[Fault]:
    table = sheet.table
    for index, seat in enumerate(table.seats):
        if any(seat.id == other.id for other in table.seats[:index]):
            yield sheet.fault(("seat", index, "id"), f"Two seats are called {seat.id}; give each its own id.")
        for number, absence in enumerate(seat.away):
            if absence.last < absence.first:
                sentence = f"{seat.id} would be back before leaving; write the first day first."
                yield sheet.fault(("seat", index, "away", number, "last"), sentence)
    if table.seats and not any(seat.level is SeatLevel.EXPERT for seat in table.seats):
        yield sheet.fault(("seat",), 'Nobody is an expert, so grave complaints wait; give one level = "expert".')


def _unknown_skills(sheet: Sheet[SeatsTable], systems: Collection[str]) -> Iterator[Fault]:
    for index, seat in enumerate(sheet.table.seats):
        for number, skill in enumerate(seat.skills):
            if skill not in systems:
                sentence = f"matrix.toml has no system {skill}; name one that it has."
                yield sheet.fault(("seat", index, "skills", number), sentence)
