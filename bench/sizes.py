"""What is to be reached by the API and the ledger, and whether it costs the same however large the ledger is."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bench.doors import READ, WRITTEN
from bench.ledgers import DATABASES

SMALL, LARGE = 1_000, 100_000  # complaints; ten events each
_NAMED = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_PAGES_MS = {
    "queue": (50, "queue page"),
    "queue_of_a_department": (50, "queue page of one department"),
    "board": (150, "board tick"),
    "search_common": (100, "search of a word that one in seven says"),
    "search_half": (100, "search of a word that half of all say"),
    "search_rare": (100, "search of a rare word that no open complaint says"),
    "search_two_words": (100, "search of two words"),
    "search_of_a_department": (100, "search in one department's queue"),
    "timeline": (20, "timeline"),
}
_APPENDED = {"sqlite": 2_000, "postgresql": 4_000}
_REBUILT = 10_000
_GROWTH = 1.2


class Target(NamedTuple):
    """A figure that is to be at most this, or at least where it `is_floor`."""

    key: str
    limit: float
    about: str
    is_floor: bool = False

    def is_met(self, value: float) -> bool:
        return value >= self.limit if self.is_floor else value <= self.limit


def targets() -> tuple[Target, ...]:
    return tuple(target for database in DATABASES for target in _targets_of(database))


def figures(found: Mapping[str, Any]) -> dict[str, float]:
    """What `doors.play` found, by the targets' keys. What was not measured has none."""
    said = {}
    for database, sizes in found.items():
        large, small = sizes.get(str(LARGE)), sizes.get(str(SMALL))
        for name in (*READ, *WRITTEN):
            if large:
                said[_key(database, name)] = large[name]["per_second" if name in WRITTEN else "p95_ms"]
            if large and small:
                said[_flat_key(database, name)] = cost(large, name) / cost(small, name)
    return said


def cost(size: Mapping[str, Any], name: str) -> float:
    """Milliseconds for a request, at the median, or for an event; by the clock on the wall."""
    figure = size[name]
    return float(1000 / figure["per_second"] if name in WRITTEN else figure["p50_ms"])


def _targets_of(database: str) -> Sequence[Target]:
    at = f"{_NAMED[database]}, {LARGE:,} complaints"
    reads = [Target(_key(database, name), ms, f"{what}, p95 ms; {at}") for name, (ms, what) in _PAGES_MS.items()]
    appended, rebuilt = _APPENDED[database], "events a second made into projections again"
    writes = [
        Target(_key(database, "append"), appended, f"events a second, ten at a time, one after another; {at}", True),
        Target(_key(database, "append_at_once"), appended, f"the same, eight complaints at once; {at}", True),
        Target(_key(database, "rebuild"), _REBUILT, f"{rebuilt}; {at}", True),
    ]
    grown = f"times its cost at {SMALL:,} complaints, median; {_NAMED[database]}"
    flat = [Target(_flat_key(database, name), _GROWTH, f"{name}, {grown}") for name in (*READ, *WRITTEN)]
    return [*reads, *writes, *flat]


def _key(database: str, name: str) -> str:
    return f"{database}_{name}_{'per_second' if name in WRITTEN else 'p95_ms'}"


def _flat_key(database: str, name: str) -> str:
    return f"{database}_{name}_growth"
