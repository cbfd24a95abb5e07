"""What CX's desk reads: open complaints by their stage, the most urgent first."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision: str | None = "0012"
branch_labels = None
depends_on = None

_OPEN = sa.text("closed_at IS NULL")
_INDEX = "ix_complaints_open_stages"


def upgrade() -> None:
    columns = ["stage", "urgent_at", "ticket_no"]
    op.create_index(_INDEX, "complaints", columns, unique=False, sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    op.drop_index(_INDEX, table_name="complaints")
