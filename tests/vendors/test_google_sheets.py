"""What the Google Sheets client asks and understands, and that the spreadsheet keeps what is the people's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from db.engine import Database
from sandbox.google.state import Formula, Sheet, key_file
from services.clock import utc_now
from services.effects import AuditTrail, Effects, EffectStatus
from services.errors import (
    ConflictError,
    NotConfiguredError,
    VendorAuthError,
    VendorNotFoundError,
    VendorRateLimitedError,
    VendorRejectedError,
    VendorUnavailableError,
)
from services.pm.months import Month
from services.pm.reconciliation.sheet import ACTUAL, GONE, HEADERS, STATUS, SheetRow
from services.pm.reconciliation.sheet_updates import ReconciliationSheet, sheet_operations
from services.vendors.google_sheets import CellRange, GoogleSheets
from services.vendors.google_sheets.tokens import ServiceAccountKey, ServiceAccountTokens
from tests.vendors.google_site import Google, running_google
from tests.vendors.site import QUICK

OCTOBER = Month(2026, 10)
NAMES = {"E-1": "Checkout", "E-2": '=HYPERLINK("http://evil.test")', "E-3": "+Search"}


def row(epic: str, minutes: int, forecast: int | None = 600, month: Month = OCTOBER) -> SheetRow:
    """Return a row of the shop's only team."""
    return SheetRow(month, "SHOP", "Webshop", epic, NAMES[epic], "Harbor", minutes, forecast)


READS_BEFORE_WRITING = 3
ROWS = [row("E-1", 90), row("E-2", 600), row("E-3", 20, None)]


@pytest.fixture
async def site() -> AsyncIterator[Google]:
    """A Google."""
    async with running_google() as running:
        yield running


@pytest.fixture
def sheet(site: Google, database: Database, in_account: str) -> ReconciliationSheet:
    """The spreadsheet of an account."""
    return sheet_of(site, database)


def sheet_of(site: Google, database: Database, sheets: GoogleSheets | None = None) -> ReconciliationSheet:
    """Return the spreadsheet as a process of its own would know it."""
    effects = Effects(database, AuditTrail(database, utc_now), utc_now)
    effects.register(sheet_operations(sheets or site.sheets))

    async def named() -> str | None:
        return f"https://docs.google.com/spreadsheets/d/{site.file.id}/edit#gid=0"

    return ReconciliationSheet(sheets or site.sheets, effects, named)


async def test_values_come_back_as_they_were_written_without_empty_ends(site: Google) -> None:
    made = await site.sheets.add_tab(site.file.id, "It's ours", frozen_rows=1)
    await site.sheets.write(site.file.id, made.title, [CellRange(1, 1, (("=1+1", 2.5), ("", True)))])
    file = await site.sheets.spreadsheet(site.file.id)
    assert [tab.title for tab in file.tabs] == ["Sheet1", "It's ours"]
    assert file.tab("it's OURS") == made
    assert await site.sheets.values(file.id, [made.title, "Sheet1"]) == [[[], ["", "=1+1", 2.5], ["", "", True]], []]
    written = site.file.sheets[1].value(1, 1)
    assert not isinstance(written, Formula)
    with pytest.raises(VendorRejectedError, match="already exists"):
        await site.sheets.add_tab(site.file.id, "It's ours")
    with pytest.raises(VendorRejectedError, match="exceeds grid limits"):
        await site.sheets.write(site.file.id, made.title, [CellRange(0, 26, (("x",),))])


async def test_one_token_serves_all_and_is_replaced_early_or_when_refused(site: Google) -> None:
    await asyncio.gather(*(site.sheets.spreadsheet(site.file.id) for _ in range(5)))
    assert len(site.calls("/token")) == 1
    site.sandbox.google.tokens.clear()
    await site.sheets.spreadsheet(site.file.id)
    assert len(site.calls("/token")) == 2
    clock = [0.0]
    key = ServiceAccountKey.parse(json.dumps(key_file(f"{site.url}/google/token")), "KEY")
    tokens = ServiceAccountTokens(key, QUICK, monotonic=lambda: clock[0])
    first = await tokens.token()
    clock[0] = 3299 - 1
    assert await tokens.token() == first
    clock[0] = 3299
    assert await tokens.token() != first
    await tokens.close()


async def test_a_key_that_google_does_not_accept_is_told_without_the_key(site: Google) -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(VendorAuthError, match=r"Invalid JWT Signature") as caught:
        await site.client(private_key=pem).check()
    assert "PRIVATE" not in str(caught.value)
    with pytest.raises(VendorAuthError, match="account not found"):
        await site.client(client_email="nobody@elsewhere.test").check()
    with pytest.raises(NotConfiguredError, match="cannot be read"):
        await site.client(private_key="nonsense").check()
    for text in ("", "[]", "{}", '{"type": "authorized_user"}'):
        with pytest.raises(NotConfiguredError, match="KEY is not the key"):
            ServiceAccountKey.parse(text, "KEY")


