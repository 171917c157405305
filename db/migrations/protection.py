"""What migrations put around tables: row-level security by account, and append-only triggers."""

from __future__ import annotations

from collections.abc import Iterable

from alembic import op


def enable_row_level_security(tables: Iterable[str]) -> None:
    """Let a transaction see only rows of `app.current_account_id` (Postgres; the owner too)."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy {table}_of_account on {table} "
            "using (account_id = current_setting('app.current_account_id', true)) "
            "with check (account_id = current_setting('app.current_account_id', true))"
        )


def make_append_only(table: str) -> None:
    """Refuse updates and deletes on `table` in the database itself."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"create function {table}_append_only() returns trigger language plpgsql as "
            f"$$ begin raise exception '{table} is append-only'; end $$"
        )
        op.execute(
            f"create trigger {table}_append_only before update or delete on {table} "
            f"for each row execute function {table}_append_only()"
        )
        return
    for change in ("update", "delete"):
        op.execute(
            f"create trigger {table}_no_{change} before {change} on {table} "
            f"begin select raise(abort, '{table} is append-only'); end"
        )
