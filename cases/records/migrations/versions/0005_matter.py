"""Whose record a case works on."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("matter", sa.String(1000)))
    op.create_index("cases_by_matter", "cases", ["matter"])
