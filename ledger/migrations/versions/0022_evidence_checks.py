"""When each file of evidence was last read whole, and what was wrong with it."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision: str | None = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_checks",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fault", sa.String(length=16), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_evidence_checks")),
    )


def downgrade() -> None:
    op.drop_table("evidence_checks")
