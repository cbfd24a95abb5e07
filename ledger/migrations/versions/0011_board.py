"""What the board reads every other second: open complaints by desk and first tag, and new breaches."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"
branch_labels = None
depends_on = None

_OPEN = sa.text("closed_at IS NULL")
_INDEXES = {
    "ix_complaints_open_lights": ["desk", "tag", "yellow_at", "due_at", "closed_at"],
    "ix_complaints_open_since": ["created_at", "ticket_no"],
}
_FIRST_TAG = {
    "sqlite": "UPDATE complaints SET tag = coalesce(json_extract(tags, '$[0]'), '')",
    "postgresql": "UPDATE complaints SET tag = coalesce(tags ->> 0, '')",
}


def upgrade() -> None:
    op.add_column("complaints", sa.Column("tag", sa.String(length=64), server_default="", nullable=False))
    op.execute(_FIRST_TAG[op.get_context().dialect.name])
    for name, columns in _INDEXES.items():
        op.create_index(name, "complaints", columns, unique=False, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index(op.f("ix_breaches_noticed_at"), "breaches", ["noticed_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_breaches_noticed_at"), table_name="breaches")
    for name in _INDEXES:
        op.drop_index(name, table_name="complaints")
    op.drop_column("complaints", "tag")
