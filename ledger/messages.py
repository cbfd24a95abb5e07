"""The messages a complaint took, in order, so that the audit can feed them to the core again."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import Insert, Integer, bindparam, func, literal_column, select, true
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.events import MessageRejected
from domain.messages import Malformed, Message
from domain.outlets import LedgerBatch
from ledger import tables as t
from ledger.database import reading
from ledger.rows import Write, inserting

_MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


class RecordedMessage(NamedTuple):
    """`number` counts from 1 in the order the complaint took its messages. A repeated command stands there once."""

    number: int
    message: Message
    recorded_at: datetime


async def messages(engine: AsyncEngine, ticket_no: str) -> tuple[RecordedMessage, ...]:
    """The complaint's messages, commands and malformed ones, in the order they were taken."""
    query = select(t.messages).where(t.messages.c.ticket_no == ticket_no).order_by(t.messages.c.number)
    async with reading(engine) as connection:
        rows = (await connection.execute(query)).all()
    return tuple(RecordedMessage(row.number, _MESSAGE.validate_python(row.body), row.recorded_at) for row in rows)


def keeping_messages(dialect: str, batch: LedgerBatch, *, recorded_at: datetime) -> Write:
    """What keeps the batch's messages, each once however often the batch comes."""
    rows = [
        {
            "ticket_no": batch.ticket_no,
            "key": key,
            "kind": message.kind,
            "body": message.model_dump(mode="json"),
            "recorded_at": recorded_at,
        }
        for key, message in _keyed(batch)
    ]
    return _adding(dialect), rows


_ZERO, _ONE = literal_column("0", Integer), literal_column("1", Integer)


@cache
def _adding(dialect: str) -> Insert:
    """Each with the number after the last; what is there stays, and takes no number."""
    columns = [c for c in t.messages.c if c.name != "number"]
    given = [bindparam(column.name, type_=column.type) for column in columns]
    last = select(func.max(t.messages.c.number)).where(t.messages.c.ticket_no == bindparam("ticket_no"))
    row = select(*given, func.coalesce(last.scalar_subquery(), _ZERO) + _ONE).where(true())
    names = [*(column.name for column in columns), "number"]
    made = inserting(t.messages, dialect).from_select(names, row)
    return made.on_conflict_do_nothing(index_elements=["ticket_no", "key"])


def _keyed(batch: LedgerBatch) -> Iterator[tuple[str, Message]]:
    """A command has its own id. A malformed message has none: the event that records it stands in.

    A backlog may bring messages ahead of their events; those are told apart by where they stand in the batch, which
    is the same when the batch is sent again.
    """
    rejected = iter([str(event.seq) for event in batch.events if isinstance(event, MessageRejected)])
    last = batch.events[-1].seq if batch.events else 0
    for place, message in enumerate(batch.messages):
        if isinstance(message, Malformed):
            yield f"malformed:{next(rejected, f'{last}.{place}')}", message
        else:
            yield f"command:{message.command_id}", message
