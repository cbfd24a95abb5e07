"""The CRM that speaks our own contract: docs/connect/crm.md. `vocloop crm-sim` is one."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError

from activities.crm_adapters.asking import passed, read, sent
from activities.crm_adapters.faults import malformed
from activities.crm_adapters.page import (
    CrmAdapter,
    CrmAway,
    CrmCannot,
    CrmConnection,
    CrmSaid,
    CrmState,
    Found,
    Position,
)
from activities.crm_adapters.words import note_of
from domain.outlets import CrmWrite
from domain.ticket import Ticket

_AT_ONCE = 8  # states asked for side by side
_NOT_OFFERED = frozenset({404, 405, 501})

_log = logging.getLogger(__name__)


class _Item(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    position: Position
    ticket: Any = None


class _Items(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    items: tuple[_Item, ...]


class HttpCrm(CrmAdapter):
    def __init__(self, connection: CrmConnection) -> None:
        self._connection = connection
        self._base_url = connection.url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {connection.token}"} if connection.token else {}

    async def tickets_after(self, position: Position, *, limit: int) -> tuple[Found, ...]:
        after = {"changed_at": position.at.isoformat(), "id": position.id, "limit": limit}
        response = await self._sent("GET", "/tickets", params=after)
        if response.status_code in _NOT_OFFERED:
            raise CrmCannot("The CRM has no list of its tickets")
        try:
            items = _Items.model_validate(read(passed(response))).items
        except ValidationError:
            raise CrmAway("its list of tickets is none of the contract's") from None
        return tuple(map(_found, items))

    async def write(self, write: CrmWrite) -> None:
        zh, en = note_of(write)
        response = await self._sent(
            "PUT",
            f"/tickets/{quote(write.ticket_no)}/state",
            json={**write.model_dump(mode="json", exclude={"key", "ticket_no", "notes"}), "note": {"zh": zh, "en": en}},
            headers={"Idempotency-Key": write.key},
        )
        if response.status_code == httpx2.codes.CONFLICT:
            _log.info("The CRM already has a later state than %s.", write.key)
            return
        passed(response)

    async def tell(self, said: CrmSaid) -> None:
        at = said.at.isoformat().replace("+00:00", "Z")
        body = {"seq": said.seq, "at": at, "kind": said.kind, "by": said.by, "text": said.text}
        path, headers = f"/tickets/{quote(said.ticket_no)}/notes", {"Idempotency-Key": said.key}
        response = await self._sent("POST", path, json=body, headers=headers)
        if response.status_code in _NOT_OFFERED:  # it has the ticket: the state was written just before
            raise CrmCannot("The CRM has no place for notes")
        passed(response)

    async def states(self, ticket_nos: Collection[str]) -> Mapping[str, CrmState | None]:
        turns = asyncio.Semaphore(_AT_ONCE)
        found = await asyncio.gather(*(self._state(ticket_no, turns) for ticket_no in ticket_nos))
        return {ticket_no: state for each in found for ticket_no, state in each.items()}

    async def _state(self, ticket_no: str, turns: asyncio.Semaphore) -> dict[str, CrmState | None]:
        async with turns:
            response = await self._sent("GET", f"/tickets/{quote(ticket_no)}/state")
        if response.status_code in (405, 501):
            raise CrmCannot("The CRM does not tell the states it has")
        if response.status_code == httpx2.codes.NOT_FOUND:
            return {}
        said = passed(response)
        if said.status_code == httpx2.codes.NO_CONTENT:
            return {ticket_no: None}
        return {ticket_no: _state_in(read(said))}

    async def _sent(self, method: str, path: str, **request: Any) -> httpx2.Response:
        headers = {**self._headers, **request.pop("headers", {})}
        return await sent(self._connection, method, f"{self._base_url}{path}", headers=headers, **request)


def _state_in(said: Any) -> CrmState:
    # An object of nothing that we know is somebody else's, not a state that lacks everything.
    if isinstance(said, dict) and not CrmState.model_fields.keys().isdisjoint(said):
        with suppress(ValidationError):
            return CrmState.model_validate(said)
    raise CrmAway("its state is none of the contract's")


def _found(item: _Item) -> Found:
    number = str(item.ticket.get("ticket_no", ""))[:64] if isinstance(item.ticket, dict) else ""
    try:
        return Found(position=item.position, ticket_no=number, ticket=Ticket.model_validate(item.ticket))
    except ValidationError as error:
        return Found(position=item.position, ticket_no=number, fault=malformed(error))
