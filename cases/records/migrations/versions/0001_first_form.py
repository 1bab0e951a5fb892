"""The first form of the records."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("case_id", sa.String(1000), nullable=False),
        sa.Column("run", sa.String(255), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(255), nullable=False),
        sa.Column("by", sa.Text()),
        sa.Column("text", sa.Text()),
        sa.Column("detail", sa.JSON()),
        sa.PrimaryKeyConstraint("case_id", "run", "n"),
    )
    op.create_table(
        "candidates",
        sa.Column("case_id", sa.String(1000), nullable=False),
        sa.Column("run", sa.String(255), nullable=False),
        sa.Column("item", sa.String(255), nullable=False),
        sa.Column("who", sa.String(258), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "run", "item", "who"),
    )
    op.create_index("candidates_by_who", "candidates", ["who"])
    op.create_table(
        "cases",
        sa.Column("case_id", sa.String(1000), nullable=False),
        sa.Column("run", sa.String(255), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("definition", sa.String(255), nullable=False),
        sa.Column("version", sa.String(255)),
        sa.Column("digest", sa.String(64)),
        sa.Column("key", sa.String(1000), nullable=False),
        sa.Column("status", sa.Text()),
        sa.Column("phase", sa.String(32), nullable=False),
        sa.Column("step", sa.Text()),
        sa.Column("priority", sa.Text()),
        sa.Column("type", sa.Text()),
        sa.Column("subject", sa.Text()),
        sa.Column("requester", sa.JSON()),
        sa.Column("sender", sa.Text()),
        sa.Column("customer", sa.JSON()),
        sa.Column("case_group", sa.Text()),
        sa.Column("owner", sa.Text()),
        sa.Column("ticket", sa.Text()),
        sa.Column("links", sa.JSON()),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("ended_as", sa.String(32)),
        sa.Column("closing", sa.JSON()),
        sa.PrimaryKeyConstraint("case_id", "run"),
    )
    op.create_index("cases_by_end", "cases", ["closed_at"])
    op.create_index("cases_by_key", "cases", ["definition", "key"])
    op.create_index("cases_by_phase", "cases", ["phase"])
    op.create_index("cases_by_sender", "cases", ["sender"])
    op.create_index("cases_by_start", "cases", ["started_at", "case_id"])
    op.create_table(
        "items",
        sa.Column("case_id", sa.String(1000), nullable=False),
        sa.Column("run", sa.String(255), nullable=False),
        sa.Column("item", sa.String(255), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("task", sa.Text()),
        sa.Column("title", sa.Text()),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("person", sa.Text()),
        sa.Column("opened_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("document", sa.JSON()),
        sa.PrimaryKeyConstraint("case_id", "run", "item"),
    )
    op.create_index("items_by_person", "items", ["person", "state"])
    op.create_index("items_by_state", "items", ["state", "due_at"])
    op.create_table(
        "mails",
        sa.Column("message_id", sa.String(998), nullable=False),
        sa.Column("case_id", sa.String(1000), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("result", sa.JSON()),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("mails_by_case", "mails", ["case_id"])
    op.create_index("mails_by_time", "mails", ["at"])
    op.create_table(
        "messages",
        sa.Column("message_id", sa.String(998), nullable=False),
        sa.Column("case_id", sa.String(1000), nullable=False),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("message_id", "case_id"),
    )
    op.create_index("messages_by_case", "messages", ["case_id"])
    op.create_table(
        "quarantine",
        sa.Column("id", sa.String(1000), nullable=False),
        sa.Column("source", sa.String(255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(255), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("message_id", sa.Text()),
        sa.Column("sender", sa.Text()),
        sa.Column("subject", sa.Text()),
        sa.Column("case_id", sa.String(1000)),
        sa.Column("file", sa.JSON()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("quarantine_by_time", "quarantine", ["at"])
    op.create_table(
        "recipients",
        sa.Column("message_id", sa.String(998), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "place"),
    )
    op.create_index("recipients_by_address", "recipients", ["address"])
    op.create_table(
        "requests",
        sa.Column("scope", sa.String(255), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.JSON()),
        sa.PrimaryKeyConstraint("scope", "key"),
    )
    op.create_index("requests_by_time", "requests", ["at"])
    op.create_table(
        "tickets",
        sa.Column("ticket", sa.String(1000), nullable=False),
        sa.Column("case_id", sa.String(1000), nullable=False),
        sa.PrimaryKeyConstraint("ticket", "case_id"),
    )
    op.create_index("tickets_by_case", "tickets", ["case_id"])
