"""Projects: the list with its search and pages, the form of one, and what was saved (PM-7.3)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blocks.elements import actions_block, button, context_block, plain_text, section_block
from blocks.pm.words import counted, hours_text
from blocks.receipts import change_undo_blocks
from blocks.text import bold, bullets, channel_mention, code, escape, mention, truncate
from services.accounts.types import MemberRef
from services.effects.own_changes import OvertakenError, OwnChange
from services.pm.project_form import LABELS, version_of
from services.pm.projects import Saved
from services.pm.types import ProjectRef, ProjectType
from services.vendors.types import JiraProject

OPEN = "pm.projects.open"
LIST_VIEW = "pm.projects.list"
SEARCH_INPUT = "search"
PAGE = "pm.projects.page"
EDIT = "pm.projects.edit"
NEW = "pm.projects.new"
FORECASTS = "pm.projects.forecasts"
FORM_VIEW = "pm.projects.form"
UNDO = "pm.projects.undo"
PAGE_SIZE = 10
TYPES: Mapping[ProjectType, str] = {
    ProjectType.RETAINER: "Retainer: so many hours a month",
    ProjectType.SCOPE: "Scope: epics with forecasts",
    ProjectType.INTERNAL: "Internal: nobody pays for it",
}

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]


@dataclass(frozen=True)
class ListShown:
    """What the list shows: all projects that fit the search, and which of them the reader may change."""

    projects: Sequence[ProjectRef]
    changeable: frozenset[str]
    search: str = ""
    page: int = 1
    may_add: bool = False


def list_view(found: ListShown) -> Block:
    """Return the modal with a page of the projects, a search, and a way to set up another."""
    pages = max(-(-len(found.projects) // PAGE_SIZE), 1)
    page = min(max(found.page, 1), pages)
    shown = found.projects[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    blocks = [_search(found.search), *(_project_block(each, found.changeable) for each in shown)]
    if not found.projects:
        blocks.append(section_block(_empty(found)))
    blocks += _pager(found, page, pages)
    if found.may_add:
        blocks += [{"type": "divider"}, _new()]
    return {
        "type": "modal",
        "callback_id": LIST_VIEW,
        "title": plain_text("Projects"),
        "submit": plain_text("Search"),
        "close": plain_text("Close"),
        "private_metadata": json.dumps({"search": found.search, "page": page}),
        "blocks": blocks,
    }


def _empty(found: ListShown) -> str:
    if found.search:
        return f"No project fits “{escape(found.search)}”."
    return "No project is set up yet." + (" Choose one of Jira's below." if found.may_add else " A PM or an admin can.")


def _search(words: str) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": "value",
        "placeholder": plain_text("Key, name, type or PM"),
    }
    return {
        "type": "input",
        "block_id": SEARCH_INPUT,
        "optional": True,
        "label": plain_text("Search"),
        "element": element | ({"initial_value": words} if words else {}),
    }


def _project_block(project: ProjectRef, changeable: frozenset[str]) -> Block:
    label = "Change…" if project.key in changeable else "Details…"
    opens = button(f"{EDIT}:{project.key}", label, project.key, description=f"{label.rstrip('…')} {project.key}")
    return section_block(project_line(project)) | {"accessory": opens}


def project_line(project: ProjectRef) -> str:
    """Return a project in two lines: what it is, and who it is with."""
    hours = project.monthly_retainer_minutes
    paid = [project.type.value]
    if project.type is ProjectType.RETAINER:
        paid.append(f"{hours_text(hours * 60)} a month" if hours else ":warning: no hours set")
    if project.hourly_rate_cents:
        paid.append(f"{rate_text(project.hourly_rate_cents)} an hour")
    pm = mention(project.pm.slack_user_id, project.pm.display_name) if project.pm else "no PM"
    with_whom = [pm, *([channel_mention(project.channel_id)] if project.channel_id else [])]
    if project.github_repositories:
        with_whom.append(counted(len(project.github_repositories), "repository", "repositories"))
    name = f"{bold(project.key)} {escape(truncate(project.name, 100))}"
    return f"{name} · {' · '.join(paid)}\n{' · '.join(with_whom)}"


def rate_text(cents: int) -> str:
    """Return "$150" or "$92.50"."""
    return f"${cents / 100:,.2f}".removesuffix(".00")


def _pager(found: ListShown, page: int, pages: int) -> list[Block]:
    if pages == 1:
        return []
    wanted = [(page - 1, "Back", "back"), (page + 1, "Next", "next")]
    buttons = [
        button(f"{PAGE}:{suffix}", label, json.dumps({"page": number, "search": found.search}))
        for number, label, suffix in wanted
        if 1 <= number <= pages
    ]
    note = f"{counted(len(found.projects), 'project')}, page {page} of {pages}"
    return [{"type": "actions", "elements": buttons}, context_block(note)]


def _new() -> Block:
    element = {
        "type": "external_select",
        "action_id": NEW,
        "placeholder": plain_text("A project of Jira's…"),
        "min_query_length": 0,
    }
    return section_block("*Set up another project*") | {"accessory": element}


def jira_options(projects: Sequence[JiraProject]) -> dict[str, Any]:
    """Return Jira's projects as options."""
    return {
        "options": [
            {"text": plain_text(truncate(f"{each.key} {each.name}", 75)), "value": each.key} for each in projects[:100]
        ]
    }


