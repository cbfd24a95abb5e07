"""Complaints whose texts are alike, and customers' marks: keyed hashes, which go when a complaint is erased."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision: str | None = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_bands",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("band", sa.String(length=16), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ticket_no", "place", name=op.f("pk_campaign_bands")),
    )
    op.create_index(op.f("ix_campaign_bands_band_created_at"), "campaign_bands", ["band", "created_at"])
    op.create_table(
        "campaign_members",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("campaign", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("ticket_no", name=op.f("pk_campaign_members")),
    )
    op.create_index(op.f("ix_campaign_members_campaign"), "campaign_members", ["campaign"])
    op.create_table(
        "customer_marks",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("ticket_no", "mark", name=op.f("pk_customer_marks")),
    )
    op.create_index(op.f("ix_customer_marks_mark"), "customer_marks", ["mark"])


def downgrade() -> None:
    op.drop_table("customer_marks")
    op.drop_table("campaign_members")
    op.drop_table("campaign_bands")
