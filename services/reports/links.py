"""Download links: signed, bound to the account, good for 30 days; whoever has one may fetch that one file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from db.engine import Database
from db.tenancy import account_scope, current_account_id
from services.accounts.link_secrets import LinkSecret, is_signed, parts_of, signature_of, token_of
from services.clock import Now
from services.errors import FlowPilotError, NotFoundError

GOOD_FOR = timedelta(days=30)
SECRET_PREFERENCE = "reports.link_secret"  # noqa: S105 - the name of the setting, not the secret
PATH = "/reports/"


class LinkExpiredError(FlowPilotError):
    """The link was good once."""


@dataclass(frozen=True)
class Ticket:
    """What a link opens."""

    account_id: str
    report_id: int


class ReportLinks:
    """Makes and reads links."""

    def __init__(self, database: Database, now: Now, public_url: str = "") -> None:
        self._now = now
        self._secret = LinkSecret(database, now, SECRET_PREFERENCE)
        self.public_url = public_url

    async def url(self, report_id: int) -> str:
        """Return a link to a report of the current account; empty where nobody could reach it (no PUBLIC_URL)."""
        if not self.public_url:
            return ""
        # by the day, so that making a message again gives the same link
        day = self._now().replace(hour=0, minute=0, second=0, microsecond=0)
        return f"{self.public_url.rstrip('/')}{PATH}{await self.token(report_id, day + GOOD_FOR)}"

    async def token(self, report_id: int, until: datetime) -> str:
        """Return what opens a report of the current account until then."""
        said = f"{current_account_id()}|{report_id}|{int(until.timestamp())}".encode()
        return token_of(signature_of(await self._secret.get(), said), said)

    async def open(self, token: str) -> Ticket:
        """Return what a token opens; raises `NotFoundError` for a wrong one and `LinkExpiredError` for an old one."""
        wrong = NotFoundError("This link opens nothing.", hint="Copy it whole, or ask in Slack: `/pm report`.")
        try:
            signature, said = parts_of(token)
            account_id, report_id, until = said.decode().split("|")
            ticket, end = Ticket(account_id, int(report_id)), datetime.fromtimestamp(int(until), UTC)
        except (ValueError, OverflowError, OSError):
            raise wrong from None
        with account_scope(account_id):
            secret = await self._secret.known()
        if not is_signed(secret, said, signature):
            raise wrong
        if self._now() >= end:
            raise LinkExpiredError(
                f"This link was good for {GOOD_FOR.days} days.", hint="Ask in Slack for a new one: `/pm report`."
            )
        return ticket
