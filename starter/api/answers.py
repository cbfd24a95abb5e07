"""What the routes have in common: how requests are read, and the sentences they are answered with."""

import secrets
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Path

from domain.explanations import Sentence
from domain.ticket import TICKET_NO, Ticket
from domain.wording import Both, name
from ledger import tickets
from settings import utc_now
from starter.http.behind import Behind
from starter.http.problems import Problem
from starter.telling.events import Names

PREFIX = "/api/v1"

TicketNo = Annotated[str, Path(pattern=TICKET_NO, description="The CRM's ticket number.", examples=["CRM-2026-000123"])]
At = Annotated[datetime, Depends(utc_now)]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,128}$",
        description="Makes it safe to send again; becomes the command's id. Put nothing personal in it.",
        examples=["9f2c1e0b7a"],
    ),
]


def links(*operations: str, **parameters: str) -> dict[str, Any]:
    """An answer's OpenAPI links: what may be asked next, its parameters read from the answer or the request."""
    return {"links": {name: {"operationId": name, "parameters": parameters} for name in operations}}


def key_or_new(key: str | None) -> str:
    return key or secrets.token_hex(16)


def complaint_path(ticket_no: str) -> str:
    return f"{PREFIX}/complaints/{ticket_no}"


async def known_ticket(behind: Behind, ticket_no: str) -> Ticket:
    """The ticket as it was taken. Raises the problem `unknown_complaint`."""
    ticket = await tickets.get(behind.engine, ticket_no)
    if ticket is None:
        raise Problem("unknown_complaint")
    return ticket


def sentence(both: Both) -> Sentence:
    return Sentence(zh=both[0], en=both[1])


def where_it_stands(stage: str, owner: str, names: Names) -> Sentence:
    holder, (zh, en) = names.of(owner), (name(stage, "zh"), name(stage, "en"))
    return Sentence(zh=f"工单现由{holder[0]}负责，状态：{zh}。", en=f"It is with {holder[1]} now, {en}.")
