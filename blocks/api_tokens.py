"""Bearer tokens of the HTTP API: the one time that one is shown, and the list of those that work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from blocks.elements import section_block
from blocks.text import bold, date_token, escape, mention
from services.accounts.types import NewToken, TokenRef

TOKEN_REVOKE = "api_token_revoke"  # noqa: S105 the name of a button, no password
SHOWN = 40
"""A message has at most 50 blocks."""

Block = dict[str, Any]


def created_text(token: TokenRef) -> str:
    """Say that a token was made, without it: this is what notifications show."""
    return f"Your token “{escape(token.name)}” is ready; copy it now, it is not shown again."


def created_blocks(made: NewToken, public_url: str) -> list[Block]:
    """Show a token, once, and how it is used."""
    where = f"{public_url.rstrip('/')}/api/v1/docs" if public_url else "/api/v1/docs on FlowPilot's server"
    hint = f"It acts as you. Send it as `Authorization: Bearer …`; {escape(where)} lists the calls."
    return [
        section_block(f":key: {bold(made.token.name)} is ready. Copy it now: it is not shown again."),
        section_block(f"```{escape(made.secret)}```"),
        {"type": "context", "elements": [{"type": "mrkdwn", "text": hint}]},
    ]


def list_text(tokens: Sequence[TokenRef]) -> str:
    """Count the tokens."""
    if not tokens:
        return "No tokens yet. Make one: `/flowpilot token create <name>`."
    return f"{len(tokens)} token{'' if len(tokens) == 1 else 's'} for the HTTP API"


def list_blocks(tokens: Sequence[TokenRef], people: Mapping[int, str], *, own_id: int) -> list[Block]:
    """List tokens with a button to revoke each; `people` are Slack ids by member id."""
    rows = [section_block(f"*{list_text(tokens)}*" if tokens else list_text(tokens))]
    rows += [_row(token, people, own_id) for token in tokens[:SHOWN]]
    if len(tokens) > SHOWN:
        text = f"{len(tokens) - SHOWN} more; revoke some and list them again."
        rows.append({"type": "context", "elements": [{"type": "mrkdwn", "text": text}]})
    return rows


def revoked_text(token: TokenRef) -> str:
    """Say that a token is no good any more."""
    return f":white_check_mark: {bold(token.name)} (`{token.label}`) is revoked and opens nothing any more."


def _row(token: TokenRef, people: Mapping[int, str], own_id: int) -> Block:
    used = f"last used {date_token(token.last_used_at)}" if token.last_used_at else "never used"
    whose = "" if token.member_id == own_id else f" · {mention(people.get(token.member_id), 'a former member')}"
    text = f"{bold(token.name)} `{token.label}`{whose}\nmade {date_token(token.created_at)}, {used}"
    return section_block(text) | {
        "accessory": {
            "type": "button",
            "action_id": TOKEN_REVOKE,
            "text": {"type": "plain_text", "text": "Revoke"},
            "style": "danger",
            "value": token.id,
            "confirm": {
                "title": {"type": "plain_text", "text": "Revoke this token?"},
                "text": {"type": "plain_text", "text": "What uses it stops working at once."},
                "confirm": {"type": "plain_text", "text": "Revoke"},
                "deny": {"type": "plain_text", "text": "Keep it"},
                "style": "danger",
            },
        }
    }
