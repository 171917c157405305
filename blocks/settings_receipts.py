"""What a settings form has saved, what Undo has restored, and what was in Undo's way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from blocks.accounts import shown_value
from blocks.elements import section_block
from blocks.receipts import change_undo_blocks
from blocks.text import channel_mention, escape, mention
from services.accounts.settings import QUIET_HOURS, SettingSpec
from services.effects.audit import AuditLine
from services.effects.own_changes import OvertakenError, OwnChange

SETTINGS_UNDO = "settings.undo"
ROLE = "role"
NOT_IN_FORMS = {QUIET_HOURS: "Quiet hours", ROLE: "Role"}
SAVED = ":white_check_mark: Saved."

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]
Changed = Mapping[str, tuple[Any, Any]]
"""Before and after by the setting's key, or by words for what is none."""


def saved(changed: Changed, specs: Sequence[SettingSpec], lines: Sequence[AuditLine]) -> Shown:
    """Return what was saved, before and after, with [Undo] of its lines of the trail."""
    if not changed:
        text = "Nothing was different, so nothing is changed."
        return text, (section_block(text),)
    return with_undo(_told(SAVED, changed, specs), lines)


def with_undo(text: str, lines: Sequence[AuditLine]) -> Shown:
    """Return a text that tells of a change to settings, with [Undo] of its lines of the trail."""
    return text, (section_block(text), *change_undo_blocks(SETTINGS_UNDO, lines))


def restored(changes: Sequence[OwnChange], specs: Sequence[SettingSpec], who: str, *, is_news: bool) -> Shown:
    """Return what is as it was again; `who` is a mention."""
    title = f":leftwards_arrow_with_hook: Taken back by {who}."
    if not is_news:
        title = ":leftwards_arrow_with_hook: This was taken back before; nothing was done now."
    text = _told(title, {key: (after, before) for key, (before, after) in _of(changes).items()}, specs)
    return text, (section_block(text),)


def kept(changes: Sequence[OwnChange], specs: Sequence[SettingSpec], why: str) -> Shown:
    """Return what was saved, with why it cannot be taken back (any more) in the button's place."""
    text = _told(SAVED, _of(changes), specs)
    return f"{text}\n:warning: {why}", (section_block(text), section_block(f":warning: {why}"))


def overtaken(error: OvertakenError, specs: Sequence[SettingSpec]) -> str:
    """Say who has changed what since."""
    known = _by_key(specs)
    now = ", ".join(f"{_label(key, known)} is {_words(key, value, known)} now" for key, value in error.now.items())
    who = escape(error.by) or "Somebody"
    return f"{who} has changed this since: {now}. Nothing was taken back."


def _of(changes: Sequence[OwnChange]) -> dict[str, tuple[Any, Any]]:
    found: dict[str, tuple[Any, Any]] = {}
    for change in changes:
        before, whose = change.before, change.line.target.removeprefix("member ")
        found |= {
            f"Role of {whose}" if key == ROLE else key: (before.get(key), value)
            for key, value in change.after.items()
            if before.get(key) != value
        }
    return found


def _told(title: str, changed: Changed, specs: Sequence[SettingSpec]) -> str:
    known = _by_key(specs)
    lines = [
        f"• {_label(key, known)}: {_words(key, old, known)} → {_words(key, new, known)}"
        for key, (old, new) in changed.items()
    ]
    return "\n".join((title, *lines))


def _by_key(specs: Sequence[SettingSpec]) -> dict[str, SettingSpec]:
    return {spec.key: spec for spec in specs}


def _label(key: str, known: Mapping[str, SettingSpec]) -> str:
    return escape(known[key].label if key in known else NOT_IN_FORMS.get(key, key))


def _words(key: str, value: Any, known: Mapping[str, SettingSpec]) -> str:
    """Return a value as the form shows it: what is not set is as usual, not nothing."""
    spec = known.get(key)
    if spec is not None:
        if value is None and spec.default is None and not spec.is_optional:
            return "as usual"
        value = spec.default if value is None else value
        value = value if spec.show is str else spec.show(value)
    if key == QUIET_HOURS:
        return _quiet_words(value)
    if isinstance(value, list):
        return ", ".join(mention(str(each), str(each)) for each in value)
    if isinstance(value, str) and value.startswith("C") and value.isalnum() and value.isupper():
        return channel_mention(value)
    return shown_value(value)


def _quiet_words(value: Mapping[str, Any] | None) -> str:
    if not value:
        return "as usual"
    weekends = " and at weekends" if value.get("weekends") else ""
    if value.get("start") == value.get("end"):
        return "only at weekends" if weekends else "never"
    return f"{value.get('start')} to {value.get('end')}{weekends}"
