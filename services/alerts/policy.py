"""What is sent to whom and when, in one table: `docs/alert-policy.md` is this, in words.

Agents take the severity of what they find from here; which of it shares a message, `Finding.digestible` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.alerts.types import Severity


@dataclass(frozen=True)
class PolicyLine:
    """One kind of finding of an agent. `alone` ones are never a line of a digest: their buttons are the point."""

    agent: str
    kind: str
    what: str
    to: str
    when: str
    severity: Severity
    alone: bool = False
    stand_in: str = ""

    @property
    def waits(self) -> str:
        """What becomes of it in quiet hours, over the day's cap, and on a person's days off."""
        if self.severity is Severity.CRITICAL:
            return "never waits"
        if self.to.endswith("channel"):
            return "a channel is told at once"
        if self.stand_in:
            return f"leave: {self.stand_in} at once; else the next digest"
        return "told alone on the next working morning" if self.alone else "the next digest"


_NOTICE, _WARNING, _CRITICAL, _INFO = Severity.NOTICE, Severity.WARNING, Severity.CRITICAL, Severity.INFO
_MONDAY, _THREE_TIMES, _FOUR_TIMES = "Mondays 10:00", "working days 9:00, 13:00, 17:00", "working days, four times"

POLICY: tuple[PolicyLine, ...] = (
    PolicyLine("time-tracking", "reminder", "Too little logged last week", "the person", _MONDAY, _NOTICE, alone=True),
    PolicyLine("time-tracking", "summary", "The team's week", "the PM", _MONDAY, _INFO, alone=True),
    PolicyLine("retainer-budget", "75", "75 % of a retainer is used", "the PM", _THREE_TIMES, _NOTICE),
    PolicyLine("retainer-budget", "90", "90 % of a retainer is used", "the PM", _THREE_TIMES, _WARNING, alone=True),
    PolicyLine("retainer-budget", "100", "A retainer is used up", "the PM", _THREE_TIMES, _CRITICAL, alone=True),
    PolicyLine("retainer-budget", "channel", "Any of these", "the project's channel", _THREE_TIMES, _WARNING),
    PolicyLine("retainer-budget", "no-retainer", "A retainer project without hours", "the PM", "once", _INFO),
    PolicyLine("retainer-budget", "summary", "All budgets", "the alerts channel", "working days, once", _INFO),
    PolicyLine(
        "forecast-variance", "weekly", "Epics over forecast by 20 %", "the PM", "Mondays 11:00", _NOTICE, alone=True
    ),
    PolicyLine("forecast-variance", "calm", "No epic over forecast", "the PM", "Mondays 11:00", _INFO, alone=True),
    PolicyLine(
        "forecast-variance", "alert", "An epic over by 30 %", "the PM", "Mondays, the 1st", _WARNING, alone=True
    ),
    PolicyLine(
        "forecast-variance",
        "stakeholders",
        "An epic over by 50 %",
        "PM and stakeholders",
        "Mondays, the 1st",
        _CRITICAL,
        alone=True,
    ),
    PolicyLine("reconciliation", "report", "The month's workbook", "the PM", "the 1st 9:00", _INFO, alone=True),
    PolicyLine(
        "bottlenecks", "digest", "What is stuck, with actions", "the PM", "working days 16:00", _NOTICE, alone=True
    ),
    PolicyLine(
        "bottlenecks", "stuck", "Stuck for 5 days", "assignee and reviewer", _FOUR_TIMES, _NOTICE, stand_in="their PM"
    ),
    PolicyLine("bottlenecks", "escalation", "Stuck for 10 days", "the PM", _FOUR_TIMES, _WARNING),
    PolicyLine(
        "bottlenecks", "blocked", "Blocked, and by what", "assignee and PM", _FOUR_TIMES, _WARNING, stand_in="their PM"
    ),
    PolicyLine("bottlenecks", "asked", "Somebody asks for a look", "who is asked", "at a click", _NOTICE, alone=True),
    PolicyLine("epic-assignment", "list", "Tickets without an epic", "the PM", "daily 14:00", _NOTICE, alone=True),
    PolicyLine(
        "epic-rollup", "report", "How many tickets have an epic", "leadership", "Mondays 9:30", _INFO, alone=True
    ),
    PolicyLine("monday-card", "card", "The week ahead", "the PM", "Mondays 11:30", _INFO, alone=True),
    PolicyLine("alerts.thresholds", "moved", "Feedback moved a threshold", "admins", "at once", _INFO, alone=True),
    PolicyLine(
        "alerts.vendors", "circuit", "A vendor is down, or back", "the alerts channel", "once an hour", _WARNING
    ),
    PolicyLine("changes.settled", "late", "How an open change ended", "who asked for it", "once it is known", _INFO),
)
"""Each kind once. Weekly caps there are none: with bundles, digests and the day's cap a person gets few enough."""


def line_of(agent: str, kind: str, policy: Sequence[PolicyLine] = POLICY) -> PolicyLine:
    """Return the line of a kind; `KeyError` for one that the policy does not know."""
    for line in policy:
        if (line.agent, line.kind) == (agent, kind):
            return line
    raise KeyError(f"{agent}: {kind}")


def severity_of(agent: str, kind: str) -> Severity:
    """Return how severe a kind of finding is."""
    return line_of(agent, kind).severity


def policy_table(policy: Sequence[PolicyLine] = POLICY) -> str:
    """Return the policy as the Markdown table of its page."""
    head = "| agent | what | to | when | severity | in quiet hours, over the cap, on days off |\n" + "| --- " * 6 + "|"
    rows = [
        f"| `{line.agent}` | {line.what} | {line.to} | {line.when} | {line.severity} | {line.waits} |"
        for line in policy
    ]
    return "\n".join([head, *rows])
