"""What people put into a project's form: read, checked, and compared with what somebody else has changed meanwhile."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db.base import canonical_json
from services.accounts.types import MemberRef, Role
from services.pm.imports import GITHUB_REPOSITORY, LONGEST_MONTH_HOURS, cents_of
from services.pm.tables import minutes_of
from services.pm.types import ProjectRef, ProjectType

LONGEST_NAME = 200
MOST_REPOSITORIES = 50
FIELDS = ("name", "type", "pm", "channel", "retainer", "rate", "stakeholders", "repositories")
LABELS: Mapping[str, str] = {
    "name": "Name",
    "type": "How it is paid",
    "pm": "Project manager",
    "channel": "Channel",
    "retainer": "Retainer, hours a month",
    "rate": "Hourly rate, US dollars",
    "stakeholders": "Stakeholders",
    "repositories": "GitHub repositories",
}


@dataclass(frozen=True)
class ProjectValues:
    """A project as it is to be stored."""

    name: str
    type: ProjectType
    pm_member_id: int | None
    channel_id: str | None
    retainer_minutes: int | None
    rate_cents: int | None
    stakeholder_member_ids: tuple[int, ...]
    repositories: tuple[str, ...]

    def by_field(self) -> dict[str, Any]:
        """Return the values as JSON by the form's fields."""
        return {
            "name": self.name,
            "type": self.type.value,
            "pm": self.pm_member_id,
            "channel": self.channel_id,
            "retainer": self.retainer_minutes,
            "rate": self.rate_cents,
            "stakeholders": list(self.stakeholder_member_ids),
            "repositories": list(self.repositories),
        }


def values_of(project: ProjectRef) -> ProjectValues:
    """Return a project's values."""
    return ProjectValues(
        name=project.name,
        type=project.type,
        pm_member_id=project.pm.id if project.pm else None,
        channel_id=project.channel_id,
        retainer_minutes=project.monthly_retainer_minutes,
        rate_cents=project.hourly_rate_cents,
        stakeholder_member_ids=project.stakeholder_member_ids,
        repositories=project.github_repositories,
    )


def version_of(project: ProjectRef | None) -> str:
    """Return what changes with any of a project's values; "" of one that is not set up."""
    if project is None:
        return ""
    return hashlib.sha256(canonical_json(values_of(project).by_field()).encode()).hexdigest()[:16]


def may_change(member: MemberRef, project: ProjectRef | None) -> bool:
    """Tell whether a member may set a project up (a PM) or change it (its PM, and admins)."""
    if member.role is Role.ADMIN:
        return True
    is_own = project is None or project.pm is None or project.pm.id == member.id
    return member.role.includes(Role.PM) and is_own


def read_form(inputs: Mapping[str, Any], members: Sequence[MemberRef]) -> tuple[ProjectValues | None, dict[str, str]]:
    """Return what was put in (Slack ids for people), or None with what is wrong by field."""
    by_slack = {member.slack_user_id: member for member in members}
    problems: dict[str, str] = {}
    name = " ".join(str(inputs.get("name") or "").split())
    if not name or len(name) > LONGEST_NAME:
        problems["name"] = f"Give it a name of up to {LONGEST_NAME} characters."
    kind = str(inputs.get("type") or "")
    if kind not in set(ProjectType):
        problems["type"] = "Choose how it is paid."
    retainer = _hours(inputs.get("retainer"), problems)
    if kind == ProjectType.RETAINER and retainer is None and "retainer" not in problems:
        problems["retainer"] = "A retainer has hours a month, such as 160 or 37.5."
    pm = _manager(inputs.get("pm"), by_slack, problems)
    values = ProjectValues(
        name=name,
        type=ProjectType(kind) if kind in set(ProjectType) else ProjectType.INTERNAL,
        pm_member_id=pm,
        channel_id=str(inputs["channel"]) if inputs.get("channel") else None,
        retainer_minutes=retainer,
        rate_cents=_rate(inputs.get("rate"), problems),
        stakeholder_member_ids=_stakeholders(inputs.get("stakeholders") or (), by_slack, problems),
        repositories=_repositories(inputs.get("repositories"), problems),
    )
    return (None if problems else values), problems


def _hours(given: Any, problems: dict[str, str]) -> int | None:
    text = str(given or "").strip().removesuffix("h").strip()
    if not text:
        return None
    minutes = minutes_of(text, LONGEST_MONTH_HOURS)
    if not minutes:
        problems["retainer"] = "Use a number of hours above 0, such as 160 or 37.5."
    return minutes


def _rate(given: Any, problems: dict[str, str]) -> int | None:
    text = str(given or "").strip()
    if not text:
        return None
    cents = cents_of(text)
    if cents is None:
        problems["rate"] = "Use an amount an hour above 0, such as 150 or 92.50."
    return cents


def _manager(given: Any, by_slack: Mapping[str, MemberRef], problems: dict[str, str]) -> int | None:
    if not given:
        return None
    member = by_slack.get(str(given))
    if member is None:
        problems["pm"] = (
            "FlowPilot does not know this person yet: they say hello to it first, or an admin imports them."
        )
    elif not member.role.includes(Role.PM):
        problems["pm"] = f"{member.display_name} has the role {member.role}; a project manager needs pm or admin."
    return member.id if member else None


def _stakeholders(given: Sequence[Any], by_slack: Mapping[str, MemberRef], problems: dict[str, str]) -> tuple[int, ...]:
    if unknown := [str(each) for each in given if str(each) not in by_slack]:
        count = "One of these people is" if len(unknown) == 1 else f"{len(unknown)} of these people are"
        problems["stakeholders"] = f"{count} not known to FlowPilot yet: they say hello to it first."
    return tuple(by_slack[str(each)].id for each in given if str(each) in by_slack)


def _repositories(given: Any, problems: dict[str, str]) -> tuple[str, ...]:
    names = [name for name in re.split(r"[\s,;]+", str(given or "")) if name]
    names = [re.sub(r"^https?://[^/]+/", "", name).removesuffix(".git").strip("/") for name in names]
    wrong = next((name for name in names if not GITHUB_REPOSITORY.fullmatch(name)), None)
    if wrong is not None:
        problems["repositories"] = f"“{wrong[:60]}” is not a repository such as owner/name."
    elif len(names) > MOST_REPOSITORIES:
        problems["repositories"] = f"Use {MOST_REPOSITORIES} repositories at most."
    return tuple(dict.fromkeys(names))
