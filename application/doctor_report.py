"""How the doctor's findings are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from application.doctor import Finding

MARKS = {"ok": "[green]✓[/]", "off": "[yellow]–[/]", "missing": "[red]✗[/]", "failed": "[red]✗[/]"}


def print_report(findings: Sequence[Finding], *, as_json: bool) -> bool:
    """Print the findings; returns whether the application can run."""
    can_run = not any(finding.is_problem for finding in findings)
    if as_json:
        sys.stdout.write(json.dumps({"can_run": can_run, "findings": [asdict(f) for f in findings]}, indent=1) + "\n")
        return can_run
    table = Table(box=None, pad_edge=False)
    for title in ("", "What", "State", "What to do"):
        table.add_column(title, overflow="fold")
    for finding in findings:
        table.add_row(MARKS[finding.state], finding.subject, finding.detail, finding.what_to_do)
    console = Console()
    console.print(table)
    console.print(
        "[green]FlowPilot can run: `python app.py run`.[/]"
        if can_run
        else "[red]FlowPilot cannot run like this.[/] Set what is missing in `.env` (see `.env.example`)."
    )
    return can_run
