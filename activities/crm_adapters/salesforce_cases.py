"""A case of Salesforce's: as a ticket of ours, and with our state in its fields."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from activities.crm_adapters.faults import malformed
from activities.crm_adapters.page import CrmSaid, CrmState, Found, Position
from activities.crm_adapters.words import text_of
from domain.outlets import CrmWrite
from domain.ticket import Customer, Ticket

READ = (
    *("Id", "CaseNumber", "CreatedDate", "SystemModstamp", "Description"),
    *("SuppliedName", "SuppliedPhone", "SuppliedEmail"),
    *("Contact.Name", "Contact.Phone", "Contact.MobilePhone", "Contact.Email"),
)
_FIELDS = {
    "stage": "Vocloop_Stage__c",
    "owner": "Vocloop_Owner__c",
    "light": "Vocloop_Light__c",
    "clock": "Vocloop_Clock__c",
    "closing": "Vocloop_Closing__c",
}
_COMMENT_BYTES = 4000
_SEQ, _KEY, _DUE_AT = "Vocloop_Seq__c", "Vocloop_Key__c", "Vocloop_Due_At__c"
SAID = ("Id", "CaseNumber", _SEQ, _KEY, _DUE_AT, *_FIELDS.values())


def instant_of(value: str) -> datetime:
    """As 2026-03-02T01:00:00.000+0000."""
    return datetime.fromisoformat(value)


def fields_of(write: CrmWrite) -> dict[str, Any]:
    """What the case says then. Salesforce has no empty text: it keeps none."""
    said = {field: getattr(write, name) or None for name, field in _FIELDS.items()}
    due_at = f"{write.due_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z" if write.due_at else None
    return {**said, _SEQ: write.seq, _KEY: write.key, _DUE_AT: due_at}


def state_in(row: Mapping[str, Any]) -> CrmState | None:
    """None before the first write."""
    if row.get(_SEQ) is None:
        return None
    said = {name: row.get(field) or "" for name, field in _FIELDS.items()}
    due_at = instant_of(row[_DUE_AT]) if row.get(_DUE_AT) else None
    return CrmState(seq=int(row[_SEQ]), due_at=due_at, **said)


def comment_of(said: CrmSaid) -> str:
    """A comment holds 4000 bytes; what is longer is cut before the last line, which says the note's key."""
    mark, text = f"\n[{said.key}]", text_of(said).encode()
    room = _COMMENT_BYTES - len(mark.encode())
    if len(text) <= room:
        return f"{text.decode()}{mark}"
    return f"{text[: room - 3].decode(errors='ignore')}…{mark}"


def mark_in(comment: str) -> str:
    """The last line, which says the key of a comment of ours."""
    return comment.rstrip().rpartition("\n")[2]


def ticket_of(row: Mapping[str, Any], *, tag_field: str, tags: Mapping[str, str]) -> Found:
    """`row` has the fields READ and the one that says the tag."""
    number = row.get("CaseNumber") or ""
    position = Position(at=instant_of(row["SystemModstamp"]), id=row["Id"])
    named = str(row.get(tag_field) or "")
    tag = tags.get(named, named)[:64]
    try:
        ticket = Ticket(
            ticket_no=number,
            created_at=instant_of(row["CreatedDate"]),
            tags=(tag,) if tag else (),
            channel="salesforce",
            customer=_customer(row, row.get("Contact") or {}),
            words=(row.get("Description") or "")[:20_000],
        )
    except ValidationError as error:
        return Found(position=position, ticket_no=number[:64], fault=malformed(error))
    return Found(position=position, ticket_no=number, ticket=ticket)


def _customer(row: Mapping[str, Any], contact: Mapping[str, Any]) -> Customer:
    """The contact, where the case has one; else what was given with it."""
    return Customer(
        name=(contact.get("Name") or row.get("SuppliedName") or "")[:200],
        phone=(contact.get("MobilePhone") or contact.get("Phone") or row.get("SuppliedPhone") or "")[:40],
        email=(contact.get("Email") or row.get("SuppliedEmail") or "")[:254],
    )
