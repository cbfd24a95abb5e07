"""A complaint of Tryton's as a ticket of ours."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from activities.crm_adapters.faults import malformed
from activities.crm_adapters.page import Found, Position
from domain.ticket import Customer, Ticket

READ = (
    *("number", "description", "create_date", "write_date", "type.name"),
    *("customer.name", "customer.phone", "customer.mobile", "customer.email", "customer.lang.code"),
)


def instant_of(value: Mapping[str, int]) -> datetime:
    """Tryton's JSON says instants in UTC, without saying so."""
    names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return datetime(*(value[name] for name in names), tzinfo=UTC)  # type: ignore[misc, arg-type]


def ticket_of(row: Mapping[str, Any], *, position: Position, tags: Mapping[str, str]) -> Found:
    """`row` has the fields READ."""
    number = row.get("number") or ""
    named = (row.get("type") or {}).get("name", "")
    tag = tags.get(named, named)
    try:
        ticket = Ticket(
            ticket_no=number,
            created_at=instant_of(row["create_date"]),
            tags=(tag[:64],) if tag else (),
            channel="tryton",
            customer=_customer(row.get("customer") or {}),
            words=(row.get("description") or "")[:20_000],
        )
    except ValidationError as error:
        return Found(position=position, ticket_no=number[:64], fault=malformed(error))
    return Found(position=position, ticket_no=number, ticket=ticket)


def _customer(party: Mapping[str, Any]) -> Customer:
    language = str((party.get("lang") or {}).get("code") or "zh")
    return Customer(
        name=(party.get("name") or "")[:200],
        phone=(party.get("mobile") or party.get("phone") or "")[:40],
        email=(party.get("email") or "")[:254],
        language="zh" if language.startswith("zh") else "en",
    )
