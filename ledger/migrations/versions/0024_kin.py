"""Complaints of one vehicle that belong together, and at which tickets somebody still has to look."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision: str | None = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kin_looks",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("ticket_no", name=op.f("pk_kin_looks")),
    )
    owed = sa.text("found_at IS NULL")
    op.create_index("ix_kin_looks_owed", "kin_looks", ["taken_at"], sqlite_where=owed, postgresql_where=owed)
    op.create_table(
        "kin",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("other", sa.String(length=64), nullable=False),
        sa.Column("kin", sa.String(length=16), nullable=False),
        sa.Column("department", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("ticket_no", "other", name=op.f("pk_kin")),
    )
    op.create_index(op.f("ix_kin_other"), "kin", ["other"])
    op.create_index(op.f("ix_kin_department"), "kin", ["department"])


def downgrade() -> None:
    op.drop_table("kin")
    op.drop_table("kin_looks")
