"""What a write says in Jira's own history about who is behind it."""

from __future__ import annotations

from typing import Any


def done_for(*, actor_id: str, actor_name: str, reason: str) -> dict[str, Any]:
    """Return Jira's `historyMetadata`: FlowPilot did it for this person; shown in the issue's history."""
    return {
        "type": "flowpilot:action",
        "description": f"FlowPilot for {actor_name}: {reason}",
        "activityDescription": reason,
        "actor": {"id": actor_id, "displayName": actor_name, "type": "slack-user"},
        "generator": {"id": "flowpilot", "displayName": "FlowPilot", "type": "application"},
    }
