"""What masking hides is no longer found by all. The search fills itself again while the API runs."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision: str | None = "0014"
branch_labels = None
depends_on = None

_KEPT = "SELECT ticket_no FROM tickets UNION SELECT ticket_no FROM notes"


def upgrade() -> None:
    op.add_column("search_texts", sa.Column("rules", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_outdated_search_texts", "search_texts", ["rules"], unique=False)
    # What was made by the old rules would go on telling, so nothing of it stays.
    op.execute("UPDATE search_texts SET open_tokens = '', personal_tokens = ''")
    missing = f"SELECT ticket_no, '', '' FROM ({_KEPT}) AS kept"
    missing += " WHERE ticket_no NOT IN (SELECT ticket_no FROM search_texts)"
    op.execute(f"INSERT INTO search_texts (ticket_no, open_tokens, personal_tokens) {missing}")
    if op.get_context().dialect.name == "sqlite":
        op.execute("INSERT INTO search_index (search_index) VALUES ('rebuild')")


def downgrade() -> None:
    op.drop_index("ix_outdated_search_texts", table_name="search_texts")
    op.drop_column("search_texts", "rules")
