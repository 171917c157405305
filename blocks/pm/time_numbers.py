"""The numbers behind time tracking, opened: person by day, worklog by worklog, with the formula (TRUST-7)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from blocks.elements import button, context_block, plain_text, reading_view, section_block
from blocks.pm.words import day_text, exact_text, week_text
from blocks.text import bold, bullets, date_token, escape, link, truncate, truncate_markup
from services.mirror.types import ScheduleDay, WorklogRow
from services.pm.time_numbers import PersonNumbers
from services.pm.time_tracking import COMPLIANT_SHARE, PARTIAL_SHARE
from services.pm.types import ComplianceStatus, DayHours, PersonWeek, TimeTrackingSummary, Week

SHOW_NUMBERS = "pm.time_tracking.numbers"
CHOOSE_PERSON = "pm.time_tracking.numbers_person"
NUMBERS_VIEW = "pm.time_tracking.numbers_view"
FORMULA = (
    "Compliant from 80 % of the required hours (32 of 40), partial from 40 % (16 of 40), non-compliant below. "
    "Required is what Tempo's schedule asks for in the week, holidays and leave taken off; "
    "where that is nothing, nobody is judged. Logged are Tempo worklogs by the day that they are for."
)
VIEW_PEOPLE = 90
OPTIONS = 100
WORKLOGS_A_DAY = 20
DAY_CHARACTERS = 2_900

Block = dict[str, Any]

VERDICTS = {
    ComplianceStatus.COMPLIANT: "compliant",
    ComplianceStatus.PARTIAL: "partial",
    ComplianceStatus.NON_COMPLIANT: "non-compliant",
    ComplianceStatus.NOT_REQUIRED: "nothing required",
}


def numbers_button(week: Week, member_id: int | None = None) -> Block:
    """Return [Show the numbers]: of one person, or of all whom the reader looks after."""
    value: dict[str, Any] = {"week": week.start.isoformat()}
    return button(
        SHOW_NUMBERS,
        "Show the numbers",
        json.dumps(value | ({"of": member_id} if member_id is not None else {})),
        description="Show who logged how much on which day, and how it was judged",
    )


def numbers_loading() -> Block:
    """Return the modal that opens at once, while the numbers are read."""
    return _view([section_block("Reading the numbers…")])


def numbers_failed(text: str) -> Block:
    """Return the modal in place of numbers that could not be read."""
    return _view([section_block(f":warning: {text}")])


def numbers_view(found: TimeTrackingSummary) -> Block:
    """Return the modal with all of the week: person by day, the formula, how fresh the mirror is."""
    freshness = f"Tempo was last read {date_token(found.mirrored_at)}." if found.mirrored_at else "Never read."
    people = sorted(found.people, key=lambda week: (week.person.team, week.person.member.display_name))
    blocks = [
        section_block(f"*{week_text(found.week)}*: logged / required"),
        *([_chooser(found.week, people)] if people else []),
        *(section_block(_hours(week)) for week in people[:VIEW_PEOPLE]),
        *([section_block(_total(people))] if people else []),
        context_block(FORMULA),
        context_block(freshness),
    ]
    if len(people) > VIEW_PEOPLE:
        blocks.append(context_block(f"{len(people) - VIEW_PEOPLE} more people are in the total."))
    return _view(blocks)


def _chooser(week: Week, people: Sequence[PersonWeek]) -> Block:
    options = [
        {"text": plain_text(truncate(p.person.member.display_name or "?", 75)), "value": str(p.person.member.id)}
        for p in people[:OPTIONS]
    ]
    select = {
        "type": "static_select",
        "action_id": f"{CHOOSE_PERSON}:{week.start.isoformat()}",
        "placeholder": plain_text("Worklogs of…"),
        "options": options,
    }
    return {"type": "actions", "block_id": "numbers_person", "elements": [select]}


def _hours(week: PersonWeek) -> str:
    counting = [day for day in week.days if day.logged_seconds or day.required_seconds]
    days = " · ".join(f"{day.day:%a} {_of(day.logged_seconds, day.required_seconds)}" for day in counting)
    return f"{bold(week.person.member.display_name)} {_share(week)}: {VERDICTS[week.status]}\n{days}".rstrip()


def _of(logged: int, required: int) -> str:
    return f"{exact_text(logged)} / {exact_text(required)}"


def _share(week: PersonWeek) -> str:
    total = _of(week.logged_seconds, week.required_seconds)
    return total + (f" = {100 * week.logged_seconds / week.required_seconds:.1f} %" if week.required_seconds else "")


def _total(people: Iterable[PersonWeek]) -> str:
    weeks = list(people)
    sums = [(first.day, sum(w.days[n].logged_seconds for w in weeks)) for n, first in enumerate(weeks[0].days)]
    days = [f"{day:%a} {exact_text(seconds)}" for day, seconds in sums if seconds]
    return f"*Total* {exact_text(sum(week.logged_seconds for week in weeks))}\n{' · '.join(days)}".rstrip()


def person_view(numbers: PersonNumbers, site_url: str, people: Sequence[PersonWeek] = ()) -> Block:
    """Return the modal with one person's worklogs by day, and the verdict worked out; `people` are to choose from."""
    week = numbers.week
    freshness = f"Tempo was last read {date_token(numbers.mirrored_at)}." if numbers.mirrored_at else "Never read."
    by_day: dict[date, list[WorklogRow]] = {}
    for worklog in numbers.worklogs:
        by_day.setdefault(worklog.start_date, []).append(worklog)
    blocks = [
        section_block(f"{bold(week.person.member.display_name)}, {week_text(week.week)}: logged / required"),
        *([_chooser(week.week, people)] if people else []),
        *(
            section_block(_day(day, by_day.get(day.day, []), numbers.schedule.get(day.day), site_url))
            for day in week.days
            if day.logged_seconds or day.required_seconds or _is_special(numbers.schedule.get(day.day))
        ),
        section_block(f"*Total* {_share(week)}: *{VERDICTS[week.status]}*\n{_thresholds(week)}"),
        context_block(FORMULA),
        context_block(freshness),
    ]
    return _view(blocks)


