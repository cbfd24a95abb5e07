"""Who of CX looks after a complaint. Lists know which are for an expert: run `vocloop ledger rebuild` once."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision: str | None = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column: sa.Column[bool] = sa.Column("calls_expert", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("complaints", column)
    op.create_table(
        "seatings",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seat", sa.String(length=64), nullable=False),
        sa.Column("duty", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("ticket_no", "number", name=op.f("pk_seatings")),
    )
    held = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_seatings_held", "seatings", ["ticket_no"], unique=True, sqlite_where=held, postgresql_where=held
    )
    op.create_index("ix_seatings_of_seat", "seatings", ["seat"], sqlite_where=held, postgresql_where=held)


def downgrade() -> None:
    op.drop_table("seatings")
    op.drop_column("complaints", "calls_expert")
