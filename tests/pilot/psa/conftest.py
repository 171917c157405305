"""The two homes of tickets, each over its stand-in, with one ticket in progress."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from db.engine import Database
from sandbox import connectwise as sandbox_connectwise
from sandbox import jira as sandbox_jira
from sandbox.connectwise.http import CLIENT_ID, COMPANY, PRIVATE_KEY, PUBLIC_KEY
from sandbox.core import Fault, Sandbox
from sandbox.jira.adf import text_from_adf
from sandbox.jira.model import Issue
from sandbox.server import SandboxServer
from services.clock import utc_now
from services.effects import Actor, AuditTrail, Effects
from services.effects.connectwise import connectwise_operations
from services.effects.jira import jira_operations
from services.pilot.psa import ConnectWisePsa, JiraPsa, PsaProvider, PsaProviders, TicketWriteBack
from services.vendors.connectwise import ConnectWiseClient
from services.vendors.jira import JiraClient
from tests.vendors.settings import settings_for
from tests.vendors.site import ALICE, QUICK, small_sandbox

LUCA = Actor(None, "Luca Moretti")
DANA = Actor(None, "Dana Frost")


@dataclass
class Desk(ABC):
    """A home of tickets, FlowPilot's way to it, and what people see there."""

    sandbox: Sandbox
    effects: Effects
    provider: PsaProvider
    write_back: TicketWriteBack
    vendor = ""
    done = ""
    first = ""
    post_path = ""
    status_method = ""
    status_path = ""

    @property
    @abstractmethod
    def ticket_id(self) -> str:
        """The ticket."""

    @property
    @abstractmethod
    def notes(self) -> list[str]:
        """The words of its notes."""

    @property
    @abstractmethod
    def status(self) -> str:
        """Its status."""

    @abstractmethod
    def by_hand(self, status: str) -> None:
        """Have somebody else set its status."""

    @abstractmethod
    def delete_notes(self) -> None:
        """Have somebody delete its notes."""

    def fail_post(self, kind: str) -> None:
        """Let the next post of a note go wrong."""
        self.sandbox.faults.add(Fault(self.vendor, kind, method="POST", path=self.post_path))

    def refuse_status(self) -> None:
        """Let the next change of the status be refused."""
        self.sandbox.faults.add(Fault(self.vendor, "status", self.status_path, self.status_method, status=400))

    def ignore_status(self) -> None:
        """Let the next change of the status be accepted, and not be made."""
        self.sandbox.faults.add(Fault(self.vendor, "status", self.status_path, self.status_method, status=200))


class ConnectWiseDesk(Desk):
    """ConnectWise with two boards."""

    vendor = "connectwise"
    done, first = "Resolved", "In Progress"
    post_path, status_method, status_path = "/notes$", "PATCH", "/service/tickets/"

    @property
    def ticket_id(self) -> str:
        """The ticket."""
        return "48213"

    @property
    def notes(self) -> list[str]:
        """The words of its notes."""
        return [note.text for note in self.sandbox.connectwise.ticket(48213).notes.values()]

    @property
    def status(self) -> str:
        """Its status."""
        return self.sandbox.connectwise.ticket(48213).status.name

    def by_hand(self, status: str) -> None:
        """Have somebody else set its status."""
        ticket = self.sandbox.connectwise.ticket(48213)
        self.sandbox.connectwise.set_status(ticket, ticket.board.status(status).id, by="Ingrid Halvorsen")

    def delete_notes(self) -> None:
        """Have somebody delete its notes."""
        self.sandbox.connectwise.ticket(48213).notes.clear()

    def ignore_status(self) -> None:
        """Let a workflow rule of the board set the next status back."""
        self.sandbox.connectwise.ignore_status_changes = 1


class JiraDesk(Desk):
    """Jira with one project."""

    vendor = "jira"
    done, first = "Done", "In Progress"
    post_path, status_method, status_path = "/comment$", "POST", "/transitions$"

    @property
    def _issue(self) -> Issue:
        return next(iter(self.sandbox.jira.by_project["APP"].values()))

    @property
    def ticket_id(self) -> str:
        """The issue."""
        return self._issue.key

    @property
    def notes(self) -> list[str]:
        """The words of its comments."""
        return [text_from_adf(comment.body) for comment in self._issue.comments]

    @property
    def status(self) -> str:
        """Its status."""
        return self._issue.status.name

    def by_hand(self, status: str) -> None:
        """Have somebody else move it."""
        jira = self.sandbox.jira
        moves = jira.workflow(self._issue).available(self._issue.status.name)
        jira.transition(ALICE, self._issue, next(each.id for each in moves if each.target == status))

    def delete_notes(self) -> None:
        """Have somebody delete its comments."""
        self._issue.comments.clear()


