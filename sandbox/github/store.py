"""What a GitHub holds and how it is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from sandbox.core import Bus, SandboxClock
from sandbox.github.errors import not_found
from sandbox.github.events import GithubEvent
from sandbox.github.model import Account, AccountType, PullRequest, Repository, Team, sha_of

SERVICE_LOGIN = "flowpilot-machine"
LIMIT_PER_HOUR = 5000


class RateLimit:
    """Calls left in the hour that runs; `limit` may be set by tests."""

    def __init__(self, clock: SandboxClock, limit: int = LIMIT_PER_HOUR) -> None:
        self._clock = clock
        self.limit = limit
        self.used = 0
        self.reset = clock.now() + timedelta(hours=1)

    @property
    def remaining(self) -> int:
        """Return how many are left."""
        if self._clock.now() >= self.reset:
            self.used, self.reset = 0, self._clock.now() + timedelta(hours=1)
        return max(0, self.limit - self.used)

    def take(self, points: int = 1) -> bool:
        """Count a call; False when none is left."""
        if self.remaining <= 0:
            return False
        self.used += points
        return True


class GithubStore:
    """Accounts, repositories, and who listens.

    `timeout_above` makes GraphQL searches of more pull requests than that time out; `broken` are those
    (full name, number) that GraphQL fails to give, with an error beside what it does give.
    """

    def __init__(self, clock: SandboxClock, bus: Bus) -> None:
        self.clock = clock
        self.bus = bus
        self.base_url = ""
        self.accounts: dict[str, Account] = {}
        self.repositories: dict[str, Repository] = {}
        self.teams: dict[str, Team] = {}
        self.listeners: list[Callable[[GithubEvent], None]] = []
        self.core = RateLimit(clock)
        self.graphql = RateLimit(clock)
        self.timeout_above: int | None = None
        self.broken: set[tuple[str, int]] = set()
        self._counts: Counter[str] = Counter()
        self.service = self.add_account(SERVICE_LOGIN, "FlowPilot", "flowpilot@sandbox.test")

    def now(self) -> datetime:
        """Return the time, in whole seconds as GitHub keeps it."""
        return self.clock.now().replace(microsecond=0)

    def when(self, at: datetime | None) -> datetime:
        """Return a moment of the past in whole seconds, or now."""
        return self.now() if at is None else at.replace(microsecond=0)

    def new_id(self, kind: str) -> int:
        """Return the next id of a kind."""
        self._counts[kind] += 1
        return 1000 + self._counts[kind]

    def add_account(self, login: str, name: str = "", email: str = "", type_: AccountType = "User") -> Account:
        """Add a user, a bot or an organization."""
        account = Account(self.new_id("account"), login, name, email, type_, self.now())
        self.accounts[login.casefold()] = account
        return account

    def add_team(self, name: str) -> Team:
        """Add a team."""
        slug = name.casefold().replace(" ", "-")
        return self.teams.setdefault(slug, Team(self.new_id("team"), name, slug))

    def add_repository(
        self, full_name: str, collaborators: list[Account], description: str = "", created: datetime | None = None
    ) -> Repository:
        """Add a repository; its owner becomes an organization if nobody has that name yet."""
        owner_login, _, name = full_name.partition("/")
        owner = self.accounts.get(owner_login.casefold()) or self.add_account(
            owner_login, owner_login.title(), type_="Organization"
        )
        at = created or self.now()
        people = {account.login.casefold(): account for account in [*collaborators, self.service]}
        repository = Repository(self.new_id("repository"), owner, name, description, at, people)
        repository.main_sha, repository.pushed = sha_of(full_name, "main"), at
        self.repositories[full_name.casefold()] = repository
        return repository

    def account(self, login: str) -> Account:
        """Return an account; GithubError 404 for anyone else."""
        found = self.accounts.get(login.casefold())
        if found is None:
            raise not_found()
        return found

    def repository(self, full_name: str) -> Repository:
        """Return a repository, whatever the case of its name; GithubError 404 for any other."""
        found = self.repositories.get(full_name.casefold())
        if found is None:
            raise not_found()
        return found

    def pull(self, full_name: str, number: int) -> PullRequest:
        """Return a pull request; GithubError 404 for any other."""
        found = self.repository(full_name).pulls.get(number)
        if found is None:
            raise not_found()
        return found

    def tell(self, event: GithubEvent, at: datetime | None) -> None:
        """Tell the page and those who listen; what is put into the past (`at` given) is told to nobody."""
        if at is not None:
            return
        for listener in self.listeners:
            listener(event)
        number = event.pull.number if event.pull else None
        name = event.repository.full_name
        self.bus.publish("github", repository=name, number=number, event=event.name, action=event.action)
