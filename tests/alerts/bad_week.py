"""A bad week, played through real alerts on SQLite: who got how many messages, and when.

`python -m tests.alerts.bad_week` writes its table, and that of the policy, into docs/alert-policy.md.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from blocks import alerts as renderer
from db.base import Base
from db.engine import Database
from db.models.accounts import AccountSettings
from db.models.alerts import AlertDelivery
from db.tenancy import account_scope
from services.accounts.types import MemberRef, Role
from services.alerts import Absences, Alerts, Finding, Recipient, Severity, Status
from services.alerts.policy import line_of, policy_table
from services.alerts.service import ALERTS_CHANNEL_PREFERENCE
from services.mirror.types import ScheduleDay
from tests.alerts.conftest import Clock, Message, Slack, make_member
from tests.conftest import make_account

PAGE = Path(__file__).parents[2] / "docs" / "alert-policy.md"
MONDAY = date(2026, 11, 16)
NEW_YORK = "America/New_York"
ENGINEERS = ("ALICE", "BOB", "CHEN", "DANA", "ERIK", "FAY")
PEOPLE = {"PRIYA": NEW_YORK, "MARCUS": NEW_YORK, "LENA": "Europe/Berlin"} | dict.fromkeys(ENGINEERS, NEW_YORK)
ROLES = {"PRIYA": "PM", "MARCUS": "PM", "LENA": "stakeholder, in Berlin"}
OFF = {"BOB": range(4), "ERIK": range(5)}
"""On leave: Bob until Thursday, Erik all week."""

TICKETS = 40
TEMPO_IS_BACK = (0, time(10, 45))
FLUSHES = (time(8, 1), time(9, 5), time(10, 50), time(12, 5), time(16, 1), time(17, 5), time(20, 5))


class RecordingSlack(Slack):
    """Remembers when each message came."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.times: dict[str, datetime] = {}

    async def post_once(self, *arguments: Any, **options: Any) -> Message:
        message = await super().post_once(*arguments, **options)
        self.times[message.ts] = self.clock.at
        return message


@dataclass
class Played:
    """What came of the week."""

    members: dict[str, MemberRef]
    slack: RecordingSlack
    rows: list[AlertDelivery]
    handed_over: dict[tuple[str, str], tuple[datetime, Finding]] = field(default_factory=dict)

    def received(self, person: str) -> list[tuple[datetime, Message]]:
        """Return a person's messages with their time on the person's clock."""
        zone = ZoneInfo(PEOPLE[person])
        mine = [m for m in self.slack.messages if m.channel == f"D-U{person}"]
        return [(self.slack.times[m.ts].astimezone(zone), m) for m in mine]


def at(day: int, when: time) -> datetime:
    """Return an instant of the week by New York's clock."""
    return datetime.combine(MONDAY + timedelta(days=day), when, tzinfo=ZoneInfo(NEW_YORK))


