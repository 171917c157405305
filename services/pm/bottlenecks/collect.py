"""What waits: open tickets in waiting statuses, open pull requests, and who is concerned, by the mirror (PM-5.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.accounts.types import MemberRef, Role
from services.mirror import Mirror
from services.mirror.types import IssueLinkRow, IssueRow, PullRequestEvent, PullRequestRow, ReviewStatus
from services.pm.bottlenecks.stuck import Blocker, People, Remark, Sign, Standing, WaitingItem
from services.pm.bottlenecks.types import Visit
from services.pm.bottlenecks.visits import People as Teams
from services.pm.bottlenecks.visits import pull_request_visits, ticket_visits
from services.pm.types import ProjectRef, TeamMember

BLOCKED = "blocked"
BLOCKED_BY = "is blocked by"
NOT_LINKED = "somebody who is not linked"


@dataclass(frozen=True)
class Directory:
    """Who is who in Jira and GitHub; names in lower case."""

    by_account: Mapping[str, TeamMember] = field(default_factory=dict)
    by_login: Mapping[str, TeamMember] = field(default_factory=dict)
    by_id: Mapping[int, TeamMember] = field(default_factory=dict)
    leads: Mapping[str, MemberRef] = field(default_factory=dict)

    @classmethod
    def of(cls, people: Iterable[TeamMember]) -> Directory:
        """Index people; a team's lead is its member with the role lead, the first by name where there are several."""
        known = sorted(people, key=lambda each: each.member.display_name)
        leads: dict[str, MemberRef] = {}
        for each in known:
            if each.team and each.member.role is Role.LEAD:
                leads.setdefault(each.team, each.member)
        return cls(
            {each.member.jira_account_id: each for each in known if each.member.jira_account_id},
            {each.member.github_login.casefold(): each for each in known if each.member.github_login},
            {each.member.id: each for each in known},
            leads,
        )

    @property
    def teams(self) -> Teams:
        """Return the teams by Jira account and GitHub login."""
        named = {account: each.team for account, each in self.by_account.items()}
        named |= {str(each.member.github_login): each.team for each in self.by_login.values()}
        return Teams(named)

    def member(self, account: str | None) -> MemberRef | None:
        """Return the member behind a Jira account."""
        found = self.by_account.get(account or "")
        return found.member if found else None

    def login(self, login: str) -> MemberRef | None:
        """Return the member behind a GitHub login."""
        found = self.by_login.get(login.casefold())
        return found.member if found else None

    def name_of(self, login: str) -> str:
        """Return how a GitHub login is called here."""
        found = self.login(login)
        return found.display_name if found else login

    def team_of(self, member: MemberRef | None) -> str:
        """Return a member's team, "" where it has none."""
        found = self.by_id.get(member.id) if member else None
        return found.team if found else ""

    def lead_of(self, member: MemberRef | None) -> MemberRef | None:
        """Return the lead of a member's team."""
        return self.leads.get(self.team_of(member))

    def pm_of(self, project: ProjectRef | None, member: MemberRef | None) -> MemberRef | None:
        """Return the project's PM, else the team's."""
        if project is not None and project.pm is not None:
            return project.pm
        own = self.by_id.get(member.id) if member else None
        found = self.by_id.get(own.pm_member_id or 0) if own else None
        return found.member if found else None

    def standing_of(self, member: MemberRef | None, people: People) -> Standing:
        """Return what a member has to do with an item."""
        if member is None:
            return Standing.SOMEBODY
        if people.assignee and member.id == people.assignee.id:
            return Standing.ASSIGNEE
        return Standing.REVIEWER if member.id in {each.id for each in people.reviewers} else Standing.COLLEAGUE


