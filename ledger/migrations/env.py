"""Run by Alembic for each migration: on the connection it is given or, without one, as SQL to read."""

from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.script import Script

from ledger import access_tables as access_tables
from ledger import crm_cursors as crm_cursors
from ledger import crm_differences as crm_differences
from ledger import crm_refusals as crm_refusals
from ledger import customer_links as customer_links
from ledger import evidence_checks as evidence_checks
from ledger import personal_tables as personal_tables
from ledger import red_lines as red_lines
from ledger import saved_filters as saved_filters
from ledger import search as search
from ledger import seatings as seatings
from ledger import vehicles as vehicles
from ledger.tables import events

METADATA = events.metadata
GIVEN = context.config.attributes  # by ledger.database


def _tell(ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]) -> None:  # noqa: ARG001
    on_step, revision = GIVEN.get("on_step"), step.up_revision
    if on_step and isinstance(revision, Script):
        on_step(revision.doc)


if context.is_offline_mode():
    context.configure(dialect_name=GIVEN["dialect"], target_metadata=METADATA, literal_binds=True)
else:
    context.configure(
        GIVEN["connection"],
        target_metadata=METADATA,
        render_as_batch=True,
        transactional_ddl=True,
        on_version_apply=_tell,
    )
with context.begin_transaction():
    context.run_migrations()
