"""Full-text search, lists that people saved, and who supports. Older complaints: run `vocloop ledger rebuild` once."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels = None
depends_on = None

_TOKENS = ("open_tokens", "personal_tokens")


def upgrade() -> None:
    op.create_table(
        "search_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("open_tokens", sa.Text(), nullable=False),
        sa.Column("personal_tokens", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_texts")),
        sa.UniqueConstraint("ticket_no", name=op.f("uq_search_texts_ticket_no")),
    )
    if op.get_context().dialect.name == "sqlite":
        columns = "open_tokens, personal_tokens, content='search_texts', content_rowid='id', tokenize='ascii'"
        op.execute(f"CREATE VIRTUAL TABLE search_index USING fts5({columns})")
    else:
        for name in _TOKENS:
            index = f"CREATE INDEX ix_search_texts_{name} ON search_texts USING gin"
            op.execute(f"{index} (to_tsvector('simple', {name}))")
    op.create_table(
        "saved_filters",
        sa.Column("person_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "name", name=op.f("pk_saved_filters")),
    )
    op.create_table(
        "complaint_supporters",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_no"],
            ["complaints.ticket_no"],
            name=op.f("fk_complaint_supporters_ticket_no_complaints"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_no", "department", name=op.f("pk_complaint_supporters")),
    )
    op.create_index(
        op.f("ix_complaint_supporters_department_ticket_no"),
        "complaint_supporters",
        ["department", "ticket_no"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("complaint_supporters")
    op.drop_table("saved_filters")
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index")
    op.drop_table("search_texts")