def _day(day: DayHours, worklogs: Sequence[WorklogRow], schedule: ScheduleDay | None, site_url: str) -> str:
    lines = [_worklog(worklog, site_url) for worklog in worklogs[:WORKLOGS_A_DAY]]
    if len(worklogs) > WORKLOGS_A_DAY:
        rest = sum(worklog.time_spent_seconds for worklog in worklogs[WORKLOGS_A_DAY:])
        lines.append(f"{len(worklogs) - WORKLOGS_A_DAY} more worklogs: {exact_text(rest)}")
    head = f"*{day_text(day.day)}* {_of(day.logged_seconds, day.required_seconds)}{_why(schedule)}"
    return truncate_markup("\n".join([head, bullets(lines)] if lines else [head]), DAY_CHARACTERS)


def _worklog(worklog: WorklogRow, site_url: str) -> str:
    key = worklog.issue_key
    issue = link(f"{site_url}/browse/{key}", key) if key else f"issue {escape(worklog.issue_jira_id)} (not mirrored)"
    words = " ".join(worklog.description.split())
    said = f" · {escape(truncate(words, 80))}" if words else ""
    return f"{issue} {exact_text(worklog.time_spent_seconds)}{said}"


def _is_special(schedule: ScheduleDay | None) -> bool:
    return schedule is not None and (schedule.leave_seconds > 0 or schedule.day_type == "HOLIDAY")


def _why(schedule: ScheduleDay | None) -> str:
    if schedule is None:
        return ""
    parts = ["holiday"] if schedule.day_type.startswith("HOLIDAY") else []
    if schedule.leave_seconds:
        parts.append(f"leave, {exact_text(schedule.leave_seconds)} taken off")
    return f" ({', '.join(parts)})" if parts else ""


def _thresholds(week: PersonWeek) -> str:
    required = week.required_seconds
    if not required:
        return "Nothing was required, so nothing is judged."
    lines = []
    for name, share in (("compliant", COMPLIANT_SHARE), ("partial", PARTIAL_SHARE)):
        from_s = exact_text(math.ceil(share * required))
        lines.append(f"{name} from {int(share * 100)} % of {exact_text(required)} = {from_s}")
    return "; ".join(lines)


def _view(blocks: Sequence[Block]) -> Block:
    return reading_view(NUMBERS_VIEW, "Time tracking", blocks)
