"""What each measure is, in one table: `docs/pm-metrics.md` is this, in words, and [How is this counted?] shows it."""

from __future__ import annotations

from collections.abc import Sequence

from services.pm.metrics.types import Definition, MeasureName, Target, Unit

_NO_WEEKS = "Not enough weeks yet"

DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        MeasureName.COMPLIANCE,
        "time-tracking",
        "Weekly compliance",
        Unit.PERCENT,
        Target(">", 95),
        "compliant person-weeks / person-weeks in which something was required x 100",
        "The weeks that the time-tracking agent has assessed; 80 % of a week's required hours is compliant.",
        f"{_NO_WEEKS}: it is known after the first Monday's run.",
    ),
    Definition(
        MeasureName.SURPRISES,
        "retainer-budget",
        "Budget surprises",
        Unit.COUNT,
        Target("=", 0),
        "retainer months that passed 100 % without an alert at 75 or 90 % up to the day on which they did",
        "Tempo's worklogs by day, and the alerts that were told. What was over before the agent's first run is left "
        "out.",
        "No retainer has been watched yet.",
    ),
    Definition(
        MeasureName.LATENCY,
        "forecast-variance",
        "Variance detection latency",
        Unit.DAYS,
        Target("≤", 7),
        "median of: day on which the variance was found - day whose worklogs took the epic past 120 % of its forecast",
        "Tempo's worklogs by day. It counts from the day of the forecast where that came later; epics that were past "
        "it before the agent's first run are listed, but not counted.",
        "No epic has passed 20 % over its forecast while it was watched.",
    ),
    Definition(
        MeasureName.RECONCILIATION,
        "reconciliation",
        "Reconciliation accuracy",
        Unit.PERCENT,
        Target("=", 100),
        "months whose newest report equals Tempo now, project by project and to the second / months reported x 100",
        "The newest revision of each month's report, and the worklogs as the mirror has them.",
        "No month has been reported yet: `/pm report` makes one.",
    ),
    Definition(
        MeasureName.BOTTLENECKS,
        "bottlenecks",
        "Bottleneck precision",
        Unit.PERCENT,
        Target(">", 80),
        "(useful + right) / (useful + not useful + right + wrong) x 100",
        "What people said of the alerts, and what became of the items: right is one that stayed two days more, or "
        "longer than nine of ten do.",
        "Nothing has been judged yet.",
    ),
    Definition(
        MeasureName.LINKED,
        "epic-assignment",
        "Tickets with an epic",
        Unit.PERCENT,
        Target(">", 90),
        "(open tickets - those without an epic) / open tickets x 100, of the newest week of each project",
        "The scope projects' open tickets, as counted at each week's last run.",
        f"{_NO_WEEKS}: it is known after the first run.",
    ),
    Definition(
        MeasureName.FIRST_CHOICE,
        "epic-assignment",
        "First suggestion taken",
        Unit.PERCENT,
        None,
        "tickets that got the epic suggested first / tickets that got any epic after a suggestion x 100",
        "Suggestions that named an epic and were decided, in Slack or in Jira.",
        "No suggestion has been decided yet.",
    ),
    Definition(
        MeasureName.PRECISION,
        "",
        "Alert precision",
        Unit.PERCENT,
        None,
        "(useful + right) / (useful + not useful + right + wrong) x 100, with Wilson's 95 % interval",
        "[Useful] and [Not useful], and what became of what each alert claimed; how, `/pm shadow AGENT` shows.",
        "Nothing has been judged yet: [Useful] and [Not useful] below each alert say how it was.",
    ),
    Definition(
        MeasureName.QUIETNESS,
        "",
        "Messages per person and week",
        Unit.MESSAGES,
        None,
        "messages / (people who got any x weeks since the first one)",
        "What FlowPilot sent to people by itself; a bundle or a digest is one message, channels are left out.",
        "Nothing has been sent yet.",
    ),
    Definition(
        MeasureName.HOURS_SAVED,
        "",
        "Hours saved, an estimate",
        Unit.HOURS,
        None,
        "sum of: things done x minutes each / 60",
        "What people did with FlowPilot's help and did not take back. The minutes are a setting, not a measurement.",
        "Nothing has been done with the agents' help yet.",
    ),
)


def definition_of(name: MeasureName, definitions: Sequence[Definition] = DEFINITIONS) -> Definition:
    """Return a measure's definition."""
    return next(each for each in definitions if each.name is name)


def metrics_table(definitions: Sequence[Definition] = DEFINITIONS) -> str:
    """Return the measures as the Markdown table of their page."""
    head = "| measure | agent | target | formula | from |\n| --- | --- | --- | --- | --- |"
    rows = [
        f"| {each.title} | {f'`{each.agent}`' if each.agent else 'all'} | {target_text(each)} | {each.formula} "
        f"| {each.source} |"
        for each in definitions
    ]
    return "\n".join([head, *rows])


def target_text(definition: Definition) -> str:
    """Return "> 95 %", or a dash without a target."""
    target = definition.target
    return f"{target.sign} {target.bound} {definition.unit.value}".strip() if target else "–"
