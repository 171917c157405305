"""Database writes of a workflow that happen exactly once: their result is stored in the same transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from db.engine import Database, TenantSession
from db.tenancy import current_account_id
from services.durable.steps import StepFailedError, error_fields
from services.durable.types import as_json

if TYPE_CHECKING:
    from dbos import AsyncSQLAlchemyDatasource

POOL_SIZE = 2


class _RolledBackError(Exception):
    """Carries the fields of an error through the engine, which stores `data` as it is."""

    def __init__(self, data: dict[str, str]) -> None:
        super().__init__(data["message"])
        self.data = data


class Transactions:
    """Runs transaction steps on the application's database, with connections of its own.

    The engine changes the driver's transaction mode on SQLite connections, and it stays changed: a shared pool would
    hand such connections to everybody else.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url, pool_size=POOL_SIZE)
        self._datasource: AsyncSQLAlchemyDatasource | None = None

    async def open(self) -> None:
        """Create the engine's table for results if need be; before the engine is launched."""
        from dbos import AsyncSQLAlchemyDatasource, DBOSPortableJSONSerializer

        self._datasource = await AsyncSQLAlchemyDatasource.create(
            self._database.url.render_as_string(hide_password=False),
            engine=self._database.engine,
            serializer=DBOSPortableJSONSerializer(),
            sessionmaker=async_sessionmaker(expire_on_commit=False, sync_session_class=TenantSession),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._database.close()

    async def step(self, name: str, function: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
        """Run `function` with a session of the current account, and keep its JSON result with what it wrote."""
        from dbos import PortableWorkflowError

        datasource = self._datasource
        assert datasource is not None, "open() comes first"

        async def in_transaction() -> Any:
            session = datasource.sql_session()
            await self._database.begin(session, write=True, account_id=current_account_id())
            try:
                result = await function(session)
                await session.flush()
                return as_json(result)
            except DBAPIError:
                raise  # the engine tries again what collided with another transaction
            except Exception as error:
                raise _RolledBackError(error_fields(name, error)) from error

        try:
            return await datasource.run_tx_step_async({"name": name}, in_transaction)
        except _RolledBackError as error:
            fields: Mapping[str, Any] = error.data
        except PortableWorkflowError as replayed:
            fields = replayed.data if isinstance(replayed.data, dict) else error_fields(name, replayed)
        except DBAPIError as error:
            fields = error_fields(name, error)
        raise StepFailedError(name, fields["kind"], fields["message"], hint=fields["hint"])
