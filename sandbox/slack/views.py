"""Modals and App Home: triggers, stacks of views, hashes."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.slack.blocks import check_view
from sandbox.slack.errors import SlackError
from sandbox.slack.messages import number_blocks
from sandbox.slack.model import APP_ID, BOT_ID, TEAM_ID, Json

if TYPE_CHECKING:
    from sandbox.slack.state import SlackState

TRIGGER_LIFE = timedelta(seconds=3)
STACK_DEPTH = 3
VIEW_BYTES = 250_000


@dataclass
class Trigger:
    """A trigger_id: whose, since when, from which view, and whether it is used up."""

    user: str
    made: datetime
    from_view: str = ""
    used: bool = False


@dataclass
class Views:
    """The open modals of each person (a stack, last on top) and their Home tabs."""

    state: SlackState
    stacks: dict[str, list[Json]] = field(default_factory=dict)
    homes: dict[str, Json] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)

    def new_trigger(self, user: str, from_view: str = "") -> str:
        """Return a trigger_id that opens one view within three seconds."""
        now = self.state.clock.now()
        if len(self.triggers) > 5_000:
            self.triggers = {k: t for k, t in self.triggers.items() if now - t.made < timedelta(minutes=1)}
        trigger_id = f"{secrets.randbits(40)}.{secrets.randbits(40)}.{secrets.token_hex(16)}"
        self.triggers[trigger_id] = Trigger(user, now, from_view)
        return trigger_id

    def _take_trigger(self, trigger_id: str) -> Trigger:
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.state.clock.now() - trigger.made > TRIGGER_LIFE:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def open(self, trigger_id: str, view: Json) -> Json:
        """Open a modal for whom the trigger belongs to; it replaces what is open."""
        self._check(view, "modal")
        trigger = self._take_trigger(trigger_id)
        stack = self.stacks.get(trigger.user, [])
        if trigger.from_view and any(v["id"] == trigger.from_view for v in stack):
            return self._push_onto(trigger.user, view)
        self.stacks[trigger.user] = []
        return self._push_onto(trigger.user, view)

    def push(self, trigger_id: str, view: Json) -> Json:
        """Put a modal on top of the one that the trigger came from."""
        self._check(view, "modal")
        trigger = self._take_trigger(trigger_id)
        if not self.stacks.get(trigger.user):
            raise SlackError("not_found")
        return self._push_onto(trigger.user, view)

    def push_for(self, user: str, view: Json) -> Json:
        """Put a modal on top, as `response_action: push` does."""
        self._check(view, "modal")
        return self._push_onto(user, view)

    def _push_onto(self, user: str, view: Json) -> Json:
        stack = self.stacks.setdefault(user, [])
        if len(stack) >= STACK_DEPTH:
            raise SlackError("push_limit_reached")
        made = self._complete(view)
        if stack:
            made |= {"previous_view_id": stack[-1]["id"], "root_view_id": stack[0]["id"]}
        stack.append(made)
        self.owners[made["id"]] = user
        self.state.bus.publish("view_opened", user=user, view=made)
        return made

    def find(self, view_id: str = "", external_id: str = "") -> tuple[str, Json]:
        """Return the person and the open view, or refuse with not_found."""
        for user, stack in self.stacks.items():
            for view in stack:
                if view["id"] == view_id or (external_id and view["external_id"] == external_id):
                    return user, view
        for user, view in self.homes.items():
            if view["id"] == view_id or (external_id and view["external_id"] == external_id):
                return user, view
        raise SlackError("not_found")

    def update(self, view: Json, *, view_id: str = "", external_id: str = "", hash_: str = "") -> Json:
        """Replace the content of an open view; its inputs keep what they hold where ids stay the same."""
        user, current = self.find(view_id, external_id)
        self._check(view, current["type"], replacing=current["id"])
        if hash_ and hash_ != current["hash"]:
            raise SlackError("hash_conflict")
        kept = {name: current[name] for name in ("id", "previous_view_id", "root_view_id")}
        state = current["state"]
        current.clear()
        current |= {**self._complete(view), **kept, "state": state}
        self.state.bus.publish("view_updated" if current["type"] == "modal" else "home", user=user, view=current)
        return current

    def publish(self, user: str, view: Json, hash_: str = "") -> Json:
        """Set a person's Home tab."""
        known = self.homes.get(user)
        self._check(view, "home", replacing=known["id"] if known else "")
        if hash_ and known and hash_ != known["hash"]:
            raise SlackError("hash_conflict")
        made = self._complete(view)
        if known:
            made |= {"id": known["id"], "root_view_id": known["id"]}
        self.homes[user] = made
        self.owners[made["id"]] = user
        self.state.bus.publish("home", user=user)
        return made

    def close(self, user: str, view_id: str, *, clear: bool = False) -> list[Json]:
        """Close the view on top (or, with `clear`, all) and return what was closed."""
        stack = self.stacks.get(user, [])
        position = next((i for i, view in enumerate(stack) if view["id"] == view_id), None)
        if position is None:
            return []
        closed = stack[:] if clear else stack[position:]
        self.stacks[user] = [] if clear else stack[:position]
        for view in reversed(closed):
            self.state.bus.publish("view_closed", user=user, view=view)
        return closed

    def _check(self, view: Json, type_: str, replacing: str = "") -> None:
        if len(json.dumps(view)) > VIEW_BYTES:
            raise SlackError("view_too_large")
        messages = check_view(view)
        if not messages and view["type"] != type_:
            messages = [f"[ERROR] must be a view of type {type_} [json-pointer:/view/type]"]
        if messages:
            raise SlackError("invalid_arguments", messages)
        external_id = view.get("external_id")
        others = [v for stack in self.stacks.values() for v in stack] + list(self.homes.values())
        if external_id and any(v["external_id"] == external_id and v["id"] != replacing for v in others):
            raise SlackError("duplicate_external_id")

    def _complete(self, view: Json) -> Json:
        view_id = f"V{secrets.token_hex(5).upper()}"
        made: Json = {
            "id": view_id,
            "team_id": TEAM_ID,
            "private_metadata": "",
            "callback_id": "",
            "state": {"values": {}},
            "hash": f"{self.state.now_s()}.{secrets.token_urlsafe(6)}",
            "title": {"type": "plain_text", "text": "View Title", "emoji": True},
            "clear_on_close": False,
            "notify_on_close": False,
            "close": None,
            "submit": None,
            "previous_view_id": None,
            "root_view_id": view_id,
            "app_id": APP_ID,
            "external_id": "",
            "app_installed_team_id": TEAM_ID,
            "bot_id": BOT_ID,
        } | json.loads(json.dumps(view))
        number_blocks(made["blocks"])
        return made
