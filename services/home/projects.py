"""What Home shows of a person's projects and week: pure, from sums that the database made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from services.accounts.types import MemberRef, Role
from services.home.types import BudgetLine
from services.pm.budgets.assess import pace_end
from services.pm.budgets.months import BudgetMonth
from services.pm.months import Month
from services.pm.types import ProjectRef, ProjectType

IsWorkingDay = Callable[[date], bool]


def projects_for(member: MemberRef, projects: Sequence[ProjectRef]) -> list[ProjectRef]:
    """Return the projects that a person manages or is a stakeholder of; an admin who has none sees all."""
    own = [
        project
        for project in projects
        if (project.pm is not None and project.pm.id == member.id) or member.id in project.stakeholder_member_ids
    ]
    return list(projects) if not own and member.role is Role.ADMIN else own


def budget_line(
    project: ProjectRef, seconds: Mapping[tuple[str, date], int], today: date, is_working_day: IsWorkingDay
) -> BudgetLine | None:
    """Return where a retainer's month stands by what was logged by day; None for what is no retainer with hours.

    The pace is what was logged for the days that are over, by the working days that are over (PM-2.2, PM-2.4).
    """
    if project.type is not ProjectType.RETAINER or not project.monthly_retainer_minutes:
        return None
    month, retainer = Month.of(today), project.monthly_retainer_minutes * 60
    logged = {day: spent for (key, day), spent in seconds.items() if key == project.key and day in month}
    worked = [day for day in month if is_working_day(day)]
    this = BudgetMonth(month, logged, dict.fromkeys(worked, 1.0))
    gone = sum(day < today for day in worked)
    burn = round(this.logged_through(today - timedelta(days=1)) / gone) if gone else None
    ends_on = pace_end(this, retainer, burn, [day for day in worked if day >= today])
    return BudgetLine(retainer, this.total, ends_on, has_pace=burn is not None)
