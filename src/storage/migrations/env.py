"""What alembic runs: the migrations, on the connection that it is given."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    render_as_batch=True,  # SQLite can hardly alter a table: it is copied instead
    transaction_per_migration=True,
)
context.run_migrations()
