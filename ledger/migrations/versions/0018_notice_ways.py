"""By which way a notice went out."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision: str | None = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notices") as batch:
        batch.add_column(sa.Column("sent_by", sa.String(length=64), server_default="", nullable=False))
    op.execute("UPDATE notices SET sent_by = 'mail' WHERE sent_at IS NOT NULL")


def downgrade() -> None:
    with op.batch_alter_table("notices") as batch:
        batch.drop_column("sent_by")
