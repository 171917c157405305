"""Who is who around what waits, and which statuses it waits in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.accounts.settings import ACCOUNT_SETTINGS, WAITING_STATUSES
from services.accounts.types import Role
from services.mirror.types import IssueLinkRow, PullRequestRow, ReviewStatus
from services.pm.bottlenecks.collect import Directory, is_blocking, people_of_pull, project_of
from services.pm.bottlenecks.stuck import Standing
from services.pm.types import ProjectRef, ProjectType, TeamMember
from tests.pm.bottlenecks.waiting import ALICE, PRIYA, SAM, ago, member

BOB = member(4, "Bob")
SHOP = ProjectRef("SHOP", "Shop", ProjectType.SCOPE, PRIYA, None, None, (), github_repositories=("Harborline/shop",))
PORT = replace(SHOP, key="PORT", pm=None)
DIRECTORY = Directory.of(
    [TeamMember(SAM, "Storefront", PRIYA.id), TeamMember(ALICE, "Storefront"), TeamMember(PRIYA), TeamMember(BOB)]
)


def pull(**rest: object) -> PullRequestRow:
    values: dict[str, object] = {
        "repository": "harborline/shop",
        "number": 1,
        "title": "SHOP-1 Vouchers",
        "url": "https://github.test/1",
        "author_login": "GH-1",
        "is_bot": False,
        "state": "open",
        "is_draft": False,
        "review_status": ReviewStatus.REVIEW_REQUESTED,
        "status_since": ago(9),
        "checks_state": None,
        "head_ref": "feature/SHOP-1",
        "base_ref": "main",
        "requested_reviewers": ("gh-4", "stranger"),
        "jira_keys": ("PORT-1",),
        "events": (),
        "created_at": ago(9),
        "updated_at": ago(1),
        "merged_at": None,
        "closed_at": None,
        "synced_at": ago(0),
    }
    return PullRequestRow(**(values | rest))  # type: ignore[arg-type]


@pytest.mark.requirement("PM-5.1")
def test_statuses_are_set_by_name_each_once() -> None:
    (spec,) = [each for each in ACCOUNT_SETTINGS if each.key == WAITING_STATUSES]
    assert spec.default == "QA, UAT, Code Review, In Review, Blocked"
    assert spec.read(" QA ,code  review\nCode Review, ") == "QA, Code Review"
    with pytest.raises(ValueError, match="names of statuses"):
        spec.read(" , ")


@pytest.mark.requirement("PM-5.6")
def test_author_reviewers_lead_and_pm_are_found_by_their_accounts() -> None:
    people = people_of_pull(pull(), SHOP, DIRECTORY)
    assert (people.assignee, people.reviewers, people.lead, people.pm) == (SAM, (BOB,), ALICE, PRIYA)
    assert DIRECTORY.pm_of(PORT, SAM) == PRIYA  # the team's, where the project has none
    own = people_of_pull(pull(author_login="gh-2", requested_reviewers=("gh-2",)), SHOP, DIRECTORY)
    assert (own.assignee, own.reviewers, own.lead) == (ALICE, (), None)
    robot = people_of_pull(pull(author_login="dependabot[bot]"), SHOP, DIRECTORY)
    assert (robot.assignee, robot.assignee_name) == (None, "dependabot[bot]")
    assert [DIRECTORY.standing_of(each, people) for each in (SAM, BOB, PRIYA, None)] == [
        Standing.ASSIGNEE,
        Standing.REVIEWER,
        Standing.COLLEAGUE,
        Standing.SOMEBODY,
    ]
    assert PRIYA.role is Role.PM


def test_a_shared_repository_belongs_to_the_project_that_the_pull_request_names() -> None:
    assert project_of(pull(), [SHOP, PORT]) == PORT
    assert project_of(pull(jira_keys=()), [SHOP, PORT]) == SHOP
    assert project_of(pull(repository="harborline/other"), [SHOP]) is None


def test_only_the_link_of_what_is_blocked_blocks() -> None:
    assert is_blocking(IssueLinkRow("Blocks", "inward", "is blocked by", "PORT-1"))
    assert not is_blocking(IssueLinkRow("Blocks", "outward", "blocks", "PORT-1"))
