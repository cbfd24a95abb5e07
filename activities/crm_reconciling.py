"""What the CRM says against what we say: each difference is healed by writing again, or stands until somebody acts."""

import logging
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.crm_adapters.page import PER_STATES, CrmAdapter, CrmCannot, CrmRefuses, CrmState, state_of
from domain.outlets import CrmWrite
from domain.policy import Value
from ledger import crm_differences, crm_refusals, crm_states
from ledger.crm_differences import Difference, What

GRACE = timedelta(minutes=10)  # what happened since is still on its way by the complaint's own outbox
CLOSED_SINCE = timedelta(days=30)  # what was closed longer ago is not looked at again
_OF_STATES = (What.STATE, What.MISSING, What.AHEAD)
_COMPARED = ("stage", "owner", "light", "clock", "closing", "due_at")

_log = logging.getLogger(__name__)


class Reconciled(Value):
    """`healed` were written again and are the same now; `standing` are not. `taken` are tickets that were new to us."""

    at: AwareDatetime
    compared: int = 0
    taken: int = 0
    healed: tuple[Difference, ...] = ()
    standing: tuple[Difference, ...] = ()

    @property
    def sentence(self) -> str:
        found = f"{len(self.healed)} healed, {len(self.standing)} stand"
        return f"{self.compared} complaints compared, {found}; {self.taken} tickets taken that were new to us"

    def with_more(self, other: "Reconciled") -> "Reconciled":
        return Reconciled(
            at=self.at,
            compared=self.compared + other.compared,
            healed=self.healed + other.healed,
            standing=self.standing + other.standing,
        )


async def reconcile(adapter: CrmAdapter, engine: AsyncEngine, *, at: datetime, is_dry: bool = False) -> Reconciled:
    """Compare every complaint that is open or was closed lately, and heal what can be healed; a dry run only looks.

    What stands is kept in the ledger, what is over leaves it. Raises CrmAway, with what was done until then kept, and
    CrmCannot when this CRM does not tell its states.
    """
    whole = Reconciled(at=at)
    async with aclosing(_in_pages(engine, at)) as pages:
        async for page in pages:
            if whole.compared == 0:
                await _refuse_another(adapter, page)
            whole = whole.with_more(await _page(adapter, engine, page, at=at, is_dry=is_dry))
    return whole


async def _in_pages(engine: AsyncEngine, at: datetime) -> AsyncGenerator[list[CrmWrite], None]:
    """Our own states. One that the CRM refused is asked again by the complaint itself."""
    owed = {each.write.ticket_no for each in await crm_refusals.owed(engine) if each.given_up_at is None}
    after = ""
    while page := await crm_states.after(engine, after, closed_since=at - CLOSED_SINCE, limit=PER_STATES):
        after = page[-1].ticket_no
        yield [write for write in page if write.at <= at - GRACE and write.ticket_no not in owed]


async def _refuse_another(adapter: CrmAdapter, first: Sequence[CrmWrite]) -> None:
    """Raises CrmCannot when the CRM knows none of several: one difference each would hide that it is one for all."""
    if len(first) > 1 and not await adapter.states([write.ticket_no for write in first]):
        raise CrmCannot(f"The CRM knows none of {len(first)} tickets: it is the wrong one, or does not tell its states")


async def _page(
    adapter: CrmAdapter, engine: AsyncEngine, ours: Sequence[CrmWrite], *, at: datetime, is_dry: bool
) -> Reconciled:
    found = await _differences(adapter, ours)
    if is_dry or not found:
        left = found
    else:
        wrong = {each.ticket_no for each in found if each.what is What.STATE}
        await _heal(adapter, [write for write in ours if write.ticket_no in wrong], at=at)
        again = await _differences(adapter, [write for write in ours if write.ticket_no in wrong])
        left = [each for each in found if each.ticket_no not in wrong] + again
    standing = {each.ticket_no for each in left}
    if not is_dry:
        await crm_differences.keep(engine, left, at=at)
        await crm_differences.over(engine, {each.ticket_no for each in ours} - standing, what=_OF_STATES)
    healed = tuple(each for each in found if each.ticket_no not in standing)
    return Reconciled(at=at, compared=len(ours), healed=healed, standing=tuple(left))


async def _heal(adapter: CrmAdapter, writes: Sequence[CrmWrite], *, at: datetime) -> None:
    """Write again under a key of its own: the CRM has the complaint's own key, and with it what differs now."""
    for write in writes:
        key = f"{write.key}:{at.astimezone(UTC):%Y%m%dT%H%M%S}"
        try:
            await adapter.write(write.model_copy(update={"key": key}))
        except CrmRefuses as refusal:
            _log.warning("The CRM refuses to have %s healed (%s).", write.ticket_no, refusal)


async def _differences(adapter: CrmAdapter, ours: Collection[CrmWrite]) -> list[Difference]:
    if not ours:
        return []
    theirs = await adapter.states([write.ticket_no for write in ours])
    return [each for write in ours if (each := _difference(write, theirs))]


def _difference(write: CrmWrite, theirs: Mapping[str, CrmState | None]) -> Difference | None:
    if write.ticket_no not in theirs:
        return Difference(ticket_no=write.ticket_no, what=What.MISSING)
    there = theirs[write.ticket_no] or CrmState()
    if there.seq > write.seq:
        seqs = (str(write.seq), str(there.seq))
        return Difference(ticket_no=write.ticket_no, what=What.AHEAD, fields={"seq": seqs})
    here = state_of(write)
    pairs = {name: (_said(getattr(here, name)), _said(getattr(there, name))) for name in _COMPARED}
    fields = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    return Difference(ticket_no=write.ticket_no, what=What.STATE, fields=fields) if fields else None


def _said(value: str | datetime | None) -> str:
    """A CRM may keep instants to the second only."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return (value or "")[:64]
