"""The systems where tickets live, and which of them a ticket as typed belongs to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from services.errors import FlowPilotError, InvalidInputError, NotConfiguredError
from services.pilot.psa.refs import CONNECTWISE, JIRA, read_ref, refs_in
from services.pilot.psa.types import PsaProvider, PsaTicket
from services.pilot.types import TicketRef
from services.slack.markup import escape

AUTOMATIC = "automatic"
HINT = "A ticket looks like 48213, #48213, CW-48213 or, in Jira, ABC-123."
ReadSetting = Callable[[], Awaitable[str | None]]


class PsaProviders:
    """The providers of the current account; `setting` names its home of tickets, or says "automatic"."""

    def __init__(self, providers: Iterable[PsaProvider], setting: ReadSetting) -> None:
        self._providers = {provider.name: provider for provider in providers}
        self._setting = setting

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the systems that are connected."""
        return tuple(self._providers)

    def title(self, name: str) -> str:
        """Return what people call a system."""
        found = self._providers.get(name)
        return found.title if found else {"connectwise": "ConnectWise", "jira": "Jira"}.get(name, name)

    def provider(self, name: str) -> PsaProvider:
        """Return a provider; `NotConfiguredError` when that system is not connected."""
        found = self._providers.get(name)
        if found is None:
            raise NotConfiguredError(
                f"{escape(self.title(name))} is not connected to FlowPilot.",
                hint="Somebody who runs FlowPilot connects it; `python app.py doctor` says how.",
            )
        return found

    async def home(self) -> str:
        """Return where tickets are looked for when their form does not say."""
        wanted = await self._setting()
        if wanted in self._providers:
            return str(wanted)
        return CONNECTWISE if CONNECTWISE in self._providers else JIRA

    async def read(self, text: str) -> TicketRef:
        """Return the ticket that was typed, unread; `InvalidInputError` when it is none."""
        found = read_ref(text, has_connectwise=CONNECTWISE in self._providers, home=await self.home())
        if found is None:
            raise InvalidInputError(f"“{escape(text.strip()[:60])}” is not a ticket.", hint=HINT)
        name, ticket_id = found
        if name not in self._providers:
            raise NotConfiguredError(
                f"“{escape(text.strip()[:60])}” is a ticket of ConnectWise, which is not connected to FlowPilot.",
                hint="Use a Jira key such as ABC-123.",
            )
        return TicketRef(name, ticket_id)

    async def mentioned(self, text: str) -> TicketRef | None:
        """Return the first ticket of a connected system that a text names, unread."""
        found = refs_in(text, has_connectwise=CONNECTWISE in self._providers, home=await self.home())
        return next((TicketRef(*each) for each in found if each[0] in self._providers), None)

    async def ticket(self, ref: TicketRef) -> PsaTicket:
        """Read a ticket as it is now."""
        return await self.provider(ref.provider).ticket(ref.ticket_id)

    async def linked(self, text: str) -> PsaTicket:
        """Read the ticket that was typed; `VendorNotFoundError` when its system knows none."""
        return await self.ticket(await self.read(text))

    async def search(self, text: str, *, limit: int = 20) -> list[PsaTicket]:
        """Return open tickets for a picker: those of the home first; a system that does not answer is left out."""
        home, found = await self.home(), []
        problems: list[FlowPilotError] = []
        for name in sorted(self._providers, key=lambda each: each != home):
            try:
                found += await self._providers[name].search(text, limit=limit)
            except FlowPilotError as error:
                problems.append(error)
        if problems and not found:
            raise problems[0]
        return found[:limit]