@dataclass(frozen=True)
class Collector:
    """Reads what waits in an account's projects."""

    mirror: Mirror
    site_url: str

    async def items(
        self, projects: Sequence[ProjectRef], people: Iterable[TeamMember], statuses: Iterable[str], now: datetime
    ) -> list[WaitingItem]:
        """Return open tickets in `statuses` (whatever their case) and open pull requests that are no drafts."""
        wanted = {_plain(status) for status in statuses}
        issues = await self.mirror.issues([project.key for project in projects], open_only=True)
        waiting = [issue for issue in issues if _plain(issue.status) in wanted and not issue.is_epic]
        return await self._found(waiting, projects, Directory.of(people), now)

    async def known(
        self, projects: Sequence[ProjectRef], directory: Directory, keys: Collection[str], now: datetime
    ) -> dict[str, WaitingItem]:
        """Return what the mirror has of tickets by key, whatever their status, and of all open pull requests."""
        issues = await self.mirror.issues(keys=[key for key in keys if "#" not in key])
        return {item.key: item for item in await self._found(issues, projects, directory, now)}

    async def _found(
        self, issues: Sequence[IssueRow], projects: Sequence[ProjectRef], directory: Directory, now: datetime
    ) -> list[WaitingItem]:
        repositories = [name for project in projects for name in project.github_repositories]
        pulls = await self.mirror.pull_requests(repositories, open_only=True) if repositories else []
        by_key = {project.key: project for project in projects}
        tickets = await self._tickets(issues, pulls, by_key, directory, now)
        return [*tickets, *_pulls(pulls, projects, directory, now)]

    async def _tickets(
        self,
        waiting: Sequence[IssueRow],
        pulls: Sequence[PullRequestRow],
        projects: Mapping[str, ProjectRef],
        directory: Directory,
        now: datetime,
    ) -> list[WaitingItem]:
        changes = await self.mirror.field_changes([issue.jira_id for issue in waiting]) if waiting else []
        visits = {v.item_key: v for v in ticket_visits(waiting, changes, now, directory.teams) if v.is_censored}
        blockers = await self._blockers(waiting, directory)
        under: dict[str, list[PullRequestRow]] = defaultdict(list)
        for pull in pulls:
            for key in pull.jira_keys:
                under[key].append(pull)
        found = []
        for issue in waiting:
            people = _people_of_ticket(issue, under[issue.key], projects.get(issue.project_key), directory)
            if visit := visits.get(issue.key):
                found.append(self._ticket(issue, visit, people, blockers))
        return found

    def _ticket(self, issue: IssueRow, visit: Visit, people: People, blockers: Mapping[str, Blocker]) -> WaitingItem:
        return WaitingItem(
            visit=visit,
            title=issue.summary,
            url=f"{self.site_url}/browse/{issue.key}",
            people=people,
            is_blocked=BLOCKED in _plain(issue.status),
            blockers=tuple(blockers[link.key] for link in issue.links if is_blocking(link)),
            jira_id=issue.jira_id,
            epic_key=issue.epic_key,
        )

    async def _blockers(self, waiting: Iterable[IssueRow], directory: Directory) -> dict[str, Blocker]:
        keys = {link.key for issue in waiting for link in issue.links if is_blocking(link)}
        known = {issue.key: issue for issue in await self.mirror.issues(keys=keys)} if keys else {}
        return {key: _blocker(key, known.get(key), directory) for key in keys}


def is_blocking(link: IssueLinkRow) -> bool:
    """Tell whether the issue that has this link is blocked by the other."""
    return link.phrase.casefold().strip() == BLOCKED_BY


def _blocker(key: str, issue: IssueRow | None, directory: Directory) -> Blocker:
    if issue is None:
        return Blocker(key)
    owner = directory.member(issue.assignee_account_id)
    return Blocker(key, issue.summary, issue.status, not issue.is_done, owner)


