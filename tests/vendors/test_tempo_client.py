"""What the Tempo client asks, and how it reads the answers, over real sockets."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta

import pytest

from services.errors import VendorAuthError, VendorNotFoundError, VendorRejectedError, VendorUnavailableError
from services.vendors.tempo import TempoClient
from services.vendors.types import WorklogDraft
from tests.vendors.faulty import says, vendor
from tests.vendors.settings import settings_for
from tests.vendors.site import ALICE, BOB, QUICK, Site

MONDAY = date(2026, 11, 2)
HOUR = 3600


def at(day: date) -> datetime:
    """Return nine in the morning."""
    return datetime.combine(day, time(9))


async def test_worklogs_come_by_day_by_update_and_by_person(site: Site) -> None:
    issue = site.create("APP", "Work")
    for day in range(3):
        site.sandbox.tempo.create_worklog(ALICE, ALICE, issue, at(MONDAY + timedelta(days=day)), HOUR, f"Day {day}")
    site.sandbox.tempo.create_worklog(BOB, BOB, issue, at(MONDAY), 2 * HOUR)
    found = [w async for page in site.tempo.worklogs(from_date=MONDAY, to_date=MONDAY) for w in page]
    assert {(w.author_account_id, w.time_spent_seconds) for w in found} == {(ALICE, HOUR), (BOB, 2 * HOUR)}
    assert {w.issue_id for w in found} == {str(issue.id)}
    later = site.now() + timedelta(hours=1)
    assert [w async for page in site.tempo.worklogs(updated_from=later) for w in page] == []
    mine = await site.tempo.worklogs_of_user(ALICE, MONDAY, MONDAY + timedelta(days=1))
    assert [w.description for w in mine] == ["Day 0", "Day 1"]


async def test_pages_are_followed(site: Site) -> None:
    tempo = TempoClient(site.tempo._http, worklogs_per_page=2)
    issue = site.create("APP", "Work")
    for _ in range(5):
        site.sandbox.tempo.create_worklog(ALICE, ALICE, issue, at(MONDAY), HOUR)
    pages = [page async for page in tempo.worklogs(from_date=MONDAY, to_date=MONDAY)]
    assert [len(page) for page in pages] == [2, 2, 1]


async def test_a_worklog_is_made_changed_and_deleted(site: Site) -> None:
    issue = site.create("APP", "Work")
    draft = WorklogDraft(str(issue.id), ALICE, MONDAY, HOUR, "Wrote tests", "09:30:00")
    made = await site.tempo.create_worklog(draft)
    assert (await site.tempo.worklog(made.id)).description == "Wrote tests"
    changed = await site.tempo.update_worklog(made.id, WorklogDraft(str(issue.id), ALICE, MONDAY, 2 * HOUR, "More"))
    assert (changed.id, changed.time_spent_seconds, changed.description) == (made.id, 2 * HOUR, "More")
    since = site.now() - timedelta(minutes=1)
    await site.tempo.delete_worklog(made.id)
    assert [deletion.worklog_id for deletion in await site.tempo.deleted_worklogs(since)] == [made.id]
    with pytest.raises(VendorNotFoundError, match="Tempo knows no worklog"):
        await site.tempo.delete_worklog(made.id)


async def test_a_refused_worklog_quotes_tempo(site: Site) -> None:
    with pytest.raises(VendorRejectedError, match=r"Tempo refused: .+") as caught:
        await site.tempo.create_worklog(WorklogDraft("999999", ALICE, MONDAY, HOUR))
    assert not caught.value.outcome_unknown


async def test_a_worklog_whose_answer_is_lost_is_not_logged_twice(site: Site) -> None:
    issue = site.create("APP", "Work")
    site.fail("drop_after", vendor="tempo", method="POST")
    with pytest.raises(VendorUnavailableError) as caught:
        await site.tempo.create_worklog(WorklogDraft(str(issue.id), ALICE, MONDAY, HOUR))
    assert caught.value.outcome_unknown
    assert len(site.sandbox.tempo.worklogs()) == 1


async def test_a_schedule_knows_weekends_and_holidays(site: Site) -> None:
    scheme = site.sandbox.tempo.holiday_scheme(ALICE)
    site.sandbox.tempo.add_holiday(scheme, MONDAY + timedelta(days=1), "Some day")
    days = await site.tempo.user_schedule(ALICE, MONDAY, MONDAY + timedelta(days=6))
    assert [day.required_seconds // HOUR for day in days] == [8, 0, 8, 8, 8, 0, 0]
    assert days[1].day_type == "HOLIDAY"


async def test_plans_come_with_their_days(site: Site) -> None:
    issue = site.create("APP", "Vacation")
    site.sandbox.tempo.add_plan(BOB, ("ISSUE", issue.id), MONDAY, MONDAY + timedelta(days=1), 4 * HOUR, "Away")
    [plan] = await site.tempo.plans([BOB], MONDAY, MONDAY + timedelta(days=6))
    assert (plan.account_id, plan.item_type, plan.item_id, plan.description) == (BOB, "ISSUE", str(issue.id), "Away")
    assert plan.seconds_by_day == {MONDAY: 4 * HOUR, MONDAY + timedelta(days=1): 4 * HOUR}
    assert plan.is_approved
    assert await site.tempo.plans([ALICE], MONDAY, MONDAY + timedelta(days=6)) == []


async def test_teams_come_with_their_members(site: Site) -> None:
    site.sandbox.tempo.add_team("Platform", ALICE, [ALICE, BOB])
    [team] = await site.tempo.teams()
    assert (team.name, team.lead_account_id, set(team.member_account_ids)) == ("Platform", ALICE, {ALICE, BOB})


async def test_wrong_credentials_say_what_to_do(site: Site) -> None:
    tempo = TempoClient.from_settings(settings_for(site.url, tempo_api_token="wrong"), policy=QUICK)
    with pytest.raises(VendorAuthError, match="TEMPO_API_TOKEN"):
        await tempo.teams()
    await tempo.close()


@pytest.mark.parametrize("link", ["http://evil.test/4/worklogs?offset=1", "https://127.0.0.1/4/worklogs?offset=1"])
async def test_a_next_page_elsewhere_is_not_followed_with_our_token(link: str) -> None:
    page = says(200)
    page.body = json.dumps({"results": [], "metadata": {"next": link}}).encode()
    async with vendor(page) as (http, seen, _):
        with pytest.raises(VendorUnavailableError, match="another host"):
            _pages = [p async for p in TempoClient(http).worklogs(from_date=MONDAY)]
        assert len(seen) == 1


async def test_a_next_page_that_never_ends_is_noticed() -> None:
    page = says(200)
    async with vendor(page) as (http, seen, _):
        link = f"{http.base_url}/4/worklogs?offset=1"
        page.body = json.dumps({"results": [], "metadata": {"next": link}}).encode()
        with pytest.raises(VendorUnavailableError, match="the page itself"):
            _pages = [p async for p in TempoClient(http).worklogs(from_date=MONDAY)]
        assert len(seen) == 2
