"""What pages show of goodwill: each request with what became of it, and a region's month as a purse."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from domain import masking
from domain.access import Permission
from domain.authority import may_ask, may_rule
from domain.goodwill import GoodwillState
from domain.wording import Both
from ledger import goodwill, notes, tickets
from ledger.goodwill import GoodwillRow
from starter.http.behind import Behind
from starter.http.principals import Principal
from starter.telling.events import Names
from starter.telling.goodwill import GoodwillStep, steps

_WIDE = 1000  # of a purse, in the units of its drawing


class Item(NamedTuple):
    """A request as this visitor may see it. `state` is "" until the region's month has answered; `alike` are the others
    it looks to be split up with; `notes` are texts by their id, masked.
    """

    row: GoodwillRow
    region: Both
    told: tuple[GoodwillStep, ...]
    notes: Mapping[str, str]
    alike: tuple[GoodwillRow, ...]
    may_settle: bool
    may_rule: bool

    @property
    def state(self) -> str:
        return self.row.entry.state.value if self.row.entry else ""

    @property
    def fen(self) -> int:
        """What it is about now: of a granted part, the part."""
        return self.row.entry.fen if self.row.entry and self.row.entry.fen else self.row.fen

    @property
    def alike_fen(self) -> int:
        return self.row.fen + sum(each.fen for each in self.alike)


class Purse(NamedTuple):
    """A region's month, in fen. `granted` is what the desk gave beside it, held or committed."""

    region: str
    called: Both
    month: str
    limit: int
    held: int
    committed: int
    granted: int
    at_desk: int
    asked: int

    @property
    def left(self) -> int:
        return max(self.limit - self.held - self.committed, 0)

    def width(self, fen: int) -> float:
        """Of a thousand."""
        return round(fen / self.limit * _WIDE, 1) if self.limit else 0.0


def purse(behind: Behind, rows: Iterable[GoodwillRow], *, region: str, month: str, at: datetime) -> Purse:
    entries = [row.entry for row in rows if row.region == region and row.month == month and row.entry]
    own = [entry for entry in entries if entry.is_spent]
    spent = (GoodwillState.HELD, GoodwillState.COMMITTED)
    return Purse(
        region=region,
        called=behind.authorities.name(region, at=at),
        month=month,
        limit=behind.goodwill.limit(region, month),
        held=sum(entry.fen for entry in own if entry.state is GoodwillState.HELD),
        committed=sum(entry.fen for entry in own if entry.state is GoodwillState.COMMITTED),
        granted=sum(entry.fen for entry in entries if entry.state in spent and not entry.is_spent),
        at_desk=sum(entry.state is GoodwillState.AT_DESK for entry in entries),
        asked=len(entries),
    )


async def items(
    behind: Behind, rows: Iterable[GoodwillRow], *, who: Principal, at: datetime, may_settle: bool = True
) -> tuple[Item, ...]:
    """In the order of the rows. `may_settle` False leaves committing and giving back to another page."""
    names, found = Names(behind.files), []
    for row in rows:
        region = behind.authorities.name(row.region, at=at)
        told = steps(row, names, region=region)
        state = row.entry.state if row.entry else None
        acts, is_at_desk = who.may(Permission.ACT), state is GoodwillState.AT_DESK
        item = Item(
            row=row,
            region=region,
            told=told,
            notes=await _notes(behind, row, told),
            alike=await goodwill.many(behind.engine, row.entry.split_with if row.entry else ()),
            may_settle=may_settle and acts and may_ask(who.actor) and (is_at_desk or state is GoodwillState.HELD),
            may_rule=acts and is_at_desk and may_rule(who.actor, desk=behind.goodwill.desk, asked_by=row.asked_by),
        )
        found.append(item)
    return tuple(found)


async def _notes(behind: Behind, row: GoodwillRow, told: Iterable[GoodwillStep]) -> dict[str, str]:
    ids = {each.note_id for each in told if each.note_id}
    if not ids:
        return {}
    ticket = await tickets.get(behind.engine, row.ticket_no)
    written = await notes.of_ticket(behind.engine, row.ticket_no)
    return {note.note_id: masking.told(note.text, ticket) for note in written if note.note_id in ids}
