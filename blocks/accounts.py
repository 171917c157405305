"""Who somebody is elsewhere, settings as modals, and the audit trail."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from blocks.elements import button, context_block, plain_text, section_block
from blocks.text import bold, date_token, escape, mention, truncate, truncate_markup
from services.accounts.settings import DEFAULT_QUIET, InputKind, SettingSpec
from services.accounts.types import LinkProposal, MemberRef, Role
from services.effects.audit import AuditLine, TrailCheck

LINK_OPEN = "link_open"
LINK_YES = "link_jira_yes"
LINK_SEARCH = "link_jira_search"
LINK_OFF = "link_jira_off"
SETTINGS_OPEN = "settings_open"
TIME_ZONE_SEARCH = "settings_time_zone"
SETTINGS_FORM = "account_settings"
MY_SETTINGS_FORM = "my_settings"
ROLE_MEMBER, ROLE_NEW = "role_member", "role_new"
MY_QUIET, MY_QUIET_FROM, MY_QUIET_TO = "my_quiet", "my_quiet_from", "my_quiet_to"
QUIET_ACCOUNT, QUIET_OWN, QUIET_NEVER = "account", "own", "never"
MAX_VALUE_CHARACTERS = 300
_ACTIONS = {
    "jira.assign": "assigned",
    "jira.comment": "commented on",
    "jira.delete_comment": "deleted a comment on",
    "jira.parent": "set the epic of",
    "jira.priority": "set the priority of",
    "jira.transition": "moved",
}
_FOR_MACHINES = frozenset({"account_id", "comment_id", "is_there", "kept", "member_id", "updated", "way_back"})
"""What undoing needs to know; the export has it, a reader of the trail is spared it."""

Block = dict[str, Any]


def link_text(member: MemberRef, linked_name: str | None) -> str:
    """Return the identities in one line."""
    jira = f"Jira: {linked_name}" if linked_name else "Jira: not linked yet"
    return f"{escape(member.display_name)}: Slack, {escape(jira)}, GitHub: none yet"


def link_blocks(
    member: MemberRef, linked_name: str | None, proposals: Sequence[LinkProposal], *, is_self: bool, note: str = ""
) -> list[Block]:
    """Return a member's identities, and what can be done about Jira; `linked_name` is None when not linked."""
    title = "Who you are" if is_self else f"Who {escape(member.display_name)} is"
    jira = f":white_check_mark: {bold(linked_name)}" if linked_name else ":heavy_minus_sign: _not linked yet_"
    lines = [f"*{title}*", f"Slack: <@{member.slack_user_id}>", f"Jira: {jira}", "GitHub: _none yet_"]
    blocks = [section_block("\n".join(lines))]
    if note:
        blocks.append(context_block(note))
    if not linked_name:
        blocks += [_proposal(member, number, each, is_self) for number, each in enumerate(proposals)]
        if not proposals:
            blocks.append(
                section_block("Jira knows nobody by that e-mail address or name. Look for the right person below.")
            )
    return [*blocks, _link_actions(member, is_linked=linked_name is not None)]


def _proposal(member: MemberRef, number: int, proposal: LinkProposal, is_self: bool) -> Block:
    email = f" ({escape(proposal.email)})" if proposal.email else ""
    label = "Yes, that's me" if is_self else "Yes, that's them"
    value = json.dumps({"member": member.id, "jira": proposal.jira_account_id})
    return {
        **section_block(f"In Jira: {bold(proposal.display_name)}{email}\n_{escape(proposal.because)}_"),
        "accessory": button(f"{LINK_YES}:{number}", label, value, style="primary"),
    }


def _link_actions(member: MemberRef, *, is_linked: bool) -> Block:
    search = {
        "type": "external_select",
        "action_id": f"{LINK_SEARCH}:{member.id}",
        "placeholder": plain_text("Somebody else…"),
        "min_query_length": 2,
    }
    unlink = button(LINK_OFF, "Unlink", json.dumps({"member": member.id}))
    unlink["confirm"] = {
        "title": plain_text("Unlink from Jira?"),
        "text": plain_text("FlowPilot then no longer knows whose tickets and hours are whose."),
        "confirm": plain_text("Unlink"),
        "deny": plain_text("Keep"),
    }
    return {"type": "actions", "block_id": "link_actions", "elements": [search, *([unlink] if is_linked else [])]}


