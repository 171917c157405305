"""Bringing the reconciliation's spreadsheet up to date: read, plan, write, read back, until it says what is wanted."""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import structlog

from services.effects import Actor, EffectRecord, Effects, Intent, Json, Operation, Undo
from services.errors import NotConfiguredError, VendorError, VendorRejectedError
from services.pm.months import Month
from services.pm.reconciliation.sheet import SheetPlan, SheetRow, plan_update
from services.pm.reconciliation.sheet_repair import Repair, repair_of
from services.slack.markup import bold
from services.vendors.google_sheets import GoogleSheets, Grid, SheetTab, SpreadsheetFile, spreadsheet_id_of

TAB = "FlowPilot reconciliation"
PASSES = 4
"""People may sort and insert while we write; so often the sheet is looked at again and finished."""
VENDOR = "Google Sheets"
FLOWPILOT = Actor(None, "FlowPilot")

FindSpreadsheet = Callable[[], Awaitable[str | None]]
"""Returns the address or id of the current account's spreadsheet."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SheetResult:
    """Where the sheet is, and what became of the rows: `gone` ones were marked, none is ever deleted.

    `overwritten` are formulas of people (addresses) that were hit because somebody moved columns in that very moment;
    the spreadsheet's version history has them. It is empty but for such an accident.
    """

    url: str
    updated: int
    appended: int
    unchanged: int
    gone: int = 0
    overwritten: tuple[str, ...] = ()


class ReconciliationSheet:
    """The tab of the current account's spreadsheet that FlowPilot shares with the project managers."""

    def __init__(self, sheets: GoogleSheets, effects: Effects, find_spreadsheet: FindSpreadsheet) -> None:
        self._sheets = sheets
        self._effects = effects
        self._find_spreadsheet = find_spreadsheet

    async def is_configured(self) -> bool:
        """Tell whether the current account has named its spreadsheet."""
        return bool(await self._find_spreadsheet())

    async def update(self, rows: Sequence[SheetRow], *, months: Iterable[Month] = ()) -> SheetResult:
        """Bring our cells up to date and verify them; rows of `months` that `rows` lacks are marked as gone.

        Raises `NotConfiguredError` without a spreadsheet, `ConflictError` when our headers cannot be told, and the
        `VendorError` kinds. Doing it again does no harm, and finishes what was cut off.
        """
        named = await self._find_spreadsheet()
        spreadsheet_id = spreadsheet_id_of(named) if named else None
        if spreadsheet_id is None:
            raise NotConfiguredError(
                "No spreadsheet is set for the reconciliation.", hint="Put its address into /flowpilot settings."
            )
        file = await self._sheets.spreadsheet(spreadsheet_id)
        scope = sorted({*months, *(row.month for row in rows)})
        plan = plan_update(await grid_of(self._sheets, file), rows, scope)
        if plan.is_empty:
            return _result(file, plan)
        receipt = await self._effects.perform(
            Intent(
                operation=UpdateSheet.name,
                target=file.title[:200] or spreadsheet_id,
                arguments={
                    "spreadsheet_id": spreadsheet_id,
                    "months": [str(month) for month in scope],
                    "rows": [{**asdict(row), "month": str(row.month)} for row in rows],
                },
                actor=FLOWPILOT,
                reason=f"reconciliation of {', '.join(str(month) for month in scope) or 'no month'}",
                # what to do follows from the sheet as it is, so that a second run needs no memory of the first
                idempotency_key=f"sheet:{uuid.uuid4().hex}",
            )
        )
        told = receipt.after if isinstance(receipt.after, dict) else {}
        counts = {name: int(told.get(name, 0)) for name in ("updated", "appended", "unchanged", "gone")}
        return SheetResult(url=file.url, overwritten=tuple(told.get("overwritten") or ()), **counts)