def _people_of_ticket(
    issue: IssueRow, pulls: Sequence[PullRequestRow], project: ProjectRef | None, directory: Directory
) -> People:
    """Return who is concerned; reviewers are asked on its pull requests, else did review, else it is the lead."""
    assignee = directory.member(issue.assignee_account_id)
    lead = directory.lead_of(assignee)
    asked = [login for pull in pulls for login in pull.requested_reviewers]
    reviewed = [event.login for pull in pulls for event in pull.events if event.kind == "review" and not event.is_bot]
    reviewers = _members(asked, directory) or _members(reviewed, directory) or ((lead,) if lead else ())
    if BLOCKED in _plain(issue.status):
        reviewers = ()
    others = tuple(each for each in reviewers if assignee is None or each.id != assignee.id)
    name = NOT_LINKED if assignee is None and issue.assignee_account_id else ""
    return People(assignee, name, others, _other(lead, assignee), directory.pm_of(project, assignee))


def _members(logins: Iterable[str], directory: Directory) -> tuple[MemberRef, ...]:
    found = {member.id: member for login in logins if (member := directory.login(login))}
    return tuple(found.values())


def _other(lead: MemberRef | None, assignee: MemberRef | None) -> MemberRef | None:
    return None if lead and assignee and lead.id == assignee.id else lead


def _pulls(
    pulls: Iterable[PullRequestRow], projects: Sequence[ProjectRef], directory: Directory, now: datetime
) -> list[WaitingItem]:
    found = []
    for pull in pulls:
        project = project_of(pull, projects)
        if project is None or pull.review_status is ReviewStatus.DRAFT or pull.is_draft:
            continue
        visits = pull_request_visits(pull, project.key, now, directory.teams)
        ongoing = next((visit for visit in reversed(visits) if visit.is_censored), None)
        if ongoing is not None:
            found.append(_pull(pull, ongoing, people_of_pull(pull, project, directory), directory))
    return found


def project_of(pull: PullRequestRow, projects: Sequence[ProjectRef]) -> ProjectRef | None:
    """Return the project of a repository; where several share it, that of the ticket which the pull request names."""
    name = pull.repository.casefold()
    owners = [p for p in projects if name in {each.casefold() for each in p.github_repositories}]
    named = {key.rpartition("-")[0] for key in pull.jira_keys}
    return next((each for each in owners if each.key in named), owners[0] if owners else None)


def people_of_pull(pull: PullRequestRow, project: ProjectRef, directory: Directory) -> People:
    """Return who is concerned: the author, those asked to review, else those who reviewed."""
    author = directory.login(pull.author_login)
    reviewed = [e.login for e in pull.events if e.kind == "review" and not e.is_bot and e.login != pull.author_login]
    reviewers = _members(pull.requested_reviewers, directory) or _members(reviewed, directory)
    others = tuple(each for each in reviewers if author is None or each.id != author.id)
    lead = _other(directory.lead_of(author), author)
    return People(author, pull.author_login, others, lead, directory.pm_of(project, author))


def _pull(pull: PullRequestRow, visit: Visit, people: People, directory: Directory) -> WaitingItem:
    return WaitingItem(
        visit=visit,
        title=pull.title,
        url=pull.url,
        people=people,
        signs=signs_of(pull.events, directory),
        remarks=remarks_of(pull.events, people, directory),
        ticket_keys=pull.jira_keys,
        is_shown=not pull.is_bot,
    )


def signs_of(events: Iterable[PullRequestEvent], directory: Directory) -> tuple[Sign, ...]:
    """Return what people (no robots) pushed and reviewed."""
    return tuple(
        Sign(event.at, event.kind, directory.name_of(event.login))
        for event in events
        if not event.is_bot and event.kind != "comment"
    )


def remarks_of(events: Iterable[PullRequestEvent], people: People, directory: Directory) -> tuple[Remark, ...]:
    """Return what people (no robots) wrote on a pull request."""
    return tuple(
        Remark(
            event.at,
            directory.name_of(event.login),
            directory.standing_of(directory.login(event.login), people),
            event.text,
        )
        for event in events
        if event.kind == "comment" and not event.is_bot and event.text.strip()
    )


def _plain(status: str) -> str:
    return " ".join(status.casefold().split())
