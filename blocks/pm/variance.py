"""Forecast variance: the alert of an epic, a PM's summary, and the numbers behind both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from blocks.elements import button, context_block, header_block, reading_view, section_block
from blocks.pm.words import counted, exact_text, hours_text
from blocks.text import bullets, code, date_token, escape, italic, link, truncate
from services.ai.names import name_for_people
from services.pm.months import Month
from services.pm.variance.types import (
    Alert,
    Completion,
    EpicVariance,
    Figure,
    Reason,
    Summary,
    VarianceNumbers,
    Window,
)

SHOW_NUMBERS = "pm.variance.numbers"
NUMBERS_VIEW = "pm.variance.numbers_view"
WHOLE_EPICS = 8
"""So many epics are shown in full; the rest is a line each."""

LISTED_EPICS = 20
LISTED_ROWS = 30

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]
"""A message's text, whole, and its blocks."""


def alert(found: Alert, reason: Reason, day: date, jira_url: str) -> Shown:
    """Return what somebody hears at once of an epic that is far above its forecast."""
    variance = found.variance
    over = f"{_percent(variance.variance_percent)} %"
    head = f":rotating_light: *{over} over forecast*: {_epic(variance, jira_url)}"
    lines = [head, *_figures(variance), _why(reason)]
    note = (
        f"You hear of this as a stakeholder of {escape(variance.epic.project_key)}. Its PM hears of it as well."
        if found.is_stakeholder
        else "You hear of this epic again when it has grown by another 10 %, or in a month."
    )
    return "\n".join(lines), (section_block("\n".join(lines)), _buttons([variance], day), context_block(note))


def summary(
    found: Summary, reasons: Mapping[str, Reason], day: date, jira_url: str, threshold: Fraction, told: Sequence[str]
) -> Shown:
    """Return what a PM hears of all their projects; `told` are the epics of which an alert of its own tells them."""
    title = f"Forecast variance, {found.month.title if '-W' not in found.period else f'{day:%b} {day.day}'}"
    whole = [variance for variance in found.over if variance.key not in told][:WHOLE_EPICS]
    shown = [(variance, _whole(variance, reasons, jira_url)) for variance in whole]
    short = [_short(variance, jira_url, told) for variance in found.over if variance not in whole]
    rest = [
        bullets(short[:LISTED_EPICS] + _more(len(short))) if short else "",
        _without_forecast(found, jira_url),
        _under(found, jira_url),
    ]
    rest = [part for part in rest if part]
    headline = _headline(found, threshold)
    freshness = f"Tempo as of {date_token(found.mirrored_at)}." if found.mirrored_at else "Tempo was never read."
    blocks = [
        header_block(title),
        section_block(headline),
        *(section_block(text) | {"accessory": numbers_button(variance, day)} for variance, text in shown),
        *(section_block(part) for part in rest),
        context_block(freshness),
    ]
    return "\n".join([f"{title}.", headline, *(text for _, text in shown), *rest]), tuple(blocks)


def _headline(found: Summary, threshold: Fraction) -> str:
    compared = len(found.over) + len(found.under) + found.within
    if not found.has_forecasts:
        return (
            "None of your epics has a forecast to compare its hours with. `/pm forecast import` takes a file of them."
        )
    limit = _percent(threshold)
    if not found.over:
        return f"None of your {counted(compared, 'epic')} with a forecast is more than {limit} % over it."
    head = f"*{len(found.over)} of {counted(compared, 'epic')}* {'is' if len(found.over) == 1 else 'are'}"
    return f"{head} more than {limit} % over forecast, most risk first."


def _whole(variance: EpicVariance, reasons: Mapping[str, Reason], jira_url: str) -> str:
    over = f"*{_percent(variance.variance_percent)} % over*"
    return "\n".join([f"{over}: {_epic(variance, jira_url)}", *_figures(variance), _why(reasons[variance.key])])


def _short(variance: EpicVariance, jira_url: str, told: Sequence[str]) -> str:
    own = "; an alert of its own tells the rest" if variance.key in told else ""
    over = f"*{_percent(variance.variance_percent)} % over*"
    return f"{over}: {_epic(variance, jira_url)}, risk {variance.risk} of 10{own}"


