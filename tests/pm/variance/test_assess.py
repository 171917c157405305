"""From hours and forecasts to causes and to who hears of what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from blocks.pm import variance as blocks
from services.accounts.types import MemberRef, Role
from services.mirror.types import IssueRow
from services.pm.epic_hours import EpicMonth
from services.pm.forecasts import Basis, Forecast
from services.pm.forecasts.types import Source
from services.pm.hours import LoggedTime
from services.pm.months import Month
from services.pm.types import ProjectRef, ProjectType
from services.pm.variance.assess import assess_variance
from services.pm.variance.numbers import numbers_of
from services.pm.variance.reasons import reason_by_rules
from services.pm.variance.types import CauseKind, Completion, EpicVariance, VarianceData, VarianceFindings
from tests.pm.forecasts.test_reading import issue

DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
LONG_AGO = datetime(2026, 6, 1, tzinfo=UTC)
PRIYA = MemberRef(1, "U1", "Priya", Role.PM, "UTC", "priya")
ADA = MemberRef(2, "U2", "Ada", Role.ADMIN, "UTC", "ada")
DANA = MemberRef(3, "U3", "Dana", Role.VIEWER, "UTC")
SHOP = ProjectRef("SHOP", "Shop", ProjectType.SCOPE, PRIYA, None, None, (3, 1, 99))
NOVEMBER = date(2026, 11, 10)


def child(number: int, epic: str, created: datetime = LONG_AGO, *, done: bool = True, kind: str = "Story") -> IssueRow:
    category = "done" if done else "indeterminate"
    row = issue(f"SHOP-{number}", -1 if kind == "Sub-task" else 0, kind)
    return replace(row, epic_key=epic, created_at=created, status_category=category)


def hours(issue_key: str, epic: str, count: float, day: date, who: str = "priya") -> LoggedTime:
    return LoggedTime("SHOP", epic, issue_key, "", who, day, round(count * 3600))


def forecast(epic: str, planned: float, month: Month | None = None) -> Forecast:
    return Forecast("SHOP", epic, month, "", round(planned * 60), Source.FILE, LONG_AGO)


def data(**changes: Any) -> VarianceData:
    whole: dict[str, Any] = {
        "day": DAY,
        "at": AT,
        "projects": (SHOP,),
        "members": (PRIYA, ADA, DANA),
        "epics": (issue("SHOP-1"),),
        "issues": tuple(child(number, "SHOP-1") for number in range(10, 20)),
        "entries": (hours("SHOP-10", "SHOP-1", 140, date(2026, 7, 1)),),
        "kept": (),
        "forecasts": (forecast("SHOP-1", 100),),
    }
    return VarianceData(**{**whole, **changes})


def only(findings: VarianceFindings) -> EpicVariance:
    [variance] = findings.epics
    return variance


def kinds(**changes: Any) -> list[CauseKind]:
    return [cause.kind for cause in only(assess_variance(data(**changes))).causes]


@pytest.mark.requirement("PM-3.1")
def test_hours_since_inception_are_those_of_the_ledger_and_of_the_mirror_together() -> None:
    kept = (EpicMonth("SHOP", "SHOP-1", Month(2025, 3), "", 7201, AT),)
    variance = only(assess_variance(data(kept=kept)))
    assert variance.inception.actual_seconds == 140 * 3600 + 7201
    assert variance.month.variance_percent is None
    assert variance.variance_percent == variance.inception.variance_percent


@pytest.mark.requirement("PM-3.1")
def test_the_month_has_its_own_forecast_and_months_add_up_where_there_is_no_total() -> None:
    november = Month(2026, 11)
    entries = (hours("SHOP-10", "SHOP-1", 30, NOVEMBER), hours("SHOP-10", "SHOP-1", 10, date(2026, 10, 30)))
    forecasts = (forecast("SHOP-1", 20, november), forecast("SHOP-1", 40, november.back(1)))
    variance = only(assess_variance(data(entries=entries, forecasts=forecasts)))
    assert variance.month.variance_percent == 50
    assert (variance.inception.forecast_minutes, variance.inception.basis) == (3600, Basis.MONTHS)
    assert variance.worst is variance.month
    assert (
        "November 2026: *30 h* of 20 h, +50 %"
        in blocks.alert(
            assess_variance(data(entries=entries, forecasts=forecasts)).alerts[0],
            reason_by_rules(variance),
            DAY,
            "https://j",
        )[0]
    )


@pytest.mark.requirement("PM-3.2")
@pytest.mark.parametrize("forecasts", [(), (forecast("SHOP-1", 0),)])
def test_an_epic_with_hours_and_no_forecast_is_a_finding_of_its_own(forecasts: tuple[Forecast, ...]) -> None:
    findings = assess_variance(data(forecasts=forecasts))
    [summary] = findings.summaries
    assert [each.key for each in summary.without_forecast] == ["SHOP-1"]
    assert not findings.alerts
    assert not summary.has_forecasts
    text, _ = blocks.summary(summary, {}, DAY, "https://jira.test", Fraction(20), [])
    assert "`/pm forecast set SHOP-1 120h`" in text


def test_an_epic_that_ended_long_ago_is_history_and_an_empty_one_is_nothing_to_tell() -> None:
    ended = replace(issue("SHOP-1"), status_category="done", resolved_at=datetime(2026, 8, 1, tzinfo=UTC))
    assert not assess_variance(data(epics=(ended,))).epics
    empty = assess_variance(data(entries=(), issues=()))
    assert only(empty).completion.percent is None
    assert not empty.summaries


@pytest.mark.requirement("PM-3.3")
def test_scope_that_grew_after_the_forecast_is_seen_and_says_by_how_much() -> None:
    issues = [child(number, "SHOP-1") for number in range(10, 16)]
    issues += [child(number, "SHOP-1", LONG_AGO + timedelta(days=9)) for number in range(16, 20)]
    variance = only(assess_variance(data(issues=tuple(issues), forecasts=(forecast("SHOP-1", 100),))))
    assert variance.causes[0].says == "4 of its 10 issues (40 %) were added after the forecast was set on Jun 1."
    assert variance.causes[0].numbers["issues added"] == "4"


@pytest.mark.requirement("PM-3.3")
def test_a_stable_scope_with_hours_far_ahead_of_what_is_done_was_under_estimated() -> None:
    issues = tuple(child(number, "SHOP-1", done=number < 13) for number in range(10, 20))
    issues += (child(30, "SHOP-1", done=True, kind="Sub-task"),)
    variance = only(assess_variance(data(issues=issues)))
    assert variance.causes[0].kind is CauseKind.UNDER_ESTIMATION
    assert "140 % of the hours are used and 30 % of the issues done (3 of 10)" in variance.causes[0].says
    assert variance.risk == 1 + int(9 * (0.6 * 40 / 60 + 0.4))


@pytest.mark.requirement("PM-3.3")
def test_people_who_are_new_a_late_start_defects_and_one_large_issue_are_patterns_of_their_own() -> None:
    old = [hours(f"SHOP-{number}", "SHOP-1", 25, date(2026, 7, 1)) for number in range(10, 14)]
    new = [hours("SHOP-14", "SHOP-1", 30, NOVEMBER, "ada"), hours("SHOP-15", "SHOP-1", 10, NOVEMBER)]
    assert kinds(entries=(*old, *new))[0] is CauseKind.TEAM_CHANGE
    planned = (forecast("SHOP-1", 100), forecast("SHOP-1", 10, Month(2026, 4)))
    assert CauseKind.LATE_START in kinds(entries=(*old, *new), forecasts=planned)
    bugs = tuple(child(number, "SHOP-1", kind="Bug" if number < 12 else "Story") for number in range(10, 20))
    assert CauseKind.DEFECTS in kinds(entries=(*old, *new), issues=bugs)
    large = [hours("SHOP-10", "SHOP-1", 90, date(2026, 7, 1)), *old]
    assert CauseKind.ONE_ISSUE in kinds(entries=tuple(large))
    even = tuple(hours(f"SHOP-{number}", "SHOP-1", 13, date(2026, 7, 1)) for number in range(10, 20))
    assert kinds(entries=even) == [CauseKind.UNDER_ESTIMATION]
    slight = tuple(replace(entry, seconds=round(12.1 * 3600)) for entry in even)
    assert kinds(entries=slight, forecasts=(forecast("SHOP-1", 100.5),)) == [CauseKind.UNDER_ESTIMATION]


@pytest.mark.requirement("PM-3.5")
def test_far_over_reaches_stakeholders_too_each_person_once_and_without_a_pm_the_admins() -> None:
    over = (hours("SHOP-10", "SHOP-1", 151, date(2026, 7, 1)),)
    alerts = assess_variance(data(entries=over)).alerts
    assert [(alert.recipient.display_name, alert.is_stakeholder) for alert in alerts] == [
        ("Priya", False),
        ("Dana", True),
    ]
    assert [alert.recipient.display_name for alert in assess_variance(data()).alerts] == ["Priya"]
    orphaned = assess_variance(data(projects=(replace(SHOP, pm=None),)))
    assert [alert.recipient.display_name for alert in orphaned.alerts] == ["Ada"]


@pytest.mark.requirement("PM-3.5")
def test_a_pm_gets_one_summary_of_all_projects_the_riskiest_first_and_what_is_under_is_a_line() -> None:
    port = replace(SHOP, key="PORT")
    epics = (issue("SHOP-1"), issue("SHOP-2"), issue("PORT-1"), issue("PORT-2"))
    entries = tuple(
        replace(hours("X-1", epic, count, date(2026, 7, 1)), project_key=epic.partition("-")[0])
        for epic, count in (("SHOP-1", 125), ("SHOP-2", 60), ("PORT-1", 128), ("PORT-2", 101))
    )
    issues = tuple(child(number, "SHOP-2") for number in range(10, 20))
    forecasts = tuple(forecast(epic.key, 100) for epic in epics)
    findings = assess_variance(
        data(projects=(SHOP, port), epics=epics, entries=entries, issues=issues, forecasts=forecasts)
    )
    [summary] = findings.summaries
    assert [each.key for each in summary.over] == ["PORT-1", "SHOP-1"]
    assert [each.key for each in summary.under] == ["SHOP-2"]
    assert summary.within == 1
    reasons = {each.key: reason_by_rules(each) for each in summary.over}
    text, shown = blocks.summary(summary, reasons, DAY, "https://jira.test", Fraction(20), ["PORT-1"])
    assert "*2 of 4 epics* are more than 20 % over forecast" in text
    assert "PORT-1 PORT-1>, risk 4 of 10; an alert of its own tells the rest" in text
    assert "*Done with far fewer hours*" in text
    assert ", done\n" in text + "\n"
    nearly = replace(summary.under[0], completion=Completion(199, 200))
    mixed, _ = blocks.summary(
        replace(summary, under=(*summary.under, nearly)), reasons, DAY, "https://jira.test", Fraction(20), []
    )
    assert "*Done, or nearly, with far fewer hours*" in mixed
    assert ", 99 % done" in mixed
    assert len([block for block in shown if "accessory" in block]) == 1


@pytest.mark.requirement("TRUST-7")
def test_the_numbers_name_months_in_words() -> None:
    given = data(kept=(EpicMonth("SHOP", "SHOP-1", Month(2025, 3), "", 7200, AT),))
    text = str(blocks.numbers_view(numbers_of(only(assess_variance(given)), given), "https://jira.test"))
    assert "*Hours by month*\\n• March 2025: 2 h\\n• July 2026: 140 h" in text
    assert "2026-07" not in text
