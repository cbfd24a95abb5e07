"""Files whose content comes in versions, each in force from the first moment of its day until the next one's."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from policy.faults import Fault
from policy.sheets import Sheet


class Dated(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def from_(self) -> date: ...


Version = TypeVar("Version", bound=Dated)


def version_on(versions: Sequence[Version], day: date) -> Version | None:
    """The version in force on a day; None before the first."""
    return next((version for version in reversed(versions) if version.from_ <= day), None)


def version_faults(sheet: Sheet[Any], versions: Sequence[Dated]) -> Iterator[Fault]:
    """`versions` are the sheet's: each begins after the one before it, and no two have one id."""
    for index, (before, after) in enumerate(pairwise(versions), start=1):
        if after.from_ <= before.from_:
            yield sheet.fault(
                ("version", index, "from"),
                f"Version {after.id} begins on {after.from_}, not after {before.id} on {before.from_}; "
                "put versions in order of their days.",
            )
        if after.id in {each.id for each in versions[:index]}:
            yield sheet.fault(("version", index, "id"), f"Two versions are called {after.id}; give each its own id.")
