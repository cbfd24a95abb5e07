"""The complaints as they stand, projected from the events."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "complaints",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("policy_version", sa.String(length=128), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("risk_level", sa.Integer(), nullable=False),
        sa.Column("is_complex", sa.Boolean(), nullable=False),
        sa.Column("is_grey", sa.Boolean(), nullable=False),
        sa.Column("is_red_line", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hops", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_fix_failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refusals", sa.Integer(), server_default="0", nullable=False),
        sa.Column("transfers_refused", sa.Integer(), server_default="0", nullable=False),
        sa.Column("clock_kind", sa.String(length=16), server_default="", nullable=False),
        sa.Column("clock", sa.String(length=64), server_default="", nullable=False),
        sa.Column("yellow_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("urgent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_rule", sa.String(length=128), server_default="", nullable=False),
        sa.Column("closing", sa.String(length=16), server_default="", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into", sa.String(length=64), server_default="", nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_no", name=op.f("pk_complaints")),
    )
    op.create_index(
        op.f("ix_complaints_desk_urgent_at_ticket_no"), "complaints", ["desk", "urgent_at", "ticket_no"], unique=False
    )
    op.create_index(op.f("ix_complaints_next_due_at"), "complaints", ["next_due_at"], unique=False)
    op.create_index(op.f("ix_complaints_urgent_at_ticket_no"), "complaints", ["urgent_at", "ticket_no"], unique=False)
    op.create_table(
        "complaint_tags",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_no"],
            ["complaints.ticket_no"],
            name=op.f("fk_complaint_tags_ticket_no_complaints"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_no", "tag", name=op.f("pk_complaint_tags")),
    )
    op.create_index(op.f("ix_complaint_tags_tag_ticket_no"), "complaint_tags", ["tag", "ticket_no"], unique=False)
    op.create_table(
        "hops",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("is_grey", sa.Boolean(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("response", sa.String(length=16), server_default="", nullable=False),
        sa.Column("responded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_to", sa.String(length=64), server_default="", nullable=False),
        sa.Column("is_refuted", sa.Boolean(), nullable=False),
        sa.Column("is_void", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_no"], ["complaints.ticket_no"], name=op.f("fk_hops_ticket_no_complaints"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_no", "number", name=op.f("pk_hops")),
    )
    op.create_index(op.f("ix_hops_department"), "hops", ["department"], unique=False)
    op.create_table(
        "claims",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("root_cause", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_no"], ["complaints.ticket_no"], name=op.f("fk_claims_ticket_no_complaints"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_no", "round", name=op.f("pk_claims")),
    )
    op.create_index(op.f("ix_claims_department"), "claims", ["department"], unique=False)
    op.create_table(
        "breaches",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("clock", sa.String(length=64), nullable=False),
        sa.Column("clock_kind", sa.String(length=16), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("charged", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_no"], ["complaints.ticket_no"], name=op.f("fk_breaches_ticket_no_complaints"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_no", "number", name=op.f("pk_breaches")),
    )
    op.create_index(op.f("ix_breaches_department"), "breaches", ["department"], unique=False)
    op.create_table(
        "escalations",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("to", sa.String(length=64), nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=64), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_no"],
            ["complaints.ticket_no"],
            name=op.f("fk_escalations_ticket_no_complaints"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_no", "number", name=op.f("pk_escalations")),
    )
    op.create_table(
        "refusals",
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("department", sa.String(length=64), server_default="", nullable=False),
        sa.Column("command", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_no"], ["complaints.ticket_no"], name=op.f("fk_refusals_ticket_no_complaints"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_no", "seq", name=op.f("pk_refusals")),
    )
    op.create_index(op.f("ix_refusals_department"), "refusals", ["department"], unique=False)


def downgrade() -> None:
    op.drop_table("refusals")
    op.drop_table("escalations")
    op.drop_table("breaches")
    op.drop_table("claims")
    op.drop_table("hops")
    op.drop_table("complaint_tags")
    op.drop_table("complaints")
