"""What a post has not read yet, the newest first."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision: str | None = "0013"
branch_labels = None
depends_on = None

_UNREAD = sa.text("read_at IS NULL")
_COLUMNS = ["department", "audience", "created_at"]


def upgrade() -> None:
    op.create_index(
        "ix_notices_unread", "notices", _COLUMNS, unique=False, sqlite_where=_UNREAD, postgresql_where=_UNREAD
    )


def downgrade() -> None:
    op.drop_index("ix_notices_unread", table_name="notices")
