"""The trail shows any tampering."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.engine import Database
from services.effects import Actor, AuditLine, AuditTrail
from services.effects.audit import GENESIS_HASH, check_lines, line_hash

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def chain(count: int) -> list[AuditLine]:
    """Return a valid trail of `count` lines."""
    lines: list[AuditLine] = []
    for sequence in range(1, count + 1):
        line = AuditLine(
            sequence=sequence,
            at=NOW,
            actor_member_id=1,
            actor_name="Priya",
            action="jira.assign",
            target=f"ABC-{sequence}",
            reason="clicked",
            before={"assignee": None},
            after={"assignee": "sam"},
            result="done",
            detail="",
            effect_id=sequence,
            correlation_id="",
            previous_hash=lines[-1].hash if lines else GENESIS_HASH,
        )
        lines.append(replace(line, hash=line_hash("acc", line)))
    return lines


@given(st.integers(1, 8), st.data())
def test_any_change_to_any_line_is_found(count: int, data: st.DataObject) -> None:
    lines = chain(count)
    assert check_lines("acc", lines).is_intact
    at = data.draw(st.integers(0, count - 1))
    changes: list[tuple[str, Any]] = [
        ("actor_name", "Mallory"),
        ("after", {"assignee": "mallory"}),
        ("result", "failed"),
        ("sequence", 99),
    ]
    name, value = data.draw(st.sampled_from(changes))
    changed = [*lines]
    changed[at] = replace(changed[at], **{name: value})
    assert check_lines("acc", changed).broken_at == at + 1


@given(st.integers(2, 8), st.data())
def test_a_removed_line_is_found_unless_it_is_the_last(count: int, data: st.DataObject) -> None:
    lines = chain(count)
    del lines[data.draw(st.integers(0, count - 2))]
    assert not check_lines("acc", lines).is_intact


def test_a_trail_does_not_pass_as_another_accounts() -> None:
    assert not check_lines("other", chain(2)).is_intact


@pytest.mark.requirement("TKT-9.1")
async def test_the_export_can_be_verified_by_whoever_has_it(database: Database, in_account: str) -> None:
    trail = AuditTrail(database, lambda: NOW)
    for target in ("ABC-1", "ABC-2"):
        await trail.record(actor=Actor(None, "Priya"), action="jira.comment", target=target, result="done")
    rows = [json.loads(line) for line in (await trail.export()).decode().splitlines()]
    lines = []
    for row in rows:
        account_id = row.pop("account_id")
        lines.append(AuditLine(**{**row, "at": datetime.fromisoformat(row["at"])}))
    assert check_lines(account_id, lines).is_intact
    assert [line.target for line in lines] == ["ABC-1", "ABC-2"]
