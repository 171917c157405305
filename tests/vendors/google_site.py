"""A Google on a real socket, with one spreadsheet and FlowPilot's client of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sandbox import google
from sandbox.core import Call, Fault, Sandbox
from sandbox.google.state import Cell, Sheet, Spreadsheet, key_file
from sandbox.server import SandboxServer
from services.pm.reconciliation.sheet import KEY
from services.pm.reconciliation.sheet_updates import TAB
from services.vendors.google_sheets import GoogleSheets
from services.vendors.http import Policy
from tests.vendors.settings import settings_for
from tests.vendors.site import QUICK, small_sandbox


@dataclass
class Google:
    """The stand-in's state, and FlowPilot's client of it."""

    sandbox: Sandbox
    url: str
    file: Spreadsheet
    sheets: GoogleSheets
    closers: list[GoogleSheets] = field(default_factory=list)

    @property
    def tab(self) -> Sheet:
        """The tab that is shared."""
        found = self.file.sheet(TAB)
        assert found is not None
        return found

    def fail(self, kind: str, path: str = "", **how: Any) -> None:
        """Arm a fault."""
        self.sandbox.faults.add(Fault(vendor="google", kind=kind, path=path, **how))

    def calls(self, part: str = "") -> list[Call]:
        """Return the calls whose path holds `part`."""
        return [call for call in self.sandbox.calls.since(0, "google") if part in call.path]

    def client(self, policy: Policy = QUICK, **changes: Any) -> GoogleSheets:
        """Return a client with other settings."""
        key = json.dumps(key_file(f"{self.url}/google/token") | changes)
        settings = settings_for(self.url, google_service_account_json=key, google_sheets_url=f"{self.url}/google")
        made = GoogleSheets.from_settings(settings, policy=policy)
        assert made is not None
        self.closers.append(made)
        return made

    def cell(self, key: str, header: str) -> Cell:
        """Return our cell in the row with that key."""
        line = next(line for line in self.tab.rows[1:] if self._at(line, KEY) == key)
        return self._at(line, header)

    def _at(self, line: list[Cell], header: str) -> Cell:
        column = self.tab.rows[0].index(header)
        return line[column] if column < len(line) else ""


@asynccontextmanager
async def running_google() -> AsyncIterator[Google]:
    """Yield a Google that is up, with one empty spreadsheet."""
    sandbox = small_sandbox()
    server = SandboxServer(sandbox, setups=[google.setup])
    url = await server.start()
    running = Google(sandbox, url, sandbox.google.create("Reconciliation"), sheets=None)  # type: ignore[arg-type]
    running.sheets = running.client()
    try:
        yield running
    finally:
        for client in running.closers:
            await client.close()
        await server.stop()
