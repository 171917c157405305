"""Download links: signed, bound to the account, good for 30 days; whoever has one may fetch that one file."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import IntegrityError

from db.engine import Database
from db.repositories import accounts as repository
from db.tenancy import account_scope, current_account_id
from services.clock import Now
from services.errors import FlowPilotError, NotFoundError

GOOD_FOR = timedelta(days=30)
SECRET_PREFERENCE = "reports.link_secret"  # noqa: S105 - the name of the setting, not the secret
PATH = "/reports/"
_SIGNATURE_BYTES = 32


class LinkExpiredError(FlowPilotError):
    """The link was good once."""


@dataclass(frozen=True)
class Ticket:
    """What a link opens."""

    account_id: str
    report_id: int


class ReportLinks:
    """Makes and reads links; the secret behind them is made at the first use and kept with the account's settings."""

    def __init__(self, database: Database, now: Now, public_url: str = "") -> None:
        self._database = database
        self._now = now
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
        signature = _signature(await self._secret(), said)
        return base64.urlsafe_b64encode(signature + said).decode().rstrip("=")

    async def open(self, token: str) -> Ticket:
        """Return what a token opens; raises `NotFoundError` for a wrong one and `LinkExpiredError` for an old one."""
        wrong = NotFoundError("This link opens nothing.", hint="Copy it whole, or ask in Slack: `/pm report`.")
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            signature, said = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
            account_id, report_id, until = said.decode().split("|")
            ticket, end = Ticket(account_id, int(report_id)), datetime.fromtimestamp(int(until), UTC)
        except (ValueError, OverflowError, OSError):
            raise wrong from None
        with account_scope(account_id):
            secret = await self._known_secret()
        if not secret or not hmac.compare_digest(signature, _signature(secret, said)):
            raise wrong
        if self._now() >= end:
            raise LinkExpiredError(
                f"This link was good for {GOOD_FOR.days} days.", hint="Ask in Slack for a new one: `/pm report`."
            )
        return ticket

    async def _known_secret(self) -> str:
        async with self._database.transaction(write=False) as session:
            row = await repository.settings_row(session)
            return str(row.get_setting(SECRET_PREFERENCE, "")) if row else ""

    async def _secret(self) -> str:
        if known := await self._known_secret():
            return known
        try:
            return await self._made_secret()
        except IntegrityError:
            # another process made the account's settings at the same moment
            return await self._made_secret()

    async def _made_secret(self) -> str:
        async with self._database.transaction() as session:
            row = await repository.settings_row_to_change(session, self._now())
            known = str(row.get_setting(SECRET_PREFERENCE, ""))
            if not known:
                known = secrets.token_hex(32)
                await repository.write_setting(session, SECRET_PREFERENCE, known, self._now())
        return known


def _signature(secret: str, said: bytes) -> bytes:
    return hmac.new(secret.encode(), said, hashlib.sha256).digest()