def option(label: str, value: str) -> Block:
    """Return an option of a select."""
    return {"text": plain_text(truncate(label, 75)), "value": value}


def settings_button(label: str = "Settings") -> Block:
    """Return the button that opens the settings."""
    return button(SETTINGS_OPEN, label, "open")


def settings_modal(specs: Sequence[SettingSpec], values: Mapping[str, Any]) -> Block:
    """Return the account's settings and roles for admins; block ids are the settings' keys."""
    member = {"type": "users_select", "action_id": "value", "placeholder": plain_text("Nobody")}
    role = {"type": "static_select", "action_id": "value", "options": [option(role, role) for role in Role]}
    roles = [
        {"type": "divider"},
        section_block("*A member's role*\nviewer, engineer, lead, pm, admin: each may do what those before may."),
        _input(ROLE_MEMBER, "Member", member, is_optional=True),
        _input(ROLE_NEW, "New role", role, is_optional=True),
    ]
    view = settings_form(specs, values, SETTINGS_FORM, "Settings")
    return view | {"blocks": [*view["blocks"], *roles]}


def settings_form(specs: Sequence[SettingSpec], values: Mapping[str, Any], callback_id: str, title: str) -> Block:
    """Return a form of some of the account's settings; it carries what they were when it was opened."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": json.dumps({spec.key: values.get(spec.key) for spec in specs}),
        "title": plain_text(title),
        "submit": plain_text("Save"),
        "close": plain_text("Cancel"),
        "blocks": [
            _setting_input(spec, values.get(spec.key), has_hint=before is None or spec.help != before.help)
            for before, spec in zip([None, *specs], specs, strict=False)
        ],
    }


def _setting_input(spec: SettingSpec, value: Any, *, has_hint: bool) -> Block:
    """Return a setting's input; several alike in a row are explained once."""
    hint = spec.help if has_hint else ""
    return _input(spec.key, spec.label, _element(spec, value), hint=hint, is_optional=spec.is_optional)


def _element(spec: SettingSpec, value: Any) -> Block:
    match spec.kind:
        case InputKind.TIME_ZONE:
            element = {"type": "external_select", "action_id": TIME_ZONE_SEARCH, "min_query_length": 2}
            return element | {"initial_option": option(value, value)}
        case InputKind.CHOICE:
            options = [option(choice, choice) for choice in spec.choices]
            initial = next((each for each in options if each["value"] == value), options[0])
            return {"type": "static_select", "action_id": "value", "options": options, "initial_option": initial}
        case InputKind.TIME:
            return {"type": "timepicker", "action_id": "value", "initial_time": value}
        case InputKind.TEXT:
            shown = spec.show(value)
            return {"type": "plain_text_input", "action_id": "value"} | ({"initial_value": shown} if shown else {})
        case InputKind.CHANNEL:
            element = {"type": "channels_select", "action_id": "value", "placeholder": plain_text("None")}
            return element | ({"initial_channel": value} if value else {})
        case InputKind.PEOPLE:
            element = {"type": "multi_users_select", "action_id": "value", "placeholder": plain_text("Nobody")}
            return element | ({"initial_users": list(value)} if value else {})
        case InputKind.NUMBER:
            return {"type": "plain_text_input", "action_id": "value", "initial_value": f"{value:g}"}