def form_view(
    key: str, project: ProjectRef | None, name: str, members: Mapping[int, MemberRef], *, may_change: bool
) -> Block:
    """Return the form of a project (`project` is None for one to be set up); who may not change it sees its values."""
    metadata = json.dumps({"project": key, "version": version_of(project)})
    view: Block = {"type": "modal", "title": plain_text(key[:24]), "private_metadata": metadata}
    if not may_change and project is not None:
        note = context_block(":lock: Its PM and admins can change this.")
        view |= {"callback_id": FORM_VIEW, "close": plain_text("Back")}
        return view | {"blocks": [section_block(project_line(project)), *_details(project, members), note]}
    title = "Set up" if project is None else "Save"
    blocks = _inputs(project, name, members)
    if project is not None and project.type is ProjectType.SCOPE:
        blocks.append(_forecasts(key))
    return view | {
        "callback_id": FORM_VIEW,
        "submit": plain_text(title),
        "close": plain_text("Cancel"),
        "blocks": blocks,
    }


def _details(project: ProjectRef, members: Mapping[int, MemberRef]) -> list[Block]:
    people = [members[each] for each in project.stakeholder_member_ids if each in members]
    lines = []
    if people:
        lines.append(f"Stakeholders: {', '.join(mention(m.slack_user_id, m.display_name) for m in people)}")
    if project.github_repositories:
        lines.append(f"Repositories: {', '.join(code(name) for name in project.github_repositories)}")
    return [section_block("\n".join(lines))] if lines else []


def _inputs(project: ProjectRef | None, name: str, members: Mapping[int, MemberRef]) -> list[Block]:
    kind = project.type if project else ProjectType.SCOPE
    options = [{"text": plain_text(label), "value": each.value} for each, label in TYPES.items()]
    chosen = next(option for option in options if option["value"] == kind.value)
    people = [
        members[each].slack_user_id for each in (project.stakeholder_member_ids if project else ()) if each in members
    ]
    hours = project.monthly_retainer_minutes if project else None
    rate = project.hourly_rate_cents if project else None
    pm = {"type": "users_select", "action_id": "value", "placeholder": plain_text("Nobody")}
    channel = {"type": "channels_select", "action_id": "value", "placeholder": plain_text("None")}
    stakeholders = {"type": "multi_users_select", "action_id": "value", "placeholder": plain_text("Nobody")}
    repositories = "\n".join(project.github_repositories) if project else ""
    return [
        _input("name", _text(name), optional=False),
        _input(
            "type",
            {"type": "static_select", "action_id": "value", "options": options, "initial_option": chosen},
            optional=False,
        ),
        _input(
            "retainer",
            _text(f"{hours / 60:g}" if hours else ""),
            hint="For retainers: when this is used up, people hear of it.",
        ),
        _input("rate", _text(f"{rate / 100:g}" if rate else ""), hint="With it, budgets are told in money too."),
        _input("pm", pm | ({"initial_user": project.pm.slack_user_id} if project and project.pm else {})),
        _input(
            "channel",
            channel | ({"initial_channel": project.channel_id} if project and project.channel_id else {}),
            hint="Where budget alerts go beside the PM. FlowPilot has to be in it.",
        ),
        _input(
            "stakeholders",
            stakeholders | ({"initial_users": people} if people else {}),
            hint="They hear of epics that are 50 % over.",
        ),
        _input("repositories", _text(repositories) | {"multiline": True}, hint="One a line, such as owner/name."),
    ]


