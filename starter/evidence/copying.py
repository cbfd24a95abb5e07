"""All files of one store into another, each proven on both sides: from a disk to S3, or back."""

from collections.abc import Callable
from typing import NamedTuple

from starter.evidence.store import EvidenceDamaged, EvidenceNotFound, EvidenceStore


class Copied(NamedTuple):
    """`new` were copied, `there` stood there before, whole. `damaged` are hashes that either side does not bear out."""

    new: int
    there: int
    damaged: tuple[str, ...]


async def copy(source: EvidenceStore, target: EvidenceStore, on_progress: Callable[[int, int], None]) -> Copied:
    """Safe to repeat, and beside uploads: what came meanwhile is copied by doing it again. Raises StoreUnavailable."""
    named = [each.sha256 async for each in source.every()]
    new, damaged = 0, []
    for done, sha256 in enumerate(named, start=1):
        try:
            new += await target.adopt(sha256, await source.read(sha256))
        except EvidenceDamaged:
            damaged.append(sha256)
        except EvidenceNotFound:  # it was erased or swept meanwhile
            named[done - 1] = ""
        on_progress(done, len(named))
    return Copied(new, sum(map(bool, named)) - new - len(damaged), tuple(damaged))
