"""authority.toml: what each region may give away in a month, and what goes to the special-claims desk."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, field_validator

from domain.goodwill import MOST_FEN, REGION, AuthorityTerms
from domain.wording import Both
from policy.faults import Fault, PolicyError
from policy.sheets import Sheet, read
from policy.sources import SHIPPED
from policy.tables import Some, Strict
from policy.versions import version_faults, version_on

FILE = "authority.toml"
_FEN = 100  # in a yuan


class RegionEntry(Strict):
    """`limit_yuan` None is the version's."""

    id: str = Field(pattern=REGION)
    zh: str = Field(min_length=1, max_length=40)
    en: str = Field(min_length=1, max_length=40)
    limit_yuan: int | None = Field(default=None, ge=0, le=MOST_FEN // _FEN)


class AuthorityVersion(Strict):
    """In force from the first moment of its day until the next one's."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: str = Field(pattern=r"^[A-Za-z0-9._-]{1,32}$")
    from_: date = Field(alias="from")
    limit_yuan: int = Field(ge=0, le=MOST_FEN // _FEN)
    hold_hours: int = Field(ge=1, le=24 * 365)
    desk_hours: int = Field(ge=1, le=24 * 365)
    splitting_days: int = Field(ge=1, le=365)
    splitting_over_yuan: int = Field(ge=0, le=MOST_FEN // _FEN)
    regions: Some[RegionEntry] = Field(alias="region")


class AuthorityTable(Strict):
    zone: str
    desk: str = Field(min_length=1, max_length=64)
    like_months: int = Field(default=12, ge=1, le=120)
    like_least: int = Field(default=5, ge=2, le=1000)
    like_fence_percent: int = Field(default=150, ge=0, le=10_000)
    version: Some[AuthorityVersion]

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ValueError("no such time zone; write one like Asia/Shanghai") from None
        return zone


class Comparison(NamedTuple):
    """How like cases are compared: over how many months, from how many cases on, and what stands out."""

    months: int
    least: int
    fence_percent: int


class Authorities:
    """Ask it at a door; a region's month keeps the terms that it began with."""

    def __init__(self, table: AuthorityTable) -> None:
        self._table = table

    @property
    def zone(self) -> str:
        return self._table.zone

    @property
    def desk(self) -> str:
        return self._table.desk

    @property
    def likeness(self) -> Comparison:
        table = self._table
        return Comparison(table.like_months, table.like_least, table.like_fence_percent)

    def regions(self, *, at: datetime) -> tuple[RegionEntry, ...]:
        """In the file's order; none before the first version's day."""
        version = self._version(at)
        return version.regions if version else ()

    def name(self, region: str, *, at: datetime) -> Both:
        """What people call it; its id where the policy does not know it any more."""
        known = (each for each in self.regions(at=at) if each.id == region)
        return next(((each.zh, each.en) for each in known), (region, region))

    def terms(self, region: str, *, at: datetime) -> AuthorityTerms | None:
        """What holds for the region's month that `at` lies in; None of a region that is not there."""
        version = self._version(at)
        entry = next((each for each in self.regions(at=at) if each.id == region), None)
        if version is None or entry is None:
            return None
        limit = version.limit_yuan if entry.limit_yuan is None else entry.limit_yuan
        return AuthorityTerms(
            limit=limit * _FEN,
            hold_life=timedelta(hours=version.hold_hours),
            desk_clock=timedelta(hours=version.desk_hours),
            splitting_window=timedelta(days=version.splitting_days),
            splitting_over=version.splitting_over_yuan * _FEN,
            zone=self.zone,
        )

    def _version(self, at: datetime) -> AuthorityVersion | None:
        """What held when the month began; in the very first one, what holds that day."""
        day, versions = at.astimezone(ZoneInfo(self.zone)).date(), self._table.version
        return version_on(versions, day.replace(day=1)) or version_on(versions, day)


def load_authorities(folder: Path | None = None) -> Authorities:
    """The folder's, or what ships where it has none. Raises PolicyError with "file:line: sentence"."""
    sheet, faults = _read(folder)
    if sheet is None or faults:
        raise PolicyError(faults)
    return Authorities(sheet.table)


def authority_faults(folder: Path | None = None, *, departments: Collection[str] | None = None) -> tuple[Fault, ...]:
    """What is wrong with the file; none means that `load_authorities` takes it. `departments` None is not asked for."""
    sheet, faults = _read(folder)
    if sheet is None or departments is None or sheet.table.desk in departments:
        return faults
    return (
        *faults,
        sheet.fault(("desk",), f"There is no department {sheet.table.desk}; name one of departments.toml."),
    )


def _read(folder: Path | None) -> tuple[Sheet[AuthorityTable] | None, tuple[Fault, ...]]:
    own = folder / FILE if folder else None
    sheet, faults = read(own if own and own.exists() else SHIPPED / FILE, AuthorityTable)
    return sheet, (*faults, *(_faults(sheet) if sheet else ()))


def _faults(sheet: Sheet[AuthorityTable]) -> Iterator[Fault]:
    yield from version_faults(sheet, sheet.table.version)
    for index, version in enumerate(sheet.table.version):
        for number, region in enumerate(version.regions):
            if any(region.id == other.id for other in version.regions[:number]):
                path = ("version", index, "region", number, "id")
                yield sheet.fault(path, f"Two regions are called {region.id}; give each its own id.")
