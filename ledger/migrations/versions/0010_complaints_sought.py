"""Complaints by their owner, and by the time they were created, are found without reading all."""

from alembic import op

revision = "0010"
down_revision: str | None = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_complaints_created_at"), "complaints", ["created_at"], unique=False)
    columns = ["owner", "urgent_at", "ticket_no"]
    op.create_index(op.f("ix_complaints_owner_urgent_at_ticket_no"), "complaints", columns, unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_complaints_owner_urgent_at_ticket_no"), table_name="complaints")
    op.drop_index(op.f("ix_complaints_created_at"), table_name="complaints")
