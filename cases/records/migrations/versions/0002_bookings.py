"""Bookings of assets and people."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bookings",
        sa.Column("case_id", sa.String(1000), nullable=False),
        sa.Column("run", sa.String(255), nullable=False),
        sa.Column("booking", sa.String(255), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True)),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text()),
        sa.Column("document", sa.JSON()),
        sa.PrimaryKeyConstraint("case_id", "run", "booking"),
    )
    op.create_index("bookings_by_time", "bookings", ["released", "ends_at"])
