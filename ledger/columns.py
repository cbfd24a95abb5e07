"""What the ledger's tables are made of: aware instants, and the columns that recur."""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy import text as sql

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept and returned in UTC. A naive one is refused: nobody can say what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be kept: pass aware UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def instant(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, Instant(), nullable=nullable)


def text(name: str, length: int | None = None) -> Column[str]:
    return Column(name, String(length) if length else Text(), nullable=False, server_default="")


def number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def ticket_no(*, primary_key: bool = False, of_complaint: bool = False) -> Column[str]:
    links = [ForeignKey("complaints.ticket_no", ondelete="CASCADE")] if of_complaint else []
    return Column("ticket_no", String(64), *links, primary_key=primary_key, nullable=False)


def ordinal(name: str) -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=False)


def index_where(condition: str, name: str, *columns: str) -> Index:
    """Of the rows for which the SQL `condition` holds alone: small, however old the ledger gets."""
    return Index(name, *columns, sqlite_where=sql(condition), postgresql_where=sql(condition))