def my_settings_modal(member: MemberRef, preferences: Mapping[str, Any]) -> Block:
    """Return a member's own preferences."""
    own = preferences.get("quiet_hours") or {}
    is_never = bool(own) and own.get("start") == own.get("end") and not own.get("weekends", True)
    chosen = QUIET_NEVER if is_never else QUIET_OWN if own else QUIET_ACCOUNT
    options = [
        option("As in the whole workspace", QUIET_ACCOUNT),
        option("From and until as below, and at weekends", QUIET_OWN),
        option("Never: tell me at any time", QUIET_NEVER),
    ]
    initial = next(each for each in options if each["value"] == chosen)
    radio = {"type": "radio_buttons", "action_id": "value", "options": options, "initial_option": initial}
    shown = DEFAULT_QUIET | (own if chosen == QUIET_OWN else {})
    zone = f"Your time zone is *{escape(member.time_zone)}*; saving takes it from your Slack profile again."
    return {
        "type": "modal",
        "callback_id": MY_SETTINGS_FORM,
        "title": plain_text("My settings"),
        "submit": plain_text("Save"),
        "close": plain_text("Cancel"),
        "blocks": [
            section_block(f"Your role is *{member.role}*. {zone}"),
            _input(MY_QUIET, "Quiet hours", radio, hint="What is urgent reaches you all the same."),
            _input(MY_QUIET_FROM, "Quiet from", _time(shown["start"])),
            _input(MY_QUIET_TO, "Quiet until", _time(shown["end"])),
        ],
    }


def _time(value: str) -> Block:
    return {"type": "timepicker", "action_id": "value", "initial_time": value}


def audit_text(lines: Sequence[AuditLine], check: TrailCheck, target: str | None) -> str:
    """Return the trail in one line."""
    about = f" on {target}" if target else ""
    return (
        f"{len(lines)} newest lines{about}; {check_text(check)}" if lines else f"No lines{about}; {check_text(check)}"
    )


def check_text(check: TrailCheck) -> str:
    """Return what verifying found: "trail intact, 132 lines, head 3fa4…"."""
    if not check.is_intact:
        return f"trail BROKEN: {check.problem}"
    count = "1 line" if check.lines == 1 else f"{check.lines} lines"
    return f"trail intact, {count}, head {check.head_hash[:8]}…" if check.lines else "trail intact, no lines yet"


def audit_blocks(
    lines: Sequence[AuditLine], check: TrailCheck, people: Mapping[int, str], target: str | None
) -> list[Block]:
    """Return lines, the newest first; `people` are Slack ids by member id."""
    title = f"*Who did what*{f' on {escape(target)}' if target else ''}"
    icon = ":lock:" if check.is_intact else ":rotating_light:"
    empty = "_Nothing has been done yet._" if not target else f"_Nothing has been done on {escape(target)}._"
    shown = [section_block(_audit_line(line, people)) for line in sorted(lines, key=lambda line: -line.sequence)]
    return [
        section_block(title),
        *(shown or [section_block(empty)]),
        context_block(f"{icon} {escape(check_text(check))}"),
    ]


def _audit_line(line: AuditLine, people: Mapping[int, str]) -> str:
    who = mention(people.get(line.actor_member_id or 0), line.actor_name)
    what = f"{who} *{escape(_action(line.action))}* {escape(line.target)}"
    before, after = shown_value(line.before), shown_value(line.after)
    change = "" if before == after == "nothing" else f"\n{before} → {after}"
    why = f"\n_{escape(truncate(line.reason, MAX_VALUE_CHARACTERS))}_" if line.reason else ""
    return f"{what} · {escape(line.result)} · {date_token(line.at)}{change}{why}"


def _action(action: str) -> str:
    return _ACTIONS.get(action) or action.replace(".", " ").replace("_", " ")


def shown_value(value: Any) -> str:
    """Return a stored value as people read it."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        told = {
            key: "nothing" if item is None else str(item) for key, item in value.items() if key not in _FOR_MACHINES
        }
        text = "".join(told.values()) if len(told) == 1 else ", ".join(f"{key}: {item}" for key, item in told.items())
    else:
        text = str(value)
    return truncate_markup(escape(" ".join(text.split())), MAX_VALUE_CHARACTERS) or "nothing"


def _input(block_id: str, label: str, element: Block, *, hint: str = "", is_optional: bool = False) -> Block:
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label),
        "element": element,
        "optional": is_optional,
    }
    return block | ({"hint": plain_text(hint)} if hint else {})
