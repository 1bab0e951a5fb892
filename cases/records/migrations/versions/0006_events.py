"""Events that figures are made from; those of cases that are known already come from their audit."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("case_id", sa.String(1000), nullable=False),
        sa.Column("run", sa.String(255), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON()),
        sa.PrimaryKeyConstraint("case_id", "run", "n"),
    )
    op.create_index("events_by_time", "events", ["at"])
    _fill()


def _fill() -> None:
    """Beginning and end of the cases that are known already; what lies between was never told apart."""
    cases = sa.table(
        "cases",
        sa.column("case_id", sa.String),
        sa.column("run", sa.String),
        sa.column("started_at", sa.DateTime(timezone=True)),
        sa.column("closed_at", sa.DateTime(timezone=True)),
        sa.column("ended_as", sa.String),
    )
    events = sa.table(
        "events",
        sa.column("case_id", sa.String),
        sa.column("run", sa.String),
        sa.column("n", sa.Integer),
        sa.column("kind", sa.String),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("told_at", sa.DateTime(timezone=True)),
        sa.column("data", sa.JSON),
    )
    connection = op.get_bind()
    rows: list[dict[str, object]] = []
    for each in connection.execute(sa.select(cases)).mappings():
        known = {"case_id": each["case_id"], "run": each["run"]}
        at = each["started_at"]
        rows.append(known | {"n": 0, "kind": "began", "at": at, "told_at": at, "data": {}})
        at = each["closed_at"]
        if at is not None:
            data = {"as": each["ended_as"]}
            rows.append(known | {"n": -1, "kind": "ended", "at": at, "told_at": at, "data": data})
    if rows:
        connection.execute(sa.insert(events), rows)
