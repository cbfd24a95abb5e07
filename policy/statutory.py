"""statutes/*.toml: the statutes that vehicles are held against, each for the vehicles sold since it is in force."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ConfigDict

from domain.statute import Answers, Clause, Limit, StatutePack, Term, UseFee
from domain.vehicle import VehicleFacts
from policy.faults import Fault, PolicyError
from policy.sheets import Sheet, read
from policy.sources import SHIPPED

FOLDER = "statutes"
_DIGEST_LENGTH = 8
_STRICT = ConfigDict(extra="forbid")


class _Term(Term):
    model_config = _STRICT


class _Limit(Limit):
    model_config = _STRICT


class _UseFee(UseFee):
    model_config = _STRICT


class _Answers(Answers):
    model_config = _STRICT


class StatuteTable(StatutePack):
    """One file: a pack in which a misspelt key is a fault."""

    model_config = _STRICT

    three_guarantees: _Term
    repair_warranty: _Term
    early: _Term
    first_days: _Term
    clause: dict[Clause, _Limit]  # type: ignore[assignment]
    use_fee: _UseFee
    answers: _Answers


class Statutes:
    """Every pack, the latest first."""

    def __init__(self, packs: tuple[StatutePack, ...]) -> None:
        self.packs = tuple(sorted(packs, key=lambda pack: pack.in_force_from, reverse=True))

    def of(self, vehicle: VehicleFacts, *, at: datetime) -> StatutePack | None:
        """The one in force on the vehicle's first day, on the day of `at` when nobody knows it; None before any."""
        for pack in self.packs:
            if (vehicle.started_on or at.astimezone(ZoneInfo(pack.zone)).date()) >= pack.in_force_from:
                return pack
        return None


def load_statutes(folder: Path | None = None) -> Statutes:
    """The folder's, or those that ship where it has none. Raises PolicyError with "file:line: sentence"."""
    sheets, faults = _read(folder)
    if faults:
        raise PolicyError(faults)
    return Statutes(tuple(_pack(sheet) for sheet in sheets))


def statute_faults(folder: Path | None = None) -> tuple[Fault, ...]:
    """What is wrong with them; none means that `load_statutes` takes them."""
    return _read(folder)[1]


def _read(folder: Path | None) -> tuple[list[Sheet[StatuteTable]], tuple[Fault, ...]]:
    own = folder / FOLDER if folder else None
    found = [
        read(path, StatuteTable) for path in sorted((own if own and own.is_dir() else SHIPPED / FOLDER).glob("*.toml"))
    ]
    sheets = [sheet for sheet, _ in found if sheet]
    return sheets, (*(fault for _, faults in found for fault in faults), *_clashes(sheets))


def _clashes(sheets: list[Sheet[StatuteTable]]) -> Iterator[Fault]:
    """Two files may neither share an id nor begin on the same day."""
    for index, sheet in enumerate(sheets):
        for before in sheets[:index]:
            if sheet.table.id == before.table.id:
                yield sheet.fault(("id",), f"{before.file} has this id as well; give each statute its own.")
            if sheet.table.in_force_from == before.table.in_force_from:
                yield sheet.fault(("in_force_from",), f"{before.file} begins on this day as well; a vehicle has one.")


def _pack(sheet: Sheet[StatuteTable]) -> StatutePack:
    digest = hashlib.sha256(sheet.table.model_dump_json(exclude={"version"}).encode()).hexdigest()[:_DIGEST_LENGTH]
    said = {**sheet.table.model_dump(), "version": f"{sheet.table.id}+{digest}"}
    return StatutePack.model_validate(said)
