"""The world's repositories and pull requests: eight months of ordinary ones, and those with a story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sandbox.core import Sandbox
from sandbox.github.model import Account, PullRequest, Repository
from sandbox.github.state import GithubState
from sandbox.world.clock import Calendar
from sandbox.world.people import Story, World
from sandbox.world.specials import Specials
from sandbox.world.tickets import Tickets

SEED = 20_27
ORDINARY = {"SHOP": 34, "PORT": 28, "TOOLS": 10}
ORDINARY_SPAN = timedelta(days=6)
"""An ordinary pull request is merged within so long: next to that, what a story calls stuck is so whatever the day."""

BOT = "dependabot[bot]"
NO_PUSH_DAYS, NO_REVIEWER_DAYS, OLD_DAYS, STUCK_REVIEW_DAYS = 6, 4, 19, 9
CHECKS = ("build", "tests")
REMARKS = (
    "Could this be a function of its own?",
    "What happens when the list is empty?",
    "Please add a test for the second case.",
    "The name says one thing, the code another.",
)


@dataclass(frozen=True)
class Told:
    """The pull requests that the stories speak of."""

    no_push: PullRequest
    no_reviewer: PullRequest
    stuck: PullRequest
    active: PullRequest
    bot: PullRequest


class PullMaker:
    """Makes the pull requests, with a chance of its own, so that nothing else in the world changes by them."""

    def __init__(self, sandbox: Sandbox, world: World, calendar: Calendar, tickets: Tickets) -> None:
        self._github: GithubState = sandbox.github
        self._world = world
        self._calendar = calendar
        self._tickets = tickets
        self._random = Random(SEED)
        self._logins = {p.key: p.github_login for p in world.people if p.github_login}
        self.repositories: dict[str, Repository] = {}

    def accounts(self) -> None:
        """Add the engineers, the bot, and the repositories."""
        for person in self._world.people:
            if person.github_login:
                self._github.add_account(person.github_login, person.name, person.email)
        self._github.add_account(BOT, "Dependabot", type_="Bot")
        for project in self._world.projects:
            for name in project.github_repositories:
                people = [self._github.account(login) for login in self._logins.values()]
                created = self._calendar.moment(400)
                self.repositories[project.key] = self._github.add_repository(name, people, project.name, created)

    def account(self, key: str) -> Account:
        """Return the account of one of the world's people."""
        return self._github.account(self._logins[key])

    def ordinary(self) -> None:
        """Make the pull requests of work that is done, of all repositories in the order of time."""
        plans = []
        for project, count in ORDINARY.items():
            done = [
                draft
                for draft in self._tickets.all
                if draft.project == project and draft.type not in ("Epic", "Sub-task") and draft.status == "Done"
            ]
            for draft in self._random.sample(done, min(count, len(done))):
                started = next((at for at, status, _ in draft.steps if status in ("In Progress", "Plan Review")), None)
                ended = draft.steps[-1][0]
                if started is not None and started + timedelta(hours=6) < ended:
                    plans.append((started, ended, project, draft.key, draft.summary, draft.assignee))
        for started, ended, project, key, summary, assignee in sorted(plans):
            self._merged(self.repositories[project], started, ended, key, summary, assignee)

    def _merged(
        self, repository: Repository, started: datetime, ended: datetime, key: str, summary: str, assignee: str | None
    ) -> None:
        random, whole = self._random, ended - started
        keys = [key_ for key_ in self._logins if self._world.person(key_).jira_account_id == assignee]
        author_key = keys[0] if keys else "jonas"
        others = [one for one in self._logins if one != author_key]
        author, reviewer = self.account(author_key), self.account(random.choice(others))
        opened = max(started + whole * random.uniform(0.3, 0.5), ended - ORDINARY_SPAN)
        pull = self._open(repository, author, key, summary, opened)
        asked = opened + (ended - opened) * random.uniform(0.02, 0.1)
        self._github.request(author, pull, [reviewer.login], at=asked)
        reviewed = asked + (ended - asked) * random.uniform(0.2, 0.5)
        if random.random() < 0.5:
            self._github.review(reviewer, pull, "REQUEST_CHANGES", random.choice(REMARKS), at=reviewed)
            pushed = reviewed + (ended - reviewed) * random.uniform(0.1, 0.3)
            self.push(author, pull, "Work on the review's remarks", pushed)
            again = pushed + (ended - pushed) * 0.1
            self._github.request(author, pull, [reviewer.login], at=again)
            reviewed = again + (ended - again) * random.uniform(0.2, 0.6)
        self._github.review(reviewer, pull, "APPROVE", random.choice(("", "Looks good")), at=reviewed)
        self._github.merge(author, pull, at=reviewed + (ended - reviewed) * random.uniform(0.1, 0.9))

    def _open(
        self, repository: Repository, author: Account, key: str, summary: str, at: datetime, *, draft: bool = False
    ) -> PullRequest:
        at = at.replace(microsecond=0)
        words = "-".join("".join(c if c.isalnum() else " " for c in summary.lower()).split()[:5])
        branch = f"feature/{key}-{words}"
        title = f"{key} {summary}"[:200]
        pull = self._github.open_pull(author, repository, title, branch, body=f"For {key}.", draft=draft, at=at)
        self._checks(pull, at)
        return pull

    def push(self, author: Account, pull: PullRequest, message: str, at: datetime) -> None:
        """Push a commit whose checks pass."""
        self._github.push(author, pull, message, at=at.replace(microsecond=0))
        self._checks(pull, at)

    def _checks(self, pull: PullRequest, at: datetime) -> None:
        for minutes, name in enumerate(CHECKS, start=4):
            moment = (at + timedelta(minutes=minutes)).replace(microsecond=0)
            self._github.check(pull.repository, pull.head_sha, name, "success", at=moment)

    def told(self, specials: Specials) -> Told:
        """Make the open pull requests that agents should speak of, or should not."""
        return Told(self._no_push(), self._no_reviewer(), self._stuck(specials), self._active(), self._bot())

    def _draft_key(self, project: str, status: str, position: int) -> tuple[str, str]:
        found = [
            draft
            for draft in self._tickets.all
            if draft.project == project and draft.status == status and draft.type not in ("Epic", "Sub-task")
        ]
        draft = sorted(found, key=lambda one: one.key)[position]
        return draft.key, draft.summary

    def _days_ago(self, days: int, hour: int) -> datetime:
        """Return a moment in office hours that lies as many whole days back, whatever the time is now."""
        at = self._calendar.moment(days, hour)
        return at if self._calendar.now - at >= timedelta(days=days) else self._calendar.moment(days + 1, hour)

    def _no_push(self) -> PullRequest:
        moment, github = self._calendar.moment, self._github
        jonas, tomas = self.account("jonas"), self.account("tomas")
        key, summary = self._draft_key("PORT", "In Progress", 0)
        pull = self._open(self.repositories["PORT"], jonas, key, summary, moment(9, 10))
        github.request(jonas, pull, [tomas.login], at=moment(9, 11))
        said = "The retry loses messages when the queue is full. Please handle that case, and test it."
        github.review(tomas, pull, "REQUEST_CHANGES", said, at=self._days_ago(NO_PUSH_DAYS, 12))
        return pull

    def _no_reviewer(self) -> PullRequest:
        key, summary = self._draft_key("SHOP", "In Progress", 0)
        at = self._days_ago(NO_REVIEWER_DAYS, 14)
        return self._open(self.repositories["SHOP"], self.account("bob"), key, summary, at)

    def _stuck(self, specials: Specials) -> PullRequest:
        moment, draft = self._calendar.moment, specials.stuck
        sam, alice = self.account("sam"), self.account("alice")
        opened = moment(STUCK_REVIEW_DAYS, 14, 5)
        pull = self._open(self.repositories["SHOP"], sam, draft.key, draft.summary, opened)
        self._github.request(sam, pull, [alice.login], at=moment(STUCK_REVIEW_DAYS, 14, 30))
        return pull

    def _active(self) -> PullRequest:
        moment, github, now = self._calendar.moment, self._github, self._calendar.now
        mei, jonas = self.account("mei"), self.account("jonas")
        key, summary = self._draft_key("PORT", "In Progress", 1)
        pull = self._open(self.repositories["PORT"], mei, key, summary, moment(OLD_DAYS, 10))
        github.request(mei, pull, [jonas.login], at=moment(OLD_DAYS - 1, 10))
        for days in (12, 7, 3, 1):
            self.push(mei, pull, f"Part {13 - days} of the change", moment(days, 15))
            github.comment(jonas, pull, "Had a look, going on tomorrow.", at=moment(days, 16))
        for hours in (5, 2, 1):
            self.push(mei, pull, f"Finish what is left, {hours} to go", now - timedelta(hours=hours))
        return pull

    def _bot(self) -> PullRequest:
        github, at = self._github, self._calendar.moment(11, 6)
        title = "Bump the http-client group with 3 updates"
        branch = "dependabot/pip/http-client-3f2a"
        bot, repository = github.account(BOT), self.repositories["TOOLS"]
        pull = github.open_pull(bot, repository, title, branch, body="Bumps the group.", at=at.replace(microsecond=0))
        self._checks(pull, at)
        return pull