class Week:
    """What the agents find, run by run, as they hand it over."""

    def __init__(self, members: dict[str, MemberRef]) -> None:
        self.members = members
        self.stuck: list[Finding] = []

    def found(self, agent: str, kind: str, to: str, key: str, *, stand_in: str = "", **facts: Any) -> Finding:
        line = line_of(agent, kind)
        text = f"{line.what}: {key} ⟦{agent}:{kind}:{key}:{to}⟧"
        button = {"type": "button", "action_id": "open", "text": {"type": "plain_text", "text": "Open"}, "value": key}
        return Finding(
            f"{agent}:{kind}:{key}",
            agent,
            line.severity,
            Recipient.channel(to) if to.startswith("C") and to not in self.members else self._person(to),
            f"{agent}:{key}",
            text,
            (
                {"type": "section", "text": {"type": "mrkdwn", "text": text}},
                {"type": "actions", "block_id": "actions", "elements": [button]},
            ),
            digestible=not line.alone,
            facts=facts,
            kind=kind,
            stand_in=self._person(stand_in) if stand_in else None,
        )

    def _person(self, key: str) -> Recipient:
        return Recipient.person(self.members[key])

    def runs(self, day: int) -> Iterator[tuple[time, list[Finding]]]:
        """Yield each run of a working day; on Monday what needs Tempo waits until it is back."""
        late = TEMPO_IS_BACK[1] if day == 0 else None
        yield time(8), self._bottlenecks(day, 8)
        yield late or time(9), self._budgets(day)
        if day == 0:
            yield time(10, 46), self._time_tracking()
            yield time(11), self._variance()
        yield time(12), self._bottlenecks(day, 12) + self.stuck  # found again, as each run does
        lists = [("PRIYA", "SHOP"), ("MARCUS", "PORT")]
        yield time(14), [self.found("epic-assignment", "list", pm, f"{key}-{day}") for pm, key in lists]
        digests = [self.found("bottlenecks", "digest", pm, f"{pm}-{day}") for pm in ("PRIYA", "MARCUS")]
        yield time(16), self._bottlenecks(day, 16) + digests
        yield time(17), [self.found("retainer-budget", "summary", "CALERTS", f"{day}")]
        yield time(20), self._bottlenecks(day, 20)

    def _budgets(self, day: int) -> list[Finding]:
        """Three retainers are used up in the week: two in one run on Monday, one on Wednesday."""
        passed = {0: [("ACME", "100"), ("BOLT", "100"), ("CORE", "90")], 1: [("DUNE", "75")], 2: [("CORE", "100")]}
        pms = {"ACME": "PRIYA", "BOLT": "PRIYA", "CORE": "MARCUS", "DUNE": "PRIYA"}
        found = []
        for project, threshold in passed.get(day, []):
            found.append(self.found("retainer-budget", threshold, pms[project], f"{project} {threshold}"))
            found.append(self.found("retainer-budget", "channel", f"C{project}", f"{project} {threshold}"))
        return found

    def _time_tracking(self) -> list[Finding]:
        late = [self.found("time-tracking", "reminder", person, "week 46") for person in ("ALICE", "BOB", "CHEN")]
        return late + [self.found("time-tracking", "summary", pm, "week 46") for pm in ("PRIYA", "MARCUS")]

    def _variance(self) -> list[Finding]:
        weekly = [self.found("forecast-variance", "weekly", pm, "week 47") for pm in ("PRIYA", "MARCUS")]
        alerts = [self.found("forecast-variance", "alert", "PRIYA", epic) for epic in ("SHOP-5", "SHOP-9")]
        grave = [self.found("forecast-variance", "stakeholders", who, "PORT-7") for who in ("MARCUS", "LENA")]
        return weekly + alerts + grave

    def _bottlenecks(self, day: int, hour: int) -> list[Finding]:
        """Forty tickets pass five days: sixteen over the weekend, the others through the week; eight reach ten."""
        found: list[Finding] = []
        for number in range(TICKETS):
            due = (0, 8) if number < 16 else (number % 5, (8, 12, 16, 20)[number // 5 % 4])
            assignee, reviewer = ENGINEERS[number % 6], ENGINEERS[(number + 1) % 6]
            pm, key = ("PRIYA", "MARCUS")[number % 2], f"SHOP-{100 + number}"
            if due == (day, hour):
                found += [
                    self.found("bottlenecks", "stuck", who, key, stand_in=pm, status="Code Review")
                    for who in (assignee, reviewer)
                ]
            if number < 8 and (day, hour) == (3, 8):
                found.append(self.found("bottlenecks", "escalation", pm, key))
            if number in (20, 27, 34) and (day, hour) == (number % 5, 20):
                found.append(self.found("bottlenecks", "blocked", assignee, key, stand_in=pm))
        self.stuck += found
        return found


async def play(folder: Path) -> Played:
    """Play the week up to the Monday after it, so that what waited for those on leave comes too."""
    database, clock = Database(f"sqlite+aiosqlite:///{folder / 'week.sqlite'}"), Clock()
    slack = RecordingSlack(clock)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    with account_scope(await make_account(database)):
        async with database.transaction() as session:
            session.add(AccountSettings(preferences={ALERTS_CHANNEL_PREFERENCE: "CALERTS"}, updated_at=clock.at))
        members = {
            key: await make_member(database, f"U{key}", time_zone=zone, role=Role.PM, jira_account_id=key)
            for key, zone in PEOPLE.items()
        }
        absences = Absences(database, _schedule, lambda day, setting, zone: False, clock.now)
        alerts = Alerts(database, slack, renderer, clock.now, absences)
        played = Played(members, slack, [])
        week = Week(members)
        for day in (*range(7), 7):
            await _day(alerts, clock, week, day, played)
        async with database.transaction(write=False) as session:
            played.rows = list((await session.scalars(select(AlertDelivery).order_by(AlertDelivery.id))).all())
    await database.close()
    return played


async def _day(alerts: Alerts, clock: Clock, week: Week, day: int, played: Played) -> None:
    events: list[tuple[time, list[Finding] | str]] = [(when, "flush") for when in FLUSHES]
    if day == 0:
        events += [(time(8, 5), "down"), (time(10, 40), "up")]
    if day < 5:
        events += list(week.runs(day))
    for when, what in sorted(events, key=lambda event: event[0]):
        clock.at = at(day, when)
        if isinstance(what, list):
            for finding in what:
                played.handed_over.setdefault((finding.dedupe_key, finding.recipient.slack_id), (clock.at, finding))
            await alerts.deliver(what)
        elif what == "flush":
            await alerts.flush_digests()
        else:
            await alerts.vendor_circuit_changed("Tempo", is_open=what == "down")


async def _schedule(accounts: Any, first: date, last: date) -> list[ScheduleDay]:
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [_schedule_day(account, day) for account in accounts for day in days]


def _schedule_day(account: str, day: date) -> ScheduleDay:
    works = day.weekday() < 5
    is_off = works and (day - MONDAY).days in OFF.get(account, ())
    required = 8 * 3600 if works and not is_off else 0
    leave = 8 * 3600 if is_off else 0
    kind = "WORKING_DAY" if works else "NON_WORKING_DAY"
    return ScheduleDay(account, day, required, kind, leave, at(0, time()))


def markers(played: Played) -> Counter[str]:
    """Count in how many messages each finding is."""
    counts: Counter[str] = Counter()
    for message in played.slack.messages:
        shown = json.dumps(message.blocks, ensure_ascii=False)
        counts.update({part.partition("⟧")[0] for part in shown.split("⟦")[1:]})
    return counts


def table(played: Played) -> str:
    """Return messages per person and day as Markdown; what the agents found for each beside it."""
    found: Counter[str] = Counter(recipient for _, recipient in played.handed_over)
    delegated = Counter(row.recipient for row in played.rows if row.status == Status.DELEGATED)
    critical = Counter(r for (_, r), (_, f) in played.handed_over.items() if f.severity is Severity.CRITICAL)
    columns = ["person", "found for them", "of these critical", "told to a PM instead"]
    columns += ["Mon", "Tue", "Wed", "Thu", "Fri", "next Mon", "messages"]
    lines = [f"| {' | '.join(columns)} |", "| --- " * len(columns) + "|"]
    for person in PEOPLE:
        days: dict[int, int] = defaultdict(int)
        for when, _ in played.received(person):
            days[(when.date() - MONDAY).days] += 1
        counts = [_shown(person, day, days[day]) for day in (*range(5), 7)]
        who = f"{person.title()} ({ROLES.get(person, 'engineer')})"
        numbers = [found[f"U{person}"], critical[f"U{person}"], delegated[f"U{person}"], *counts, sum(days.values())]
        lines.append(f"| {who} | {' | '.join(str(number) for number in numbers)} |")
    total = sum(len(played.received(person)) for person in PEOPLE)
    people = sum(count for recipient, count in found.items() if recipient.startswith("U"))
    lines.append(f"\n{people} findings for {len(PEOPLE)} people came in {total} messages.")
    return "\n".join(lines)


def _shown(person: str, day: int, count: int) -> str:
    return "off" if day in OFF.get(person, ()) and not count else str(count)


def page_with(page: str, sections: Sequence[tuple[str, str]]) -> str:
    """Return the page with each generated section in its place."""
    for name, content in sections:
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}\n{content}\n{end}{rest.partition(end)[2]}"
    return page


def main() -> int:
    """Write the page's tables."""
    with tempfile.TemporaryDirectory() as folder:
        played = asyncio.run(play(Path(folder)))
    week = table(played)
    PAGE.write_text(page_with(PAGE.read_text(), [("policy", policy_table()), ("bad week", week)]))
    sys.stdout.write(f"{week}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
