"""The improvement register."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "improvements",
        sa.Column("entry", sa.String(255), nullable=False),
        sa.Column("case_id", sa.String(1000), nullable=False),
        sa.Column("run", sa.String(255), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("title", sa.Text()),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.JSON()),
        sa.PrimaryKeyConstraint("entry"),
    )
    op.create_index("improvements_by_case", "improvements", ["case_id", "run"])
    op.create_index("improvements_by_time", "improvements", ["added_at", "entry"])
