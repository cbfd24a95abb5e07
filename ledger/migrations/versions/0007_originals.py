"""Evidence by the hash of the file as it was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_originals",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("original_sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("ticket_no", "original_sha256", name=op.f("pk_evidence_originals")),
    )


def downgrade() -> None:
    op.drop_table("evidence_originals")
