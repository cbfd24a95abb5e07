"""Taking what was forgotten out of the database's files: deleted rows stay in free pages and logs until then."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import search
from ledger import tables as t
from ledger.access_tables import disclosures
from ledger.customer_links import customer_links
from ledger.database import LedgerUnavailable, away
from ledger.personal_tables import complaint_keys, restricted_papers
from ledger.saved_filters import saved_filters
from ledger.vehicles import repairs, vehicles

_TABLES = (
    *(t.tickets, t.inbox, t.notes, t.evidence, t.surveys, t.notices, search.search_texts),
    *(disclosures, customer_links, saved_filters, complaint_keys, restricted_papers, vehicles, repairs),
)
_SQLITE = (
    "INSERT INTO search_index (search_index) VALUES ('optimize')",  # old tokens stay in its segments until then
    "VACUUM",
)
_SHORTEN = "PRAGMA wal_checkpoint(TRUNCATE)"
_BUSY = "Somebody reads the ledger for long: what was erased stays in its files until `vocloop erase --scrub` is run."


async def scrub(engine: AsyncEngine) -> None:
    """Write the tables anew without what was forgotten. It takes as long as the ledger is large, and writers wait.

    What was copied elsewhere is not reached: backups, replicas, PostgreSQL's archived log. Raises LedgerUnavailable.
    """
    try:
        async with engine.connect() as connection:
            # Straight to the driver: this is for no transaction.
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver
            if engine.dialect.name == "sqlite":
                await _scrub_file(driver)
            else:
                for table in _TABLES:
                    await driver.execute(f"VACUUM (FULL) {table.name}")
    except away() as error:
        raise LedgerUnavailable(_BUSY) from error


async def _scrub_file(driver: Any) -> None:
    for statement in _SQLITE:
        await driver.execute(statement)
    busy = await (await driver.execute(_SHORTEN)).fetchone()
    if busy[0]:
        raise LedgerUnavailable(_BUSY)
