"""What is stuck is counted in one way: the list, a run's line, Home and the Monday card agree."""

from __future__ import annotations

from db.engine import Database
from db.models.github import GithubPullRequest
from db.models.mirror import JiraIssue
from services.pm.bottlenecks import records
from services.pm.bottlenecks.listing import shown
from services.pm.bottlenecks.standing import stuck_now
from services.pm.bottlenecks.types import Activity
from tests.pm.bottlenecks.test_records import judged
from tests.pm.bottlenecks.waiting import NOW, ago, stuck, waiting


def issue(key: str, **rest: object) -> JiraIssue:
    values = {"jira_id": key.rpartition("-")[2], "project_key": "SHOP", "issue_type": "Task", "hierarchy_level": 0}
    values |= {"summary": key, "status": "Code Review", "status_category": "indeterminate"}
    return JiraIssue(key=key, created_at=ago(20), updated_at=NOW, synced_at=NOW, **(values | rest))


def pull(number: int, *keys: str, **rest: object) -> GithubPullRequest:
    times = dict.fromkeys(("status_since", "created_at", "updated_at", "synced_at"), ago(9))
    values = {"title": "Vouchers", "url": f"https://github.test/{number}", "state": "open", "review_status": "review"}
    return GithubPullRequest(
        repository="harborline/shop", number=number, jira_keys=list(keys), **(times | values | rest)
    )


async def test_what_is_told_together_is_counted_once_and_only_what_the_list_shows(
    database: Database, in_account: str
) -> None:
    names = [f"harborline/shop#{number}" for number in range(1, 7)]
    found = [judged(waiting("SHOP-1")), judged(waiting("SHOP-2"), Activity.BLOCKED), judged(waiting("SHOP-3"))]
    found += [
        judged(waiting(name), Activity.BLOCKED if name.endswith("6") else found[0].context.activity) for name in names
    ]
    async with database.transaction() as session:
        session.add_all([issue("SHOP-1"), issue("SHOP-2"), issue("SHOP-3", deleted_at=NOW)])
        session.add_all([pull(1, "SHOP-1"), pull(2, "SHOP-9"), pull(3, is_bot=True), pull(4, is_draft=True)])
        session.add_all([pull(5, state="closed"), pull(6, "SHOP-1")])
        await records.keep(session, found, [each.flagged.item.visit for each in found], NOW)
    async with database.transaction(write=False) as session:
        counted = await stuck_now(session)
    # the first pull request is told with its ticket; a blocked one by itself, for its blocker is the news
    assert sorted(each.key for each in counted) == ["SHOP-1", "SHOP-2", names[1], names[5]]
    assert {each.key: each.url for each in counted}[names[1]] == "https://github.test/2"
    reviewed, other = stuck(3, names[0], ticket_keys=("SHOP-1",)), stuck(4, names[1], ticket_keys=("SHOP-9",))
    robots, held_up = stuck(5, names[2], is_shown=False), stuck(6, names[5], activity=Activity.BLOCKED)
    listed = shown([stuck(1), stuck(2, activity=Activity.BLOCKED), reviewed, other, robots, held_up])
    assert {each.key for each in listed} == {each.key for each in counted}
