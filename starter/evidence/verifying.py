"""Whether every file that the ledger names stands in the store, whole; and none that was erased."""

import asyncio
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import evidence_named
from ledger.evidence_named import Named
from starter.evidence.store import EvidenceDamaged, EvidenceNotFound, EvidenceStore

_AT_ONCE = 4  # files in memory, each up to the largest taken


class What(StrEnum):
    MISSING = "missing"
    DAMAGED = "damaged"
    LEFT = "left"  # it was to be erased


_DO: dict[What, str] = {
    What.MISSING: "is missing: restore it from a backup",
    What.DAMAGED: "is not what its hash says: restore it from a backup",
    What.LEFT: "was to be erased and is still there: run `vocloop erase --again`",
}


class Fault(NamedTuple):
    sha256: str
    what: What
    ticket_nos: tuple[str, ...]

    @property
    def sentence(self) -> str:
        return f"{self.sha256} ({', '.join(self.ticket_nos)}) {_DO[self.what]}."


class Verified(NamedTuple):
    """`files` were looked at, `erased` of them with nothing but their hash left."""

    files: int
    erased: int
    faults: tuple[Fault, ...]


async def verify(engine: AsyncEngine, store: EvidenceStore, on_progress: Callable[[int, int], None]) -> Verified:
    """Read every file once. Raises LedgerUnavailable, StoreUnavailable."""
    named = await evidence_named.every(engine)
    found: dict[str, What] = {}
    for begin in range(0, len(named), _AT_ONCE):
        some = named[begin : begin + _AT_ONCE]
        found |= await _found(store, some)
        on_progress(begin + len(some), len(named))
    left = {sha256 for sha256, what in found.items() if what is What.LEFT}
    real = await _without_brought(engine, found)
    faults = [Fault(sha256, what, await evidence_named.tickets_of(engine, sha256)) for sha256, what in real.items()]
    return Verified(len(named), sum(each.is_erased for each in named) - len(left), tuple(faults))


async def faults_of(engine: AsyncEngine, store: EvidenceStore, named: Sequence[Named]) -> dict[str, What]:
    """What is wrong with these few, by their hash. Raises LedgerUnavailable, StoreUnavailable."""
    found: dict[str, What] = {}
    for begin in range(0, len(named), _AT_ONCE):
        found |= await _found(store, named[begin : begin + _AT_ONCE])
    return await _without_brought(engine, found)


async def _found(store: EvidenceStore, some: Sequence[Named]) -> dict[str, What]:
    states = await asyncio.gather(*(_state(store, each) for each in some))
    return {each.sha256: what for each, what in zip(some, states, strict=True) if what}


async def _without_brought(engine: AsyncEngine, found: dict[str, What]) -> dict[str, What]:
    """A file that a ticket came with may stand, although every complaint it is evidence on was erased."""
    kept = await evidence_named.brought(engine, {sha256 for sha256, what in found.items() if what is What.LEFT})
    return {sha256: what for sha256, what in found.items() if sha256 not in kept}


async def _state(store: EvidenceStore, named: Named) -> What | None:
    if named.is_erased:
        return What.LEFT if await store.has(named.sha256) else None
    try:
        await store.read(named.sha256)
    except EvidenceNotFound:
        return What.MISSING
    except EvidenceDamaged:
        return What.DAMAGED
    return None
