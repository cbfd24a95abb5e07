"""Vehicles and their repairs."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision: str | None = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vehicles",
        sa.Column("vin", sa.String(length=17), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("invoiced_on", sa.Date(), nullable=True),
        sa.Column("mileage_km", sa.Integer(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_household", sa.Boolean(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_by", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("vin", name=op.f("pk_vehicles")),
    )
    op.create_table(
        "repairs",
        sa.Column("vin", sa.String(length=17), nullable=False),
        sa.Column("repair_no", sa.String(length=64), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_quality", sa.Boolean(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_by", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("vin", "repair_no", name=op.f("pk_repairs")),
    )


def downgrade() -> None:
    op.drop_table("repairs")
    op.drop_table("vehicles")
