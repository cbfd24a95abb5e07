"""The tables of the doors: keys of systems, sessions of people, and who was shown whose personal data.

No secret stands in them: of a key and of a session's id there is only the SHA-256.
"""

from sqlalchemy import JSON, Column, Date, Index, Integer, String, Table

from ledger.columns import flag, instant, metadata, text, ticket_no

keys = Table(
    "api_keys",
    metadata,
    Column("key_id", String(16), primary_key=True),
    Column("secret_hash", String(64), nullable=False),
    text("name", 64),
    Column("scopes", JSON, nullable=False),
    text("role", 16),  # "" speaks for a system
    text("department", 64),
    flag("is_local"),  # made by `vocloop up` for the commands of its own machine
    instant("created_at"),
    instant("expires_at", nullable=True),
    instant("revoked_at", nullable=True),
    Column("last_used_on", Date, nullable=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False),
    Column("name", JSON, nullable=False),  # {"zh": …, "en": …}
    Column("role", String(16), nullable=False),
    text("department", 64),
    instant("begun_at"),
    instant("used_at"),
    instant("ended_at", nullable=True),
    Index(None, "person_id"),
)

disclosures = Table(
    "disclosures",
    metadata,
    Column("number", Integer, primary_key=True),
    instant("at"),
    Column("person_id", String(64), nullable=False),
    Column("name", JSON, nullable=False),
    text("role", 16),
    text("department", 64),
    ticket_no(),
    Column("what", String(100), nullable=False),  # "personal", or "evidence:" and the file's SHA-256
    text("why"),
    Index(None, "ticket_no"),
)