def fill(sandbox: Sandbox) -> None:
    """Open one ticket in each home, in progress."""
    state = sandbox.connectwise
    acme = state.add_company("AcmeCorp", "Acme Corp")
    desk = state.add_board("Help Desk", "New", "In Progress", "Resolved", "Closed", closed=("Closed",))
    network = state.add_board("Network", "Unassigned", "Restored", closed=("Restored",))
    state.add_ticket(desk, acme, "Outlook keeps asking for the password", number=48213, status="In Progress")
    state.add_ticket(network, acme, "Wi-Fi drops", number=48198)
    wanted = {"project": {"key": "APP"}, "issuetype": {"name": "Task"}, "summary": "Outlook keeps asking"}
    sandbox.jira.create(ALICE, wanted)


@dataclass
class Homes:
    """Both, as one application has them."""

    sandbox: Sandbox
    url: str
    effects: Effects
    connectwise: ConnectWiseClient
    jira: JiraClient
    providers: PsaProviders
    write_back: TicketWriteBack
    setting: list[str | None]
    database: Database

    def another_process(self) -> Effects:
        """Return the effects as another process has them."""
        effects = Effects(self.database, AuditTrail(self.database, utc_now), utc_now)
        effects.register([*jira_operations(self.jira), *connectwise_operations(self.connectwise)])
        return effects

    def another_write_back(self) -> TicketWriteBack:
        """Return the write-back as another replica has it."""
        return TicketWriteBack(self.database, homes_of(self.connectwise, self.jira, self.another_process(), [None]))

    def desk(self, name: str) -> Desk:
        """Return one of them."""
        kind = {"connectwise": ConnectWiseDesk, "jira": JiraDesk}[name]
        desk: Desk = kind(self.sandbox, self.effects, self.providers.provider(name), self.write_back)
        return desk


def homes_of(
    connectwise: ConnectWiseClient, jira: JiraClient, effects: Effects, setting: list[str | None]
) -> PsaProviders:
    """Return the providers; `setting` holds what the account set."""

    async def chosen() -> str | None:
        return setting[0]

    return PsaProviders([ConnectWisePsa(connectwise, effects), JiraPsa(jira, effects)], chosen)


@pytest.fixture
async def homes(database: Database, in_account: str) -> AsyncIterator[Homes]:
    """An application with a ConnectWise and a Jira."""
    sandbox = small_sandbox()
    fill(sandbox)
    server = SandboxServer(sandbox, setups=[sandbox_jira.setup, sandbox_connectwise.setup])
    url = await server.start()
    settings = settings_for(
        url,
        connectwise_url=f"{url}/connectwise",
        connectwise_company=COMPANY,
        connectwise_public_key=PUBLIC_KEY,
        connectwise_private_key=PRIVATE_KEY,
        connectwise_client_id=CLIENT_ID,
    )
    jira = JiraClient.from_settings(settings, policy=QUICK)
    connectwise = ConnectWiseClient.from_settings(settings, policy=QUICK)
    assert connectwise is not None
    effects = Effects(database, AuditTrail(database, utc_now), utc_now)
    effects.register([*jira_operations(jira), *connectwise_operations(connectwise)])
    setting: list[str | None] = [None]
    providers = homes_of(connectwise, jira, effects, setting)
    made = Homes(
        sandbox, url, effects, connectwise, jira, providers, TicketWriteBack(database, providers), setting, database
    )
    made.desk("jira").by_hand("In Progress")
    yield made
    await jira.close()
    await connectwise.close()
    await server.stop()


@pytest.fixture(params=["connectwise", "jira"])
def desk(homes: Homes, request: pytest.FixtureRequest) -> Desk:
    """Each home in turn: what holds for one holds for the other."""
    return homes.desk(request.param)
