"""Lists say which due instants may still move. Complaints whose do: run `vocloop ledger rebuild` once."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision: str | None = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column: sa.Column[bool] = sa.Column("is_provisional", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("complaints", column)


def downgrade() -> None:
    op.drop_column("complaints", "is_provisional")
