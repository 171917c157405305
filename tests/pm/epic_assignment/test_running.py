"""What one run finds and keeps, over the world's Jira and over small ones."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from db.repositories.epics import DatabaseEmbeddingCache
from services.accounts import Role
from services.pm.epic_assignment.assess import assess
from services.pm.epic_assignment.collect import orphan_jql
from services.pm.epic_assignment.types import EpicFindings, Proposal, Tier
from services.pm.epics.text import content_hash
from tests.pm.epic_assignment.conftest import Bench


async def run(bench: Bench) -> EpicFindings:
    """Look, assess and keep, as a run at this moment would."""
    now = bench.site.now()
    findings = assess(await bench.epics.collect(now, now.date().isoformat()))
    await bench.epics.record(findings)
    return findings


def by_ticket(findings: EpicFindings) -> dict[str, Proposal]:
    """Return all proposals by ticket."""
    return {proposal.ticket_key: proposal for project in findings.projects for proposal in project.proposals}


@pytest.mark.requirement("PM-6.1", "PM-6.2", "PM-6.3")
async def test_the_worlds_tickets_without_an_epic_are_found_and_the_clear_ones_get_the_right_one(
    world_bench: Bench,
) -> None:
    world = world_bench.site.sandbox.world
    assert world is not None
    facts = world.story("orphans").facts
    found = by_ticket(await run(world_bench))
    assert set(found) == {*facts["easy"], *facts["ambiguous"], *facts["none"]}
    for key, (epic,) in facts["easy"].items():
        assert (found[key].suggested_epic, found[key].tier) == (epic, Tier.HIGH), key
    for key, epics in facts["ambiguous"].items():
        assert found[key].candidates[0].epic_key in epics, key
        assert set(epics) <= {candidate.epic_key for candidate in found[key].candidates}, key
    for key in facts["none"]:
        assert (found[key].suggested_epic, found[key].tier) == (None, Tier.NONE), key
    stored = {item.ticket_key for key in ("SHOP", "PORT") for item in (await world_bench.epics.list_of(key)).items}
    assert stored == set(found)


@pytest.mark.requirement("PM-6.1")
async def test_jira_and_the_mirror_agree_on_which_tickets_have_no_epic(world_bench: Bench) -> None:
    await world_bench.mirror.sync("jira")
    jira = world_bench.site.jira
    assert world_bench.mirror.epic_link_field == "customfield_10014"
    mirrored = set()
    for key in ("PORT", "SHOP"):
        found = {issue.key for issue in await world_bench.mirror.issues([key], orphans_only=True, open_only=True)}
        for field in (None, world_bench.mirror.epic_link_field):
            query = orphan_jql(world_bench.settings.jira_orphan_jql, key, field)
            (parsed,) = await jira.parse_jql(query)
            assert parsed.errors == ()
            assert {ref.key async for page in jira.search_ids(query) for ref in page} == found
        mirrored |= found
    assert len(mirrored) == 13


@pytest.mark.requirement("TRUST-7")
async def test_the_number_of_tickets_without_an_epic_opens_the_same_tickets_in_jira(bench: Bench) -> None:
    (project,) = (await run(bench)).projects
    (query,) = parse_qs(urlsplit(project.basis.search_url).query)["jql"]
    found = {ref.key async for page in bench.site.jira.search_ids(query) for ref in page}
    assert found == {proposal.ticket_key for proposal in project.proposals} == {"APP-3", "APP-4", "APP-5"}


@pytest.mark.requirement("PM-6.1")
async def test_a_stale_mirror_is_brought_up_to_date_first_and_a_fresh_one_is_not_asked_again(bench: Bench) -> None:
    calls = len(bench.site.calls("search/jql"))
    before = by_ticket(await run(bench))
    assert len(bench.site.calls("search/jql")) == calls
    bench.site.create("APP", "Made just now")
    bench.site.sandbox.clock.advance(timedelta(minutes=20))
    after = by_ticket(await run(bench))
    assert len(before) == 3
    assert len(after) == 4


async def test_what_was_done_in_jira_itself_is_learnt_by_the_next_run(bench: Bench) -> None:
    await bench.keep(APP_3=0.95, APP_4=0.95, APP_5=0.95)
    bench.moves_in_jira("APP-3", "APP-1")
    bench.moves_in_jira("APP-4", "APP-2")
    bench.site.sandbox.clock.advance(timedelta(minutes=20))
    found = by_ticket(await run(bench))
    assert set(found) == {"APP-5"}
    (same,), (other,) = await bench.suggestions("APP-3"), await bench.suggestions("APP-4")
    assert (same.accepted, same.actual_epic) == (True, "APP-1")
    assert (other.accepted, other.actual_epic) == (False, "APP-2")
    assert same.decided_by_member_id is None


async def test_each_week_has_a_row_with_what_was_open_and_who_assigned(bench: Bench) -> None:
    await run(bench)
    await bench.keep(APP_3=0.95, APP_4=0.95, APP_5=0.4)
    await bench.epics.assign("APP-3", "APP-1", bench.people["priya"])
    await bench.epics.assign("APP-4", "APP-2", bench.people["priya"])
    (row,) = [row for row in await bench.compliance() if row.project_key == "APP"]
    today = bench.site.now().date()
    assert row.week_start_date in {_monday(today), _monday(today - timedelta(days=1))}  # New York may be a day behind
    assert (row.total_tickets, row.orphaned_tickets) == (3, 3)
    assert (row.auto_assigned, row.manual_assigned) == (1, 1)
    findings = await run(bench)
    (row,) = [row for row in await bench.compliance() if row.project_key == "APP"]
    assert row.orphans_by_creator == {"712020:alice": 1}
    assert set(by_ticket(findings)) == {"APP-5"}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


async def test_the_same_run_twice_keeps_one_suggestion_per_ticket(bench: Bench) -> None:
    findings = await run(bench)
    await bench.epics.record(findings)
    assert [len(await bench.suggestions(key)) for key in by_ticket(findings)] == [1, 1, 1]


async def test_a_run_repeated_after_a_crash_does_not_ask_again_what_was_decided_in_between(bench: Bench) -> None:
    findings = await run(bench)
    await bench.epics.take_for_review("APP-3", bench.people["priya"])
    await bench.epics.record(findings)
    (row,) = await bench.suggestions("APP-3")
    assert row.decided_at is not None


@pytest.mark.requirement("PM-6.2")
async def test_without_the_usual_model_tf_idf_answers_and_the_findings_say_so(bench: Bench) -> None:
    other = EpicsOf(bench, embedder="openai")
    findings = assess(await other.epics.collect(bench.site.now(), "2026-11-18"))
    (project,) = findings.projects
    assert project.basis.embedder == "tfidf"
    assert project.basis.fallback_reason
    assert len(project.proposals) == 3


class EpicsOf:
    """The same service with other settings."""

    def __init__(self, bench: Bench, **settings: Any) -> None:
        changed = bench.settings.model_copy(update=settings)
        self.epics = type(bench.epics)(
            bench.database, bench.mirror, bench.effects, bench.accounts, changed, bench.site.now
        )


@pytest.mark.requirement("PM-6.2")
async def test_vectors_are_kept_by_content_hash_and_the_first_one_stays(bench: Bench) -> None:
    cache = DatabaseEmbeddingCache(bench.database, "local", bench.site.now)
    one, two = content_hash("local", "one"), content_hash("local", "two")
    await cache.put_many({one: b"1111"})
    await cache.put_many({one: b"9999", two: b"2222"})
    assert await cache.get_many([one, two, "unknown"]) == {one: b"1111", two: b"2222"}
    assert await DatabaseEmbeddingCache(bench.database, "openai", bench.site.now).get_many([one]) == {}


@pytest.mark.requirement("PM-6.3")
async def test_the_message_is_for_the_projects_pm_and_without_one_for_the_admins(bench: Bench) -> None:
    (project,) = (await run(bench)).projects
    assert [member.display_name for member in await bench.epics.recipients(project)] == ["Priya"]
    without = type(project)(type(project.project)("APP", "The app", None), project.proposals, project.basis)
    assert [member.role for member in await bench.epics.recipients(without)] == [Role.ADMIN]
