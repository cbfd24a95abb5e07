"""How far the CRM's tickets were read, and where it and the ledger differ."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision: str | None = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crm_cursors",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reached_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", name=op.f("pk_crm_cursors")),
    )
    op.create_table(
        "crm_differences",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("ticket_no", "what", name=op.f("pk_crm_differences")),
    )


def downgrade() -> None:
    op.drop_table("crm_differences")
    op.drop_table("crm_cursors")
