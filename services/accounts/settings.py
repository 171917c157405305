"""What an account's admins can set, and what members can set for themselves: read, checked, written back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import available_timezones

from services.accounts import reading
from services.accounts.reading import MAX_DAILY_CAP
from services.accounts.regions import country_of, is_holiday_region
from services.accounts.types import DEFAULT_ROLE_PREFERENCE, Role
from services.alerts.tuning import TUNED, Threshold, read_limits, show_limits
from services.effort import MINUTES, read_minutes, show_minutes
from services.modes import RunMode
from services.vendors.google_sheets.types import spreadsheet_id_of

TIME_ZONE = "time_zone"
QUIET_FROM, QUIET_TO = "quiet_from", "quiet_to"
QUIET_HOURS = "quiet_hours"
DAILY_CAP = "alert_daily_cap"
ALERTS_CHANNEL = "alerts_channel_id"
MODEL_BUDGET = "model_monthly_budget_usd"
WORKFLOWS = "tickets.workflows"
SPREADSHEET = "reconciliation.spreadsheet"
WAITING_STATUSES = "bottlenecks.statuses"
DEFAULT_WAITING_STATUSES = "QA, UAT, Code Review, In Review, Blocked"
MAX_STATUSES = 30
HOLIDAYS = "public_holidays"
TICKET_HOME = "pilot.psa"
TICKET_HOMES = ("automatic", "connectwise", "jira")
PILOT_CHANNEL = "pilot.channel"
LEADERSHIP = "leadership"
MONDAY_CHANNELS = "monday_card.channels"
NO_HOLIDAYS = "none"
AGENT_MODES = ("live", "shadow", "off")
NO_QUIET = {"start": "00:00", "end": "00:00", "weekends": False}
_WORKFLOW = re.compile(r"([A-Za-z][A-Za-z0-9_]{1,9})\s*=\s*([a-z0-9][a-z0-9-]*)")
DEFAULT_QUIET = {"start": "18:00", "end": "08:00", "weekends": True}


class InputKind(StrEnum):
    """What a setting is asked for with."""

    TIME_ZONE = "time_zone"
    CHOICE = "choice"
    TIME = "time"
    NUMBER = "number"
    CHANNEL = "channel"
    PEOPLE = "people"
    TEXT = "text"


@dataclass(frozen=True)
class SettingSpec:
    """One setting: `read` turns what was put in into what is stored, or raises `ValueError` with what is wrong.

    `show` is what a text input holds for what is stored.
    """

    key: str
    label: str
    help: str
    kind: InputKind
    read: Callable[[Any], Any]
    default: Any = None
    choices: tuple[str, ...] = ()
    is_optional: bool = False
    show: Callable[[Any], str] = str


def _workflows(given: Any) -> dict[str, str] | None:
    """Read "CPE=macos-remediation, OPS=other", or what is stored; nothing is no project."""
    text = _shown_workflows(given) if isinstance(given, Mapping) else str(given or "")
    pairs = [pair.strip() for pair in re.split(r"[,\n]", text) if pair.strip()]
    found = [_WORKFLOW.fullmatch(pair) for pair in pairs]
    for pair, match in zip(pairs, found, strict=True):
        if match is None:
            raise ValueError(f"“{pair[:40]}” is not PROJECT=template, such as CPE=macos-remediation.")
    return {match[1].upper(): match[2] for match in found if match} or None


def _shown_workflows(stored: Mapping[str, str] | None) -> str:
    return ", ".join(f"{project}={template}" for project, template in (stored or {}).items())


def _holidays(given: Any) -> str | None:
    """Read "US", "US-CA" or "none"; nothing is the country of the time zone."""
    text = str(given or "").strip()
    if not text:
        return None
    if text.lower() == NO_HOLIDAYS:
        return NO_HOLIDAYS
    if not is_holiday_region(*_region(text)):
        raise ValueError("Use a country such as US, a part of one such as US-CA or DE-BY, or none.")
    return text.upper()


def _region(text: str) -> tuple[str, str | None]:
    country, _, subdivision = text.upper().partition("-")
    return country, subdivision or None


def holiday_region(setting: str | None, time_zone: str) -> tuple[str | None, str | None]:
    """Return country and subdivision whose public holidays count where Tempo says nothing of a day."""
    if setting == NO_HOLIDAYS:
        return None, None
    return _region(setting) if setting else (country_of(time_zone), None)


def _spreadsheet(given: Any) -> str | None:
    text = str(given or "").strip().strip("<>")
    if text and spreadsheet_id_of(text) is None:
        raise ValueError("Use the address of a spreadsheet: https://docs.google.com/spreadsheets/d/…")
    return text or None


def _statuses(given: Any) -> str:
    """Read "QA, In Review": names of statuses, each once whatever its case."""
    parts = [" ".join(part.split()) for part in re.split(r"[,\n]", str(given or ""))]
    names = list({part.casefold(): part for part in parts if part}.values())
    if not names or len(names) > MAX_STATUSES or any(len(name) > 60 for name in names):
        raise ValueError(f"Use 1 to {MAX_STATUSES} names of statuses, such as QA, Code Review, Blocked.")
    return ", ".join(names)


ROLES = tuple(role.value for role in Role)
ACCOUNT_SETTINGS = (
    SettingSpec(
        TIME_ZONE, "Time zone", "Agents run and days begin by it. Type to search.", InputKind.TIME_ZONE, reading.zone
    ),
    SettingSpec(
        DEFAULT_ROLE_PREFERENCE,
        "Role of new members",
        "For people whom FlowPilot sees for the first time. Guests are viewers.",
        InputKind.CHOICE,
        reading.one_of(ROLES),
        Role.ENGINEER.value,
        ROLES,
    ),
    SettingSpec(
        QUIET_FROM, "Quiet from", "Nobody gets a message then, on their own clock.", InputKind.TIME, reading.clock_time
    ),
    SettingSpec(
        QUIET_TO, "Quiet until", "The same as “from” means: only at weekends.", InputKind.TIME, reading.clock_time
    ),
    SettingSpec(
        DAILY_CAP,
        "Alerts a day",
        f"More than these wait for the person's digest; 0 to {MAX_DAILY_CAP}.",
        InputKind.NUMBER,
        reading.cap,
        5,
    ),
    SettingSpec(
        ALERTS_CHANNEL,
        "Alerts channel",
        "Where vendor problems and daily summaries go. FlowPilot has to be in it.",
        InputKind.CHANNEL,
        reading.channel,
        is_optional=True,
    ),
    SettingSpec(
        MODEL_BUDGET,
        "Model budget a month, US dollars",
        "When it is used up, rules answer in the place of models.",
        InputKind.NUMBER,
        reading.budget,
    ),
    SettingSpec(
        HOLIDAYS,
        "Public holidays",
        "Of which country (US, DE-BY, none), for days that Tempo says nothing of. Empty: the time zone's country.",
        InputKind.TEXT,
        _holidays,
        is_optional=True,
        show=lambda stored: str(stored or ""),
    ),
    SettingSpec(
        WORKFLOWS,
        "Workflow templates",
        "Moving a ticket into a phase then creates its sub-tasks, once. Such as CPE=macos-remediation.",
        InputKind.TEXT,
        _workflows,
        is_optional=True,
        show=_shown_workflows,
    ),
    SettingSpec(
        WAITING_STATUSES,
        "Statuses that work waits in",
        "Tickets that stay in one of these for unusually long are reported as stuck. Upper or lower case is the same.",
        InputKind.TEXT,
        _statuses,
        DEFAULT_WAITING_STATUSES,
    ),
    SettingSpec(
        LEADERSHIP,
        "Leadership",
        "Who gets the weekly roll-up of epics. Nobody chosen: the admins.",
        InputKind.PEOPLE,
        reading.people,
        is_optional=True,
    ),
    SettingSpec(
        MONDAY_CHANNELS,
        "Monday cards in the projects' channels",
        "Beside the PM's own: each project's card in its channel, where there is something to say.",
        InputKind.CHOICE,
        reading.one_of(("no", "yes")),
        "no",
        ("no", "yes"),
    ),
    SettingSpec(
        MINUTES,
        "Minutes that an action spares",
        "For the estimate of hours saved in /pm metrics. 0 leaves one out.",
        InputKind.TEXT,
        read_minutes,
        is_optional=True,
        show=show_minutes,
    ),
    SettingSpec(
        TICKET_HOME,
        "Home of tickets",
        "What CW-12 means, and whose tickets come first. Automatic: ConnectWise where it is connected, else Jira.",
        InputKind.CHOICE,
        reading.one_of(TICKET_HOMES),
        TICKET_HOMES[0],
        TICKET_HOMES,
    ),
    SettingSpec(
        PILOT_CHANNEL,
        "Channel for sessions",
        "Where sessions that programs open get their thread. FlowPilot has to be in it.",
        InputKind.CHANNEL,
        reading.channel,
        is_optional=True,
    ),
    SettingSpec(
        SPREADSHEET,
        "Reconciliation spreadsheet",
        "Address of a Google spreadsheet that is shared with FlowPilot's service account.",
        InputKind.TEXT,
        _spreadsheet,
        is_optional=True,
    ),
)


def agent_mode_key(agent: str) -> str:
    """Return the setting that says how an agent's scheduled runs go."""
    return f"agents.{agent}.mode"


