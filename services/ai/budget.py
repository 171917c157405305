"""An account's money for models in a month: what was spent, and what is promised to calls that go on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from db.engine import Database
from db.repositories import ai as repository
from db.tenancy import current_account_id
from services.clock import Now

BUDGET_PREFERENCE = "model_monthly_budget_usd"


class OverBudgetError(Exception):
    """The account's money for this month is used up or promised."""


class ModelBudget:
    """The budget of the current account."""

    def __init__(self, database: Database, now: Now, monthly_usd: float) -> None:
        self._database = database
        self._now = now
        self._monthly_usd = monthly_usd
        self._promised: dict[str, int] = defaultdict(int)

    @asynccontextmanager
    async def promise(self, estimate: int) -> AsyncIterator[None]:
        """Set microdollars aside while a call runs; raises `OverBudgetError` when there is not enough left."""
        account_id = current_account_id()
        self._promised[account_id] += estimate
        try:
            # before the query: a call that ends meanwhile counts twice, not never
            promised = self._promised[account_id]
            budget, spent = await self._budget_and_spent()
            if estimate and spent + promised > budget:
                raise OverBudgetError(f"this month's budget of ${budget / 1_000_000:.2f} is used up")
            yield
        finally:
            self._promised[account_id] -= estimate

    async def _budget_and_spent(self) -> tuple[int, int]:
        month = self._now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        async with self._database.transaction(write=False) as session:
            budget_usd = await repository.preference(session, BUDGET_PREFERENCE, self._monthly_usd)
            spent = await repository.cost_since(session, month)
        return round(float(budget_usd) * 1_000_000), spent
