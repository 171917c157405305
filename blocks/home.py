"""App Home: what concerns one person, and what they can do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blocks.accounts import LINK_OPEN, settings_button
from blocks.elements import button, context_block, section_block
from blocks.home_projects import own_week, project_blocks, report_blocks
from blocks.pilot.lists import session_line
from blocks.pilot.parts import RESUME, section
from blocks.pilot.parts import button as pilot_button
from blocks.pm.projects import OPEN as PROJECTS_OPEN
from blocks.text import bold, date_token, escape, link, truncate, truncate_markup
from services.accounts.types import Role
from services.home.types import AgentLine, AlertLine, FocusLine, HomeData, SessionLine, SourceLine, SuggestionCount

RUN_NOW = "home_run"
RUN_DRY = "home_dry_run"
HELP = "home_help"
METRICS = "home_metrics"
NO_PROJECTS = "None that you manage. [Projects] above sets one up."
MAX_ALERT_CHARACTERS = 200
ALERT_LINES = 2
PROMPTS = (
    ("What can you do?", "help"),
    ("Who am I in Jira?", "flowpilot link"),
    ("My settings", "flowpilot settings mine"),
)
_SEVERITY = {"critical": ":red_circle:", "warning": ":large_orange_circle:", "notice": ":large_yellow_circle:"}
_WAITING = {"held": "comes the next working morning", "folded": "waits for your digest"}
_STATUS = {"done": ":white_check_mark:", "failed": ":x:", "running": ":hourglass:", "waiting": ":hourglass:"}

Block = dict[str, Any]


def home_view(data: HomeData) -> Block:
    """Return the view that is published."""
    return {"type": "home", "blocks": home_blocks(data)}


def home_blocks(data: HomeData) -> list[Block]:
    """Return the Home of one person, top down: what is wrong, what is theirs, what runs by itself."""
    return [
        *_greeting(data),
        *_problems(data.resting_vendors),
        *_link_call(data),
        *(_part("Your week", own_week(data.own_week, data.member)) if data.own_week else []),
        *_part("Your focus", _focus(data.focus)),
        *(_part("Your sessions", _sessions(data)) if data.member.role.includes(Role.ENGINEER) else []),
        *_projects(data),
        *_part("Waiting for your approval", _suggestions(data.suggestions)),
        *_part("Alerts on your projects", _alerts(data.alerts)),
        *_part("Agents", _agents(data)),
        *_part("How fresh the data is", [context_block(_source(source)) for source in data.sources]),
    ]


def _greeting(data: HomeData) -> list[Block]:
    name = truncate(data.member.display_name, 100)
    buttons = [button(HELP, "What can I do?", "help")]
    if data.member.role.includes(Role.ENGINEER):
        buttons.append(button(PROJECTS_OPEN, "Projects", "open"))
    if data.member.role.includes(Role.LEAD):
        buttons.append(button(METRICS, "How the agents do", "metrics"))
    buttons.append(settings_button("Settings" if data.member.role is Role.ADMIN else "My settings"))
    return [
        {"type": "header", "text": {"type": "plain_text", "text": f"Hello {name}"}},
        context_block(f"{escape(data.account.name)} · your role is *{data.member.role}*"),
        {"type": "actions", "block_id": "home_actions", "elements": buttons},
    ]


def _problems(vendors: Sequence[str]) -> list[Block]:
    if not vendors:
        return []
    names = " and ".join(escape(vendor) for vendor in vendors)
    verb = "does" if len(vendors) == 1 else "do"
    return [section_block(f":warning: *{names} {verb} not answer.* FlowPilot tries again by itself; nothing is lost.")]


def _link_call(data: HomeData) -> list[Block]:
    if data.member.jira_account_id:
        return []
    text = ":wave: *Link your Jira account*\nThen FlowPilot knows which tickets and hours are yours."
    return [section_block(text) | {"accessory": button(LINK_OPEN, "Link Jira", "me", style="primary")}]


def _projects(data: HomeData) -> list[Block]:
    """Return projects and the last report; for who has neither and could have none, nothing."""
    is_manager = data.member.role.includes(Role.PM)
    if not (data.projects or is_manager):
        return []
    shown = project_blocks(data.projects, data.day, data.member) if data.projects else [context_block(NO_PROJECTS)]
    return [*_part("Projects", shown), *(report_blocks(data.report) if is_manager else [])]


def _part(title: str, blocks: Sequence[Block]) -> list[Block]:
    return [{"type": "divider"}, section_block(f"*{title}*"), *blocks]


def _sessions(data: HomeData) -> list[Block]:
    none = "None open. In a channel, `/pilot` and a problem in your words starts one."
    lines = [_session(each) for each in data.sessions] or [context_block(none)]
    drafts = f"{data.draft_templates} script {'draft waits' if data.draft_templates == 1 else 'drafts wait'}"
    return [*lines, *([context_block(f"{drafts}: `/pilot templates`.")] if data.draft_templates else [])]


def _session(line: SessionLine) -> Block:
    """Return a session; [Go on] opens its thread, too, and shows its lane there."""
    session = line.session
    go_on = pilot_button(f"{RESUME}:{session.id}", "Go on", session.id)
    return section(session_line(session, line.url), go_on | ({"url": line.url} if line.url else {}))


def _focus(focus: FocusLine | None) -> list[Block]:
    if focus is None:
        return [context_block("None. `/ticket focus KEY` sets the ticket that commands without a key mean.")]
    status = f" · {escape(focus.status)}" if focus.status else ""
    return [section_block(f"{link(focus.url, focus.key)} {escape(focus.summary)}{status}")]


def _suggestions(suggestions: Sequence[SuggestionCount]) -> list[Block]:
    if not suggestions:
        return [context_block("Nothing. Epic suggestions for projects that you manage show up here.")]
    return [section_block("\n".join(_suggestion(each) for each in suggestions))]


def _suggestion(suggestion: SuggestionCount) -> str:
    what = "1 ticket" if suggestion.open == 1 else f"{suggestion.open} tickets"
    jump = f" · {link(suggestion.url, 'go there')}" if suggestion.url else ""
    return f"• {bold(suggestion.project_key)}: {what} without an epic{jump}"


def _alerts(alerts: Sequence[AlertLine]) -> list[Block]:
    if not alerts:
        return [context_block("None. All is quiet.")]
    return [section_block(_alert(alert)) for alert in alerts]


def _alert(alert: AlertLine) -> str:
    # the text is markup already: whoever found it escaped what came from outside
    lines = [line for line in alert.text.splitlines() if line.strip()]
    text = truncate_markup(" ".join(" ".join(lines[:ALERT_LINES]).split()), MAX_ALERT_CHARACTERS)
    where = link(alert.url, "show") if alert.url else _WAITING.get(alert.status, "")
    about = " · ".join(part for part in (date_token(alert.at), where) if part)
    icon = "" if text.startswith(":") else f"{_SEVERITY.get(alert.severity, ':white_circle:')} "  # it brought its own
    return f"{icon}{text}\n_{about}_"


def _agents(data: HomeData) -> list[Block]:
    if not data.agents:
        return [context_block("None yet.")]
    return [block for agent in data.agents for block in _agent(agent)]


def _agent(agent: AgentLine) -> list[Block]:
    mode = "" if agent.mode == "live" else f" · _{escape(agent.mode)}_"
    text = f"{bold(agent.title)} · {escape(agent.schedule)}{mode}\n{_last_run(agent)}\n{_next_run(agent)}"
    if not agent.may_run or agent.is_running:
        return [section_block(text)]
    name = agent.name
    buttons = [
        button(f"{RUN_NOW}:{name}", "Run now", name, description=f"Run {agent.title} now"),
        button(f"{RUN_DRY}:{name}", "Dry run", name, description=f"Show what {agent.title} would send"),
    ]
    buttons[0]["confirm"] = {
        "title": {"type": "plain_text", "text": "Run it now?"},
        "text": {"type": "plain_text", "text": "People it finds something for get their messages."},
        "confirm": {"type": "plain_text", "text": "Run"},
        "deny": {"type": "plain_text", "text": "Cancel"},
    }
    return [section_block(text), {"type": "actions", "block_id": f"home_agent:{name}", "elements": buttons}]


def _last_run(agent: AgentLine) -> str:
    if agent.is_running:
        return ":hourglass_flowing_sand: Running now…"
    if agent.last_at is None:
        return "Has not run yet."
    line = f": {escape(truncate(agent.last_line, 200))}" if agent.last_line else ""
    return f"{_STATUS.get(agent.status, '')} Last run {date_token(agent.last_at)}{line}"


def _next_run(agent: AgentLine) -> str:
    if agent.mode == "off":
        return "Switched off."
    return f"Next run {date_token(agent.next_at)}" if agent.next_at else "No next run."


def _source(source: SourceLine) -> str:
    if source.read_at is None:
        read = f"{escape(source.name)}: not read yet"
    else:
        icon = ":warning: " if source.is_stale else ""
        read = f"{icon}{escape(source.name)} read {date_token(source.read_at, 'ago')}"
    return read + (f" · {escape(truncate(source.error, 200))}" if source.error else "")