def is_in_shadow(preferences: Mapping[str, Any], agent: str) -> bool:
    """Tell whether an agent only records what it finds, so that nobody is to be shown it unasked."""
    return preferences.get(agent_mode_key(agent)) == RunMode.SHADOW


def settings_with_agents(agents: Sequence[tuple[str, str]]) -> tuple[SettingSpec, ...]:
    """Return all settings of an account; `agents` are names and titles."""
    modes = (
        SettingSpec(
            agent_mode_key(name),
            title,
            "live sends, shadow only records what it would send, off does not run.",
            InputKind.CHOICE,
            reading.one_of(AGENT_MODES),
            "live",
            AGENT_MODES,
        )
        for name, title in agents
    )
    return (*ACCOUNT_SETTINGS, *modes, *_threshold_settings())


def _threshold_settings() -> tuple[SettingSpec, ...]:
    return tuple(
        SettingSpec(
            each.setting,
            each.title,
            "Between what, and by what at a time, feedback may move it; “off” holds it where it is.",
            InputKind.TEXT,
            _limits_reader(each),
            show_limits(each.limits, each.unit),
        )
        for each in TUNED
        if each.limits is not None
    )


def _limits_reader(threshold: Threshold) -> Callable[[Any], str]:
    def read(given: Any) -> str:
        return show_limits(read_limits(str(given), threshold), threshold.unit)

    return read


