"""Tryton 8.2 with the module sale_complaint, over its REST API: docs/connect/tryton.md.

A complaint that waits there is a ticket of ours. Each state of ours is a note on it, for Tryton's notes never change;
the last one counts. When the complaint is closed here, it is done or cancelled there.
"""

from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from heapq import merge
from json import dumps
from typing import Any, NamedTuple

import httpx2

from activities.crm_adapters.asking import asked, read
from activities.crm_adapters.page import (
    CrmAdapter,
    CrmAway,
    CrmConnection,
    CrmRefuses,
    CrmSaid,
    CrmState,
    Found,
    Position,
)
from activities.crm_adapters.tryton_notes import MARK, TOLD, Noted, key_told, noted, told
from activities.crm_adapters.tryton_tickets import READ, instant_of, ticket_of
from domain.outlets import CrmWrite

_COMPLAINTS, _NOTES = "sale.complaint", "ir.note"
_Road = Mapping[str, tuple[str, ...]]  # from where a complaint stands in its own workflow, the steps to take
_TO_OPEN: _Road = {"draft": ("wait",)}
_TO_DONE: _Road = {"draft": ("wait", "approve"), "waiting": ("approve",), "approved": ("process",)}
_TO_CANCELLED: _Road = {"draft": ("cancel",), "waiting": ("cancel",)}
_ROADS = {"": _TO_OPEN, "confirmed": _TO_DONE, "unreachable": _TO_DONE, "withdrawn": _TO_CANCELLED}
_FIELDS = ("number", "state", "actions")


class _Complaint(NamedTuple):
    """`has_actions` is whether approving it returns goods or credits money: then a person approves it."""

    id: int
    number: str
    state: str
    has_actions: bool


class TrytonCrm(CrmAdapter):
    """`url` ends in the database's name; `token` is the key of a user application of the kind "REST API".

    Options: `tags`, from the names of complaint types to our tags; a type that is not named is its own tag.
    """

    def __init__(self, connection: CrmConnection) -> None:
        self._connection = connection
        self._models = f"{connection.url.rstrip('/')}/rest/model"
        self._headers = {"Authorization": f"Bearer {connection.token}"}
        self._tags: Mapping[str, str] = connection.options.get("tags", {})

    async def tickets_after(self, position: Position, *, limit: int) -> tuple[Found, ...]:
        changed = await self._waiting("write_date", position, limit=limit)
        untouched = await self._waiting("create_date", position, limit=limit)
        found = merge(changed, untouched, key=lambda each: (each.position.at, int(each.position.id)))
        return tuple(found)[:limit]

    async def _waiting(self, dated: str, position: Position, *, limit: int) -> list[Found]:
        """Of those that wait, which were changed, or never, whichever `dated` asks for; in order."""
        at, number = _moment(position.at), int(position.id or 0)
        behind = ["OR", [dated, ">", at], [[dated, "=", at], ["id", ">", number]]]
        never = [["write_date", "=", None]] if dated == "create_date" else []
        domain = [["state", "=", "waiting"], behind, *never]
        order = [[dated, "ASC"], ["id", "ASC"]]
        rows = await self._search(_COMPLAINTS, domain, fields=READ, order=order, limit=limit)
        return [self._found(row, dated) for row in rows]

    def _found(self, row: Mapping[str, Any], dated: str) -> Found:
        position = Position(at=instant_of(row[dated]), id=str(row["id"]))
        return ticket_of(row, position=position, tags=self._tags)

    async def write(self, write: CrmWrite) -> None:
        known = await self._complaints([write.ticket_no])
        if not known:
            raise CrmRefuses("unknown ticket")
        complaint = known[0]
        there = await self._notes([complaint.id])
        if any(note.state.seq > write.seq for note in there):
            return
        if all(note.key != write.key for note in there):
            body = {"resource": f"{_COMPLAINTS},{complaint.id}", "message": noted(write)}
            await self._asked("POST", _NOTES, json=body)
        await self._walk(complaint, write.closing)

    async def tell(self, said: CrmSaid) -> None:
        known = await self._complaints([said.ticket_no])
        if not known:
            raise CrmRefuses("unknown ticket")
        resource = f"{_COMPLAINTS},{known[0].id}"
        domain = [["resource", "=", resource], ["message", "like", f"%{TOLD}%"]]
        rows = await self._search(_NOTES, domain, fields=("message",))
        if all(key_told(str(row.get("message", ""))) != said.key for row in rows):
            await self._asked("POST", _NOTES, json={"resource": resource, "message": told(said)})

    async def _walk(self, complaint: _Complaint, closing: str) -> None:
        """Bring the complaint's own workflow to where ours is. What people have ended there stays as it is."""
        road = _ROADS.get(closing, _TO_CANCELLED).get(complaint.state, ())
        for step in road:
            if step in ("approve", "process") and complaint.has_actions:
                return
            await self._asked("POST", f"{_COMPLAINTS}/{complaint.id}/{step}", json={})

    async def states(self, ticket_nos: Collection[str]) -> Mapping[str, CrmState | None]:
        complaints = await self._complaints(ticket_nos)
        notes = await self._notes([each.id for each in complaints]) if complaints else ()
        last = {note.complaint_id: note.state for note in sorted(notes, key=lambda note: (note.state.seq, note.id))}
        return {each.number: last.get(each.id) for each in complaints}

    async def _complaints(self, numbers: Collection[str]) -> list[_Complaint]:
        rows = await self._search(_COMPLAINTS, [["number", "in", list(numbers)]], fields=_FIELDS)
        return [_Complaint(row["id"], row["number"], row["state"], bool(row["actions"])) for row in rows]

    async def _notes(self, complaint_ids: Sequence[int]) -> tuple[Noted, ...]:
        """Our notes on these complaints."""
        resources = [f"{_COMPLAINTS},{each}" for each in complaint_ids]
        domain = [["resource", "in", resources], ["message", "like", f"%{MARK}%"]]
        rows = await self._search(_NOTES, domain, fields=("message", "resource"))
        read_ = (Noted.read(row["id"], resource=row["resource"], message=row["message"]) for row in rows)
        return tuple(note for note in read_ if note)

    async def _search(
        self, model: str, domain: list[Any], *, fields: Sequence[str], order: list[Any] | None = None, limit: int = 0
    ) -> list[dict[str, Any]]:
        params: list[tuple[str, str]] = [("d", _packed(domain)), *(("f", field) for field in fields)]
        params += [("o", _packed(order))] if order else []
        params += [("s", str(limit))] if limit else []
        rows = read(await self._asked("GET", model, params=params))
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise CrmAway("no list of records")
        return rows

    async def _asked(self, method: str, path: str, **request: Any) -> httpx2.Response:
        return await asked(self._connection, method, f"{self._models}/{path}", headers=self._headers, **request)


def _packed(value: list[Any]) -> str:
    return urlsafe_b64encode(dumps(value).encode()).decode()


def _moment(at: datetime) -> dict[str, Any]:
    """As Tryton's JSON says an instant: in UTC, without saying so."""
    utc = at.astimezone(UTC)
    names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime"} | {name: getattr(utc, name) for name in names}