def _figures(variance: EpicVariance) -> list[str]:
    inception, month, done = variance.inception, variance.month, variance.completion
    issues = f"{done.done} of {counted(done.total, 'issue')}"
    share = f"{issues} done"
    if done.percent is not None and inception.hours_percent is not None:
        used = f"{_percent(inception.hours_percent)} % of the hours"
        share = f"{_percent(done.percent)} % done ({issues}) with {used}"
    return [
        f"{_hours_line(inception)} · {share} · *risk {variance.risk} of 10*",
        f"{_month_title(variance)}: {_hours_line(month)}",
    ]


def _month_title(variance: EpicVariance) -> str:
    return variance.month.month.title if variance.month.month else "Month to date"


def _hours_line(figure: Figure) -> str:
    actual = hours_text(figure.actual_seconds)
    variance = figure.variance_percent
    if variance is None:
        what = "the month" if figure.window is Window.MONTH else "the epic in all"
        return f"{actual}, no forecast of {what} to compare with"
    sign = "+" if variance > 0 else ""
    basis = (
        f" ({figure.basis})" if figure.basis and figure.window is Window.INCEPTION and "'s" not in figure.basis else ""
    )
    return f"*{actual}* of {hours_text(figure.forecast_seconds)}{basis}, {sign}{_percent(variance)} %"


def _why(reason: Reason) -> str:
    by = "rule-based" if reason.is_rule_based else f"by {name_for_people(reason.answered_by)}"
    return f"*{escape(reason.kind.value.capitalize())}*: {escape(truncate(reason.says, 400))} {italic(by)}"


def _without_forecast(found: Summary, jira_url: str) -> str:
    if not found.without_forecast:
        return ""
    lines = [
        f"{_epic(each, jira_url)}: {hours_text(each.inception.actual_seconds)} so far; "
        f"{code(f'/pm forecast set {each.key} 120h')}"
        for each in found.without_forecast[:LISTED_EPICS]
    ]
    return "*Hours, but no forecast*\n" + bullets(lines + _more(len(found.without_forecast)))


def _under(found: Summary, jira_url: str) -> str:
    if not found.under:
        return ""
    lines = [
        f"{_epic(each, jira_url)}: {_hours_line(each.inception)}, {_done(each.completion)}"
        for each in found.under[:LISTED_EPICS]
    ]
    finished = sum(each.completion.percent == 100 for each in found.under)
    title = {0: "Nearly done", len(found.under): "Done"}.get(finished, "Done, or nearly,")
    return f"*{title} with far fewer hours*\n" + bullets(lines + _more(len(found.under)))


def _done(completion: Completion) -> str:
    """Return how much of an epic is done, rounded down: only all of it is done."""
    percent = completion.percent
    return "done" if percent == 100 else f"{'?' if percent is None else int(percent)} % done"


def _more(count: int) -> list[str]:
    return [f"{count - LISTED_EPICS} more"] if count > LISTED_EPICS else []


def numbers_loading() -> Block:
    """Return the modal that opens at once, while the numbers are read."""
    return _view([section_block("Reading the numbers…")])


def numbers_refused(why: str) -> Block:
    """Return the modal for somebody who may not see them."""
    return _view([section_block(escape(why))])


def numbers_view(found: VarianceNumbers, jira_url: str) -> Block:
    """Return the modal: each formula with its values, hours by month, person and issue, and which issues count."""
    variance = found.variance
    freshness = f"Tempo was last read {date_token(found.mirrored_at)}." if found.mirrored_at else "Never read."
    months = [(Month.parse(month).title, seconds) for month, seconds in found.by_month]
    return _view(
        [
            section_block(f"{_epic(variance, jira_url)}\nAs of {found.day:%b} {found.day.day}, {found.day.year}"),
            section_block("*How it is computed*\n" + bullets(_formulas(found))),
            section_block("*Forecasts*\n" + bullets(_forecast_lines(found))),
            section_block("*Hours by month*\n" + bullets(_rows(months))),
            section_block("*Hours by person*\n" + bullets(_rows(found.by_person))),
            section_block("*Hours by issue*\n" + bullets(_rows(found.by_issue))),
            section_block(f"*Done* ({len(found.done)}): {_keys([issue.key for issue in found.done])}"),
            section_block(f"*Not done* ({len(found.open)}): {_keys([issue.key for issue in found.open])}"),
            context_block(f"Hours are Tempo worklogs on the epic, its issues and their sub-tasks. {freshness}"),
        ]
    )


