"""Reading what vendors write: times, errors, odd shapes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mirror.rows import own_epic
from services.vendors.jira.parse import parse_bulk, parse_changes, parse_issue
from services.vendors.problems import quote, retry_after_s
from services.vendors.values import parse_time

NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)
INSTANT = datetime(2017, 4, 13, 8, 20, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        1492071629,
        1492071629000,
        "1492071629",
        "1492071629000",
        "2017-04-13T08:20:29.000+0000",
        "2017-04-13T10:20:29.000+0200",
        "2017-04-13T08:20:29Z",
        "2017-04-13T08:20:29",
    ],
)
def test_a_time_is_the_same_however_it_is_written(written: Any) -> None:
    assert parse_time(written) == INSTANT


@pytest.mark.parametrize("written", ["soon", "", None, True, {}, []])
def test_what_is_no_time_is_refused(written: Any) -> None:
    with pytest.raises(ValueError):
        parse_time(written)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_epochs_in_milliseconds_come_back(naive: datetime) -> None:
    instant = naive.replace(tzinfo=UTC, microsecond=naive.microsecond // 1000 * 1000)
    assert abs(parse_time(round(instant.timestamp() * 1000)) - instant) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "Mon, 02 Nov 2026 10:00:30 GMT"}, 30.0),
        ({"retry-after": "Mon, 02 Nov 2026 09:00:00 GMT"}, 0.0),
        ({"x-ratelimit-reset": "2026-11-02T10:01Z"}, 60.0),
        ({"retry-after": "later"}, None),
        ({"retry-after": "-1"}, None),
        ({}, None),
    ],
)
def test_how_long_a_vendor_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"errorMessages":["No."],"errors":{}}', "No."),
        ('{"errorMessages":[],"errors":{"summary":"is required","x":"y"}}', "summary: is required; x: y"),
        ('{"errors":{"message":"Period is closed"}}', "Period is closed"),
        ('{"errors":[{"message":"One"},{"message":"Two"}]}', "One; Two"),
        ('{"message":"Hm"}', "Hm"),
        ("plain words", "plain words"),
        ("<html><body>Oops</body></html>", ""),
        ("", ""),
        ("null", ""),
        ("[]", ""),
    ],
)
def test_the_vendors_own_words_are_found(body: str, words: str) -> None:
    assert quote(body) == words


def test_a_long_quotation_is_cut() -> None:
    assert len(quote('{"message":"' + "x" * 5000 + '"}')) == 500


def raw_issue(**fields: Any) -> dict[str, Any]:
    """Return an issue as Jira gives it."""
    base: dict[str, Any] = {
        "summary": "Words",
        "issuetype": {"name": "Task", "hierarchyLevel": 0},
        "status": {"id": "1", "name": "QA", "statusCategory": {"key": "indeterminate"}},
        "created": "2026-01-01T00:00:00.000+0000",
        "updated": "2026-01-02T00:00:00.000+0000",
    }
    return {"id": "10001", "key": "APP-1", "fields": base | fields}


def parent(level: int) -> dict[str, Any]:
    """Return a parent of a level."""
    return {"id": "1", "key": "APP-9", "fields": {"summary": "P", "issuetype": {"hierarchyLevel": level}}}


@pytest.mark.parametrize(
    ("fields", "epic"),
    [
        ({"parent": parent(1)}, "APP-9"),
        ({"parent": parent(1), "customfield_10014": "APP-7"}, "APP-9"),
        ({"customfield_10014": "APP-7"}, "APP-7"),
        ({"customfield_10014": {"odd": 1}}, None),
        ({"issuetype": {"name": "Sub-task", "hierarchyLevel": -1}, "parent": parent(0)}, None),
        ({"issuetype": {"name": "Epic", "hierarchyLevel": 1}, "parent": parent(2)}, None),
        ({}, None),
    ],
)
def test_the_epic_that_an_issue_names(fields: dict[str, Any], epic: str | None) -> None:
    assert own_epic(parse_issue(raw_issue(**fields), "customfield_10014")) == epic


def test_one_odd_issue_does_not_cost_the_others() -> None:
    odd = {"id": "10002", "key": "APP-2", "fields": {"summary": "No status"}}
    result = parse_bulk({"issues": [raw_issue(), odd], "issueErrors": []}, ["10001", "10002", "APP-3"])
    assert [issue.id for issue in result.issues] == ["10001"]
    assert set(result.errors) == {"10002"}
    assert result.missing == ("APP-3",)


def test_a_changed_parent_has_one_name_however_the_changelog_calls_it() -> None:
    history = {
        "id": "5",
        "created": 1492071629,
        "items": [{"field": "IssueParentAssociation", "from": "1", "to": "2", "fromString": "A-1", "toString": "A-2"}],
    }
    [change] = parse_changes("10001", history)
    assert (change.field, change.from_value, change.to_value, change.changed_at) == ("parent", "A-1", "A-2", INSTANT)