async def test_refusals_say_what_to_do(site: Google) -> None:
    site.file.shared_with.clear()
    with pytest.raises(VendorRejectedError, match="does not have permission") as refused:
        await site.sheets.spreadsheet(site.file.id)
    assert f"Share the spreadsheet with {site.sheets.client_email}" in refused.value.hint
    with pytest.raises(VendorNotFoundError, match="knows no spreadsheet"):
        await site.sheets.spreadsheet("1ThereIsNoSuchSheet")
    site.fail("status", status=429, retry_after_s=90, times=None)
    with pytest.raises(VendorRateLimitedError, match="slow down"):
        await site.sheets.spreadsheet(site.file.id)


@pytest.mark.requirement("PM-4.3")
async def test_the_first_update_makes_the_tab_and_the_second_changes_nothing(
    site: Google, sheet: ReconciliationSheet
) -> None:
    result = await sheet.update(ROWS)
    assert (result.updated, result.appended, result.unchanged) == (0, 3, 0)
    assert site.file.id in result.url
    assert site.tab.frozen_rows == 1
    assert site.tab.rows[0] == list(HEADERS)
    assert site.cell(ROWS[0].key, ACTUAL) == 1.5
    assert (site.cell(ROWS[2].key, "Forecast hours"), site.cell(ROWS[2].key, "Variance hours")) == ("", "")
    evil = site.cell(ROWS[1].key, "Epic name")
    assert evil == NAMES["E-2"]
    assert not isinstance(evil, Formula)
    before = len(site.calls("batchUpdate"))
    again = await sheet.update(ROWS)
    assert (again.updated, again.appended, again.unchanged) == (0, 0, 3)
    assert len(site.calls("batchUpdate")) == before


@pytest.mark.requirement("PM-4.3")
async def test_notes_formulas_and_order_of_the_managers_survive_an_update(
    site: Google, sheet: ReconciliationSheet
) -> None:
    await sheet.update(ROWS)
    tab = site.tab
    tab.insert(column=0)
    tab.insert(column=7)
    tab.put(0, 0, "Notes")
    tab.put(0, 7, "Manual adjustment")
    for number in (1, 2, 3):
        tab.put(number, 0, f"note {number}")
        tab.put(number, 7, Formula(f"=H{number + 1}*2"))
    tab.sort(4, descending=True)
    tab.insert(row=2)
    tab.put(2, 0, "for the steering committee")
    tab.put(tab.last_row(), 8, Formula("=SUM(I2:I5)"))
    mine = {(number, column) for number in range(len(tab.rows)) for column in (0, 7)} | {(len(tab.rows) - 1, 8)}
    kept = {place: tab.value(*place) for place in mine}
    result = await sheet.update([row("E-1", 120), ROWS[1], row("E-3", 20, 60)])
    assert (result.updated, result.appended, result.unchanged) == (2, 0, 1)
    assert {place: tab.value(*place) for place in mine} == kept
    assert site.cell(ROWS[0].key, ACTUAL) == 2.0
    assert site.cell(ROWS[2].key, "Forecast hours") == 1.0


async def test_rows_that_vanished_are_marked_and_other_months_are_left_alone(
    site: Google, sheet: ReconciliationSheet
) -> None:
    september = row("E-1", 60, month=OCTOBER.back(1))
    await sheet.update([september])
    await sheet.update(ROWS)
    result = await sheet.update(ROWS[1:])
    assert result.gone == 1
    assert (site.cell(ROWS[0].key, STATUS), site.cell(ROWS[0].key, ACTUAL)) == (GONE, 0)
    assert site.cell(september.key, ACTUAL) == 1.0
    assert (await sheet.update([], months=[OCTOBER])).gone == 2
    assert (await sheet.update(ROWS)).updated == 3


@pytest.mark.parametrize("kind", ["drop_after", "drop", "status_after"])
@pytest.mark.parametrize("path", ["values:batchUpdate", r":batchUpdate"])
async def test_a_write_whose_answer_is_lost_is_finished_once(
    site: Google, sheet: ReconciliationSheet, kind: str, path: str
) -> None:
    await sheet.update(ROWS[:1])
    site.fail(kind, path)
    await sheet.update([row("E-1", 30), *ROWS[1:]])
    assert [line[-1] for line in site.tab.rows[1:]] == [each.key for each in ROWS]
    assert site.cell(ROWS[0].key, ACTUAL) == 0.5


