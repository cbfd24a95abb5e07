"""Files that were stored and never became evidence: an upload that broke off half-way leaves one behind."""

import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import evidence_named
from settings import Settings
from starter.evidence.opening import open_store
from starter.evidence.shelf import Found
from starter.evidence.store import EvidenceStore

OLDER_THAN = timedelta(hours=24)
FEW = 20  # orphans that are swept in any case
SHARE = 0.1  # more than this share of all files, and the ledger is hardly the one they belong to
_ASKED_AT_ONCE = 500
_DELETED_AT_ONCE = 20  # while other writers of the ledger wait

_log = logging.getLogger("vocloop.evidence")


class TooManyOrphans(RuntimeError):  # noqa: N818 - a state of the store
    """The message is a sentence that says what to do."""

    def __init__(self, orphans: int, files: int) -> None:
        super().__init__(
            f"{orphans} of {files} files are named by no complaint, more than broken uploads leave: see that this"
            " ledger is the one they belong to, then run `vocloop evidence sweep --force`."
        )


class Swept(NamedTuple):
    """What was, or would be, deleted. `drafts` is how many uploads never came to their end."""

    orphans: tuple[Found, ...]
    drafts: int

    @property
    def told(self) -> str:
        size = sum(each.size for each in self.orphans)
        return f"{len(self.orphans)} orphans of {size} bytes and {self.drafts} drafts"


async def sweep(
    engine: AsyncEngine, store: EvidenceStore, *, at: datetime, dry: bool = False, is_forced: bool = False
) -> Swept:
    """Delete what no complaint names and is older than a day at `at`. Safe to repeat, also beside uploads.

    What a complaint names stays, above all under legal hold. Raises TooManyOrphans, LedgerUnavailable,
    StoreUnavailable.
    """
    before = at - OLDER_THAN
    orphans, files = await _orphans(engine, store, before)
    if len(orphans) > max(FEW, SHARE * files) and not (is_forced or dry):
        raise TooManyOrphans(len(orphans), files)
    if not dry:
        orphans = await _erase(engine, store, orphans)
    return Swept(tuple(orphans.values()), store.drop_drafts(before, dry=dry))


async def duty(due_at: datetime, *, engine: AsyncEngine, settings: Settings) -> str:
    """Once a day. Raises LedgerUnavailable, StoreUnavailable, to be repeated."""
    try:
        return f"{(await sweep(engine, open_store(settings), at=due_at)).told} swept"
    except TooManyOrphans as stop:
        _log.warning("%s", stop)
        return f"nothing swept. {stop}"


async def _orphans(engine: AsyncEngine, store: EvidenceStore, before: datetime) -> tuple[dict[str, Found], int]:
    """By their hash, and how many files there are at all."""
    orphans, files = dict[str, Found](), 0
    async for some in _in_parts(store):
        files += len(some)
        old = {each.sha256: each for each in some if each.kept_at < before}
        orphans |= {sha256: old[sha256] for sha256 in await evidence_named.not_evidence(engine, old)}
    for sha256 in await evidence_named.brought(engine, orphans):
        del orphans[sha256]
    return dict(sorted(orphans.items())), files


async def _in_parts(store: EvidenceStore) -> AsyncIterator[list[Found]]:
    part: list[Found] = []
    async for each in store.every():
        part.append(each)
        if len(part) == _ASKED_AT_ONCE:
            yield part
            part = []
    yield part


async def _erase(engine: AsyncEngine, store: EvidenceStore, orphans: dict[str, Found]) -> dict[str, Found]:
    erased, asked = set[str](), list(orphans)
    for begin in range(0, len(asked), _DELETED_AT_ONCE):
        part = asked[begin : begin + _DELETED_AT_ONCE]
        erased |= await evidence_named.while_not_evidence(engine, part, store.erase)
    return {sha256: found for sha256, found in orphans.items() if sha256 in erased}
