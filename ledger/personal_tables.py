"""The tables about personal data itself: a key for each complaint, what was done with its data, and legal holds.

They name complaints and employees, and no customer.
"""

from sqlalchemy import JSON, Column, Index, Integer, String, Table

from ledger.columns import instant, metadata, text, ticket_no

complaint_keys = Table(
    "complaint_keys",
    metadata,
    ticket_no(primary_key=True),
    Column("key", String(64), nullable=False),  # what the ids of its notes are made with; gone when it is erased
)

restricted_papers = Table(
    "restricted_papers",
    metadata,
    ticket_no(primary_key=True),
    Column("body", JSON, nullable=False),  # what stood in the other tables, which have it no more
)

personal_acts = Table(
    "personal_acts",
    metadata,
    Column("number", Integer, primary_key=True),
    ticket_no(),
    Column("act", String(16), nullable=False),  # a domain of `personal.Act`; the last one tells how it stands
    instant("at"),
    text("by", 200),
    text("why"),
    Column("counts", JSON, nullable=False),  # what was forgotten, by kind: {"notes": 3, …}
    Index(None, "ticket_no", "number"),
)

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("number", Integer, primary_key=True),
    ticket_no(),
    text("why"),
    instant("placed_at"),
    text("placed_by", 200),
    instant("lifted_at", nullable=True),
    text("lifted_by", 200),
    Index(None, "ticket_no"),
)
