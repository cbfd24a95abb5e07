"""A key for each complaint, what was done with its personal data, and legal holds."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision: str | None = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "complaint_keys",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("ticket_no", name=op.f("pk_complaint_keys")),
    )
    op.create_table(
        "restricted_papers",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_no", name=op.f("pk_restricted_papers")),
    )
    op.create_table(
        "personal_acts",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_personal_acts")),
    )
    op.create_index(op.f("ix_personal_acts_ticket_no_number"), "personal_acts", ["ticket_no", "number"], unique=False)
    op.create_table(
        "legal_holds",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_legal_holds")),
    )
    op.create_index(op.f("ix_legal_holds_ticket_no"), "legal_holds", ["ticket_no"], unique=False)


def downgrade() -> None:
    op.drop_table("legal_holds")
    op.drop_table("personal_acts")
    op.drop_table("restricted_papers")
    op.drop_table("complaint_keys")