def _forecasts(key: str) -> Block:
    opens = button(FORECASTS, "Import forecasts…", key, description=f"Import forecasts for epics of {key} from a file")
    said = f"*Forecasts*\nFrom a CSV or XLSX file, or one at a time: `/pm forecast set {key}-12 120h`"
    return section_block(said) | {"accessory": opens}


def saved(found: Saved) -> Shown:
    """Return what was changed, before and after."""
    name = f"{bold(found.project.key)} {escape(found.project.name)}"
    if not found.changed:
        text = f"Nothing was different, so {name} is as it was."
        return text, (section_block(text),)
    if found.is_new:
        text = f":white_check_mark: {name} is set up. Its issues are read now, which takes a moment."
        return text, (section_block(text), section_block(project_line(found.project)))
    text = f":white_check_mark: {name} is changed.\n{_told(found.changed)}"
    undo = change_undo_blocks(UNDO, [found.line]) if found.line else []
    return text, (section_block(text), *undo)


def restored(found: Saved, who: str) -> Shown:
    """Return what is as it was again; `who` is a mention."""
    text = f":leftwards_arrow_with_hook: Taken back by {who}: {bold(found.project.key)}.\n{_told(found.changed)}"
    return text, (section_block(text),)


def kept(key: str, change: OwnChange, why: str) -> Shown:
    """Return what was changed, with why it is not taken back (now) in the button's place."""
    before, after = change.line.before, change.line.after
    changed = {LABELS[field]: (before.get(field), value) for field, value in after.items() if field in LABELS}
    text = f":white_check_mark: {bold(key)} is changed.\n{_told(changed)}"
    return f"{text}\n:warning: {why}", (section_block(text), section_block(f":warning: {why}"))


def overtaken(error: OvertakenError) -> str:
    """Say who has changed what since."""
    now = ", ".join(f"{label} is {_value(label, value)} now" for label, value in error.now.items())
    return f"{escape(error.by) or 'Somebody'} has changed this since: {now}. Nothing was taken back."


def _told(changed: Mapping[str, tuple[Any, Any]]) -> str:
    return bullets([f"{label}: {_value(label, old)} → {_value(label, new)}" for label, (old, new) in changed.items()])


def _value(label: str, value: Any) -> str:
    if value is None:
        return "none"
    if label == LABELS["channel"]:
        return channel_mention(str(value))
    return escape(truncate(" ".join(str(value).split()), 200))


def project_read(key: str, summary: str) -> Shown:
    """Return that a new project's issues are here."""
    text = f"{bold(key)} is read. {escape(summary)}."
    return text, (section_block(text),)


def list_message(projects: Sequence[ProjectRef]) -> Shown:
    """Return the projects as a message, where no window can be opened."""
    if not projects:
        text = "No project is set up yet. `/pm projects` sets up those that Jira has."
        return text, (section_block(text),)
    lines = [project_line(project) for project in projects]
    opens = button(OPEN, "Open the list", "open")
    sections = [section_block("\n".join(lines[n : n + PAGE_SIZE])) for n in range(0, min(len(lines), 200), PAGE_SIZE)]
    return "\n".join(lines), (*sections, actions_block(opens))


def _input(field: str, element: Block, *, hint: str = "", optional: bool = True) -> Block:
    block: Block = {
        "type": "input",
        "block_id": field,
        "label": plain_text(LABELS[field]),
        "element": element,
        "optional": optional,
    }
    return block | ({"hint": plain_text(hint)} if hint else {})


def _text(value: str) -> Block:
    return {"type": "plain_text_input", "action_id": "value"} | ({"initial_value": value} if value else {})
