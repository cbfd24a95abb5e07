"""Goodwill that was asked for, and how it stands."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision: str | None = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "goodwill",
        sa.Column("request_id", sa.String(length=80), nullable=False),
        sa.Column("region", sa.String(length=32), server_default="", nullable=False),
        sa.Column("month", sa.String(length=7), server_default="", nullable=False),
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), server_default="", nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.String(length=128), server_default="", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("state", sa.String(length=16), server_default="", nullable=False),
        sa.Column("seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("entry", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_goodwill")),
    )
    op.create_index(op.f("ix_goodwill_ticket_no"), "goodwill", ["ticket_no"])
    op.create_index(op.f("ix_goodwill_region_month"), "goodwill", ["region", "month"])
    for name, state in (("unanswered", ""), ("at_desk", "at_desk")):
        where = sa.text(f"state = '{state}'")
        op.create_index(f"ix_goodwill_{name}", "goodwill", ["asked_at"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "goodwill_matters",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("key", "request_id", name=op.f("pk_goodwill_matters")),
    )


def downgrade() -> None:
    op.drop_table("goodwill_matters")
    op.drop_table("goodwill")