def current_values(
    specs: Sequence[SettingSpec], preferences: Mapping[str, Any], time_zone: str, budget_usd: float
) -> dict[str, Any]:
    """Return what each setting is now, defaults included."""
    quiet = DEFAULT_QUIET | (preferences.get(QUIET_HOURS) or {})
    own = {TIME_ZONE: time_zone, QUIET_FROM: quiet["start"], QUIET_TO: quiet["end"], MODEL_BUDGET: budget_usd}
    return {spec.key: preferences.get(spec.key, own.get(spec.key, spec.default)) for spec in specs}


def read_inputs(specs: Sequence[SettingSpec], inputs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what was put in as it is stored, and what is wrong with the rest, both by key."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for spec in specs:
        try:
            values[spec.key] = spec.read(inputs.get(spec.key))
        except ValueError as error:
            problems[spec.key] = str(error)
    return values, problems


def changed_preferences(values: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Return what differs from `current_values` as preferences: quiet hours are one, the time zone is none."""
    changed = {key: value for key, value in values.items() if value != current[key] and key != TIME_ZONE}
    quiet = {changed.pop(QUIET_FROM, None), changed.pop(QUIET_TO, None)}
    if quiet != {None}:
        changed[QUIET_HOURS] = DEFAULT_QUIET | {"start": values[QUIET_FROM], "end": values[QUIET_TO]}
    return changed


def time_zones_like(typed: str, limit: int = 100) -> list[str]:
    """Return time zones whose name holds what was typed, those of cities first."""
    wanted = typed.strip().lower().replace(" ", "_")
    found = [name for name in available_timezones() if wanted in name.lower()]
    return sorted(found, key=lambda name: ("/" not in name or name.startswith("Etc/"), name))[:limit]