def make_pulls(sandbox: Sandbox, world: World, calendar: Calendar, tickets: Tickets, specials: Specials) -> list[Story]:
    """Fill GitHub and return its stories, with the exact facts."""
    maker = PullMaker(sandbox, world, calendar, tickets)
    maker.accounts()
    maker.ordinary()
    return pull_stories(maker.told(specials))


def pull_stories(told: Told) -> list[Story]:
    """Return the stories of pull requests."""
    changes, stuck = told.no_push, told.stuck
    verdict, request = changes.reviews[-1], stuck.timeline[-1]
    bare, active, bot = told.no_reviewer, told.active, told.bot
    asked = next(item for item in active.timeline if item.kind == "ReviewRequestedEvent")
    return [
        Story(
            "changes-no-push",
            "bottlenecks",
            f"{_reference(changes)}: changes were requested, and nothing was pushed for {NO_PUSH_DAYS} days",
            _reference(changes),
            _facts(
                changes,
                "Changes requested",
                verdict.submitted or changes.created,
                NO_PUSH_DAYS,
                reviewer=verdict.author.login,
            ),
        ),
        Story(
            "no-reviewer",
            "bottlenecks",
            f"{_reference(bare)} has no reviewer for {NO_REVIEWER_DAYS} days",
            _reference(bare),
            _facts(bare, "No reviewer", bare.created, NO_REVIEWER_DAYS),
        ),
        Story(
            "stuck-review-pr",
            "bottlenecks",
            f"{_reference(stuck)} waits for a review for {STUCK_REVIEW_DAYS} days",
            _reference(stuck),
            _facts(stuck, "Review requested", request.at, STUCK_REVIEW_DAYS, reviewer=stuck.requested[0].login),
        ),
        Story(
            "active-pr",
            "bottlenecks",
            f"{_reference(active)} is {OLD_DAYS} days old and worked on today: old, but not stuck",
            _reference(active),
            _facts(active, "Review requested", asked.at, OLD_DAYS - 1, is_stuck=False),
        ),
        Story(
            "bot-pr",
            "bottlenecks",
            f"{_reference(bot)} was opened by a bot",
            _reference(bot),
            _facts(bot, "No reviewer", bot.created, 11, is_bot=True),
        ),
    ]


def _reference(pull: PullRequest) -> str:
    return f"{pull.repository.full_name}#{pull.number}"


def _facts(pull: PullRequest, status: str, since: datetime, days: int, **more: object) -> dict[str, object]:
    moment = since.replace(microsecond=0).isoformat()
    facts = {"pull_request": _reference(pull), "status": status, "since": moment, "days": days}
    return {**facts, "author": pull.author.login, **more}