class UpdateSheet:
    """`google_sheets.reconcile` {spreadsheet_id, months, rows}.

    The state is a digest of all cells and whether they say what is wanted: when somebody (or a later run) changed the
    sheet after a crash, an old write is not finished over it; the next run brings it up to date.
    """

    name = "google_sheets.reconcile"

    def __init__(self, sheets: GoogleSheets) -> None:
        self._sheets = sheets
        # within this process one update follows another; two at once would append the same rows
        self._lock = asyncio.Lock()

    async def read(self, effect: EffectRecord) -> Json:
        """Return whether the sheet says what is wanted, and a digest of what it says."""
        file = await self._sheets.spreadsheet(effect.arguments["spreadsheet_id"])
        grid = await grid_of(self._sheets, file)
        digest = hashlib.sha256(json.dumps(grid).encode()).hexdigest()
        return {"is_current": _plan(effect, grid).is_empty, "digest": digest, "url": file.url}

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Tell whether nothing needs writing."""
        return bool(state["is_current"])

    async def find(self, effect: EffectRecord) -> Json | None:
        """Return the state if the sheet has come to say what was wanted."""
        state = await self.read(effect)
        return state if state["is_current"] else None

    async def write(self, effect: EffectRecord) -> Json:
        """Write, look, and write what is still missing; raises `VendorError` when it never comes to an end."""
        async with self._lock:
            return await self._write(effect)

    async def _write(self, effect: EffectRecord) -> Json:
        passes: list[tuple[Grid, SheetPlan]] = []
        lost: list[str] = []
        failure: VendorError | None = None
        for _ in range(PASSES):
            file = await self._sheets.spreadsheet(effect.arguments["spreadsheet_id"])
            grid = await grid_of(self._sheets, file)
            if passes and (repair := repair_of(*passes[-1], grid)) != Repair():
                lost += repair.lost
                grid = await self._give_back(file, repair, grid)
            plan = _plan(effect, grid)
            passes.append((grid, plan))
            if plan.is_empty:
                return _counts(passes[0][1]) | {"overwritten": lost}
            try:
                await self._apply(file, plan)
            except VendorError as error:
                if not error.outcome_unknown and not _is_race(error):
                    raise
                log.warning("sheet_write_open", error=error.message)
                failure = error
        raise failure or VendorError(
            VENDOR,
            "The spreadsheet was changed again and again while FlowPilot wrote into it.",
            hint="Nothing of yours was touched. Run the reconciliation again in a while.",
        )

    async def _give_back(self, file: SpreadsheetFile, repair: Repair, grid: Grid) -> Grid:
        """Put back what people had where we wrote, and return the sheet as it is then."""
        log.warning("sheet moved while it was written", restored=len(repair.restored), lost=repair.lost)
        tab = file.tab(TAB)
        if tab is None or not repair.restored:
            return grid
        await self._sheets.write(file.id, tab.title, repair.restored)
        return await grid_of(self._sheets, file)

    async def _apply(self, file: SpreadsheetFile, plan: SheetPlan) -> None:
        """Write one plan: made from what was read right before it."""
        tab = file.tab(TAB)
        if tab is None:
            tab = await self._sheets.add_tab(file.id, TAB, frozen_rows=1)
        await self._widen(file, tab, plan)
        if plan.cells:
            await self._sheets.write(file.id, tab.title, plan.cells)
        if plan.appended:
            await self._sheets.append_rows(file.id, tab.id, plan.appended)

    async def _widen(self, file: SpreadsheetFile, tab: SheetTab, plan: SheetPlan) -> None:
        if plan.width > tab.column_count:
            await self._sheets.append_columns(file.id, tab.id, plan.width - tab.column_count)

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when the sheet, read back, does not say what was written."""
        return None if after.get("is_current") else "The spreadsheet does not show what FlowPilot wrote into it."

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Return None: the figures are those of Tempo, and the spreadsheet keeps its own history."""
        return None

    def describe(self, effect: EffectRecord) -> str:
        """Say which months were written."""
        words = f"Brought {bold(effect.target)} up to date ({', '.join(effect.arguments['months'])})"
        lost = (effect.after or {}).get("overwritten")
        # people who moved columns in that very moment have to hear of it
        return f"{words}; look at {', '.join(lost)} in its version history" if lost else words

    def url(self, effect: EffectRecord) -> str:
        """Return the spreadsheet's address."""
        told = (effect.after or {}).get("url") or (effect.before or {}).get("url")
        return str(told or f"https://docs.google.com/spreadsheets/d/{effect.arguments['spreadsheet_id']}/edit")


async def grid_of(sheets: GoogleSheets, file: SpreadsheetFile) -> Grid:
    """Return all cells of our tab; none where there is no such tab yet."""
    tab = file.tab(TAB)
    return (await sheets.values(file.id, [tab.title]))[0] if tab is not None else []


def _plan(effect: EffectRecord, grid: Grid) -> SheetPlan:
    told = effect.arguments
    rows = [SheetRow(**{**row, "month": Month.parse(row["month"])}) for row in told["rows"]]
    return plan_update(grid, rows, [Month.parse(month) for month in told["months"]])


def _is_race(error: VendorError) -> bool:
    """Tell whether it was refused for what may be gone at the next look: a tab just made, a row just deleted."""
    return isinstance(error, VendorRejectedError) and error.status == 400


def _counts(plan: SheetPlan) -> dict[str, Any]:
    return {
        "updated": plan.updated,
        "appended": len(plan.appended),
        "unchanged": plan.unchanged,
        "gone": plan.gone,
    }


def _result(file: SpreadsheetFile, plan: SheetPlan) -> SheetResult:
    return SheetResult(url=file.url, **_counts(plan))


def sheet_operations(sheets: GoogleSheets) -> list[Operation]:
    """Return all operations on spreadsheets."""
    return [UpdateSheet(sheets)]
