"""Red lines, and what happened in each."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision: str | None = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "red_lines",
        sa.Column("red_line_id", sa.String(length=80), nullable=False),
        sa.Column("ticket_no", sa.String(length=64), server_default="", nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("matters", sa.JSON(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("red_line_id", name=op.f("pk_red_lines")),
    )
    owed = sa.text("started_at IS NULL")
    op.create_index("ix_red_lines_owed", "red_lines", ["told_at"], sqlite_where=owed, postgresql_where=owed)
    op.create_table(
        "red_line_happenings",
        sa.Column("red_line_id", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("red_line_id", "seq", name=op.f("pk_red_line_happenings")),
    )


def downgrade() -> None:
    op.drop_table("red_line_happenings")
    op.drop_index("ix_red_lines_owed", table_name="red_lines")
    op.drop_table("red_lines")
