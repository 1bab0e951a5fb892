"""Runs migrations on the connection that `cases.records.database` hands over."""

from alembic import context

from cases.records.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