def _formulas(found: VarianceNumbers) -> list[str]:
    variance = found.variance
    lines = [_formula("Since inception", variance.inception), _formula(_month_title(variance), variance.month)]
    done = variance.completion
    shown = f"{done.done} / {done.total} x 100 = *{_percent(done.percent, 1)} %*" if done.total else "no issues yet"
    lines.append(f"Completion: {shown} (issues of the epic in a status of the category Done; sub-tasks do not count)")
    if variance.variance_percent is not None:
        lines.append(
            f"Risk: 1 + 9 x (0.6 x {_percent(variance.variance_percent, 1)} / 60 + 0.4 x "
            f"{found.misaligned_points:.1f} / 80), each part 0 to 1, rounded down = *{variance.risk}*; "
            f"{found.misaligned_points:.1f} is by how many points hours are ahead of completion"
        )
    return lines


def _formula(name: str, figure: Figure) -> str:
    actual, planned = figure.actual_seconds, figure.forecast_seconds
    if figure.variance_percent is None:
        return f"{name}: {exact_text(actual)} worked, no forecast to compare with"
    return (
        f"{name}: ({exact_text(actual)} - {exact_text(planned)}) / {exact_text(planned)} x 100 = "
        f"*{_percent(figure.variance_percent, 1)} %* (forecast: {figure.basis})"
    )


def _forecast_lines(found: VarianceNumbers) -> list[str]:
    lines = []
    for forecast in found.forecasts[:LISTED_ROWS]:
        what = forecast.month.title if forecast.month else "In all"
        team = f", {escape(forecast.team)}" if forecast.team else ""
        lines.append(
            f"{what}{team}: {hours_text(forecast.minutes * 60)}, set {date_token(forecast.changed_at, 'date')}"
        )
    return lines or ["none"]


def _rows(pairs: Sequence[tuple[str, int]]) -> list[str]:
    lines = [f"{escape(name) or 'no issue'}: {hours_text(seconds)}" for name, seconds in pairs[:LISTED_ROWS]]
    if rest := pairs[LISTED_ROWS:]:
        lines.append(f"{len(rest)} more: {hours_text(sum(seconds for _, seconds in rest))}")
    return lines or ["none"]


def _keys(keys: Sequence[str]) -> str:
    shown = ", ".join(escape(key) for key in keys[:150])
    return shown + (f" and {len(keys) - 150} more" if len(keys) > 150 else "") or "none"


def _epic(variance: EpicVariance, jira_url: str) -> str:
    name = f"{variance.key} {truncate(variance.epic.summary, 120)}"
    return link(f"{jira_url.rstrip('/')}/browse/{variance.key}", name)


def _percent(value: Fraction | None, digits: int = 0) -> str:
    """Return a per cent for display; exact halves go away from zero as people expect."""
    if value is None:
        return "?"
    scaled = value * 10**digits
    whole = int(abs(scaled) + Fraction(1, 2)) * (1 if scaled >= 0 else -1)
    return f"{whole / 10**digits:.{digits}f}"


def _buttons(variances: Sequence[EpicVariance], day: date) -> Block:
    return {"type": "actions", "elements": [numbers_button(variance, day) for variance in variances]}


def numbers_button(variance: EpicVariance, day: date, label: str = "Show the numbers") -> Block:
    """Return the button that opens an epic's worklogs, formulas and issues."""
    return button(
        f"{SHOW_NUMBERS}:{variance.key}",
        label,
        json.dumps({"epic": variance.key, "day": day.isoformat()}),
        description=f"Show worklogs, formulas and issues behind {variance.key}",
    )


def _view(blocks: Sequence[Block]) -> Block:
    return reading_view(NUMBERS_VIEW, "Forecast variance", blocks)
