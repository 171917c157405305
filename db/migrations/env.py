"""Run migrations on the connection that `db.migrate` hands over."""

from alembic import context

import db.models  # noqa: F401  registers the tables
from db.base import Base

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("migrations run through db.migrate, which passes its connection")

context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