async def test_a_run_killed_half_way_is_finished_by_the_next(
    site: Google, sheet: ReconciliationSheet, database: Database
) -> None:
    await sheet.update(ROWS[:1])
    hanging = sheet_of(site, database, site.client())
    site.fail("timeout", r"sheets/[^/:]+:batchUpdate")  # the cells are written, the new rows are not
    cut = asyncio.create_task(hanging.update([row("E-1", 30), *ROWS[1:]]))
    while site.cell(ROWS[0].key, ACTUAL) != 0.5:
        await asyncio.sleep(0.01)
    cut.cancel()
    await asyncio.gather(cut, return_exceptions=True)
    assert len(site.tab.rows) == 2
    result = await sheet.update([row("E-1", 30), *ROWS[1:]])
    assert (result.appended, result.unchanged) == (2, 1)


def between_reading_and_writing(site: Google, act: Callable[[], None]) -> None:
    """Have somebody act right after the sheet was read for the last time before it is written."""
    seen = count(1)

    def listen(event: dict[str, Any]) -> None:
        if event["type"] == "call" and "batchGet" in event["path"] and next(seen) == READS_BEFORE_WRITING:
            act()

    site.sandbox.bus.on_event(listen)


@pytest.mark.requirement("PM-4.3")
@pytest.mark.parametrize(
    "act",
    [
        lambda tab: tab.sort(6, descending=True),
        lambda tab: tab.insert(row=2),
        lambda tab: tab.insert(column=6),
        lambda tab: tab.insert(column=0),
        lambda tab: tab.delete(column=5),
        lambda tab: (tab.insert(row=1), tab.put(1, 11, "a remark of my own")),
    ],
    ids=["sort", "insert a row", "insert a column", "insert the first column", "delete a column", "insert a remark"],
)
async def test_people_who_move_things_while_it_is_written_lose_nothing(
    site: Google, sheet: ReconciliationSheet, act: Callable[[Sheet], None]
) -> None:
    await sheet.update(ROWS)
    tab = site.tab
    for number, line in enumerate(tab.rows[1:], start=1):
        tab.put(number, 11, f"note on {line[10]}")
        tab.put(number, 12, number)
    tab.insert(column=6)
    tab.put(0, 6, "Adjustment")
    tab.put(0, 12, "Notes")
    tab.put(0, 13, "Rank")
    for number in (1, 2, 3):
        tab.put(number, 6, f"adjusted {tab.value(number, 11)}")
    between_reading_and_writing(site, lambda: act(tab))
    fresh = row("E-1", 33, month=OCTOBER.next)
    result = await sheet.update([row("E-1", 601), row("E-2", 1), row("E-3", 40, None), fresh])
    assert not result.overwritten
    for number, (each, minutes) in enumerate(zip(ROWS, (601, 1, 40), strict=True), start=1):
        assert site.cell(each.key, ACTUAL) == minutes / 60
        theirs = [site.cell(each.key, name) for name in ("Notes", "Adjustment", "Rank")]
        assert theirs == [f"note on {each.key}", f"adjusted {each.key}", number]
    assert site.cell(fresh.key, ACTUAL) == 33 / 60
    told = [str(value) for line in tab.rows for value in line if value != ""]
    assert sum(text.startswith(("note on", "adjusted")) for text in told) == 6
    # nothing is left behind where we wrote by places that were no longer so
    assert sum(text == "up to date" for text in told) == 4


async def test_what_cannot_be_told_apart_is_not_written(site: Google, sheet: ReconciliationSheet) -> None:
    await sheet.update(ROWS)
    site.tab.put(0, 11, "actual HOURS")
    with pytest.raises(ConflictError, match=r"columns G and L .* “Actual hours”"):
        await sheet.update([row("E-1", 5)])
    site.tab.delete(row=0)
    with pytest.raises(ConflictError, match=r"headers .* are gone"):
        await sheet.update([row("E-1", 5)])
    assert site.tab.value(0, 6) == 1.5


async def test_an_update_is_on_the_record_and_a_refused_one_too(
    site: Google, sheet: ReconciliationSheet, database: Database
) -> None:
    await sheet.update(ROWS)
    site.fail("status", "batchUpdate", status=403)
    with pytest.raises(VendorRejectedError):
        await sheet.update([row("E-1", 5)])
    lines = await AuditTrail(database, utc_now).lines(limit=10)
    told = [(line.action, line.result) for line in lines]
    assert sorted(told) == [
        ("google_sheets.reconcile", EffectStatus.DONE),
        ("google_sheets.reconcile", EffectStatus.FAILED),
    ]


async def test_a_slow_or_silent_google_is_not_waited_for_for_ever(
    site: Google, database: Database, in_account: str
) -> None:
    quick = site.client(replace(QUICK, timeout_s=0.1, attempts=2))
    await quick.check()
    site.fail("timeout", times=None)
    with pytest.raises(VendorUnavailableError):
        await sheet_of(site, database, quick).update(ROWS)
    assert len(site.file.sheets) == 1
