"""Reading what is going on: a model over real sockets, quotes held against the comments, Jira that is down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from db.engine import Database
from sandbox.models.scripts import Script
from services.ai import AiTasks
from services.errors import VendorUnavailableError
from services.mirror.types import FieldChangeRow, IssueRow, PullRequestEvent, PullRequestRow, ReviewStatus
from services.pm.bottlenecks.collect import Directory
from services.pm.bottlenecks.reading import ContextReader
from services.pm.bottlenecks.stuck import Flagged, Judged
from services.pm.bottlenecks.types import Activity
from services.pm.types import TeamMember
from services.settings import Settings
from services.vendors.types import JiraComment, JiraUser
from tests.pm.bottlenecks.waiting import ALICE, DAYS, SAM, ago, waiting
from tests.sandbox.models.running import model_sandbox

DIRECTORY = Directory.of([TeamMember(SAM, "Storefront"), TeamMember(ALICE, "Storefront")])
SAID = "The vendor still owes us the keys; I have parked this."


class OneTicket:
    """A mirror with nothing but the pull requests that it is given."""

    def __init__(self, pulls: Sequence[PullRequestRow] = ()) -> None:
        self.pulls = list(pulls)

    async def pull_requests(self, *, jira_keys: Sequence[str]) -> list[PullRequestRow]:
        return self.pulls

    async def children(self, epic: str) -> list[IssueRow]:
        return []

    async def field_changes(self, jira_ids: Sequence[str]) -> list[FieldChangeRow]:
        return []


class Jira:
    """A Jira with one comment of Sam's, or one that is down."""

    def __init__(self, text: str = "") -> None:
        self.text = text

    async def comments(self, key: str, *, newest_first: bool = True, limit: int = 1000) -> list[JiraComment]:
        if not self.text:
            raise VendorUnavailableError("Jira", "Jira is down.")
        return [JiraComment("1", JiraUser("712020:1", "Sam"), self.text, ago(6), ago(6))]


async def read(ai: Any, jira: Jira, pulls: Sequence[PullRequestRow] = ()) -> Judged:
    reader = ContextReader(cast(Any, OneTicket(pulls)), jira, ai)
    (found,) = await reader.judge([Flagged(waiting(), None, True)], DIRECTORY, DAYS)
    return found


@pytest.mark.requirement("PM-5.4")
async def test_a_model_reads_what_rules_do_not_and_words_that_stand_nowhere_lead_to_the_rules(
    database: Database, in_account: str
) -> None:
    good = {"says": "waiting", "blocker": "the vendor", "comment": 1, "quote": SAID, "confidence": 0.9}
    made_up = good | {"quote": "Sam is working on this right now."}
    async with model_sandbox() as (sandbox, url):
        settings = Settings(_env_file=None, gemini_api_key="sandbox-key", gemini_base_url=f"{url}/gemini")
        ai = AiTasks(settings, database, sandbox.clock.now)
        sandbox.models.add_script(Script(when=["parked this"], steps=[{"answer": good}], times=1))
        found = (await read(ai, Jira(SAID))).context
        assert (found.activity, found.blocker, found.quote) == (Activity.BLOCKED, "the vendor", SAID)
        assert (found.confidence, found.is_rule_based, found.quoted) == (0.9, False, "Sam wrote on Thu Nov 12")
        sandbox.models.add_script(Script(when=["parked this"], steps=[{"answer": made_up}]))
        found = (await read(ai, Jira(SAID))).context
        await ai.close()
    assert (found.activity, found.is_rule_based) == (Activity.PASSIVELY_STUCK, True)


@pytest.mark.requirement("PM-5.4")
async def test_without_jiras_comments_a_push_on_its_pull_request_still_shows_that_it_is_worked_on(
    database: Database, in_account: str
) -> None:
    ai = AiTasks(Settings(_env_file=None), database, lambda: DAYS.now)
    silent = (await read(ai, Jira())).context
    assert (silent.activity, silent.confidence) == (Activity.PASSIVELY_STUCK, 0.5)
    events = (
        PullRequestEvent(ago(3), "commit", "gh-1"),
        PullRequestEvent(ago(0.1), "commit", "ci", is_bot=True),
        PullRequestEvent(ago(1), "commit", "GH-1"),
    )
    pull = PullRequestRow(
        repository="harborline/shop",
        number=1,
        title="SHOP-1 Vouchers",
        url="https://github.test/1",
        author_login="gh-1",
        is_bot=False,
        state="open",
        is_draft=False,
        review_status=ReviewStatus.REVIEW_REQUESTED,
        status_since=ago(9),
        checks_state=None,
        head_ref="feature/SHOP-1",
        base_ref="main",
        requested_reviewers=("gh-2",),
        jira_keys=("SHOP-1",),
        events=events,
        created_at=ago(9),
        updated_at=ago(1),
        merged_at=None,
        closed_at=None,
        synced_at=ago(0),
    )
    worked = (await read(ai, Jira("Ready."), [pull])).context
    assert (worked.activity, worked.says) == (Activity.ACTIVELY_WORKED, "Sam pushed a commit on Tue Nov 17.")
