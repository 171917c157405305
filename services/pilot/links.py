"""Links to sessions for people without a token: signed, good until an admin has all of them end.

A link stands in a ticket's note for years, so it does not expire by itself. It tells where the thread is and nothing
that was said; whether somebody may read that, Slack decides.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

from sqlalchemy.exc import IntegrityError

from db.engine import Database
from db.repositories import accounts as repository
from db.tenancy import account_scope, current_account_id
from services.accounts.types import MemberRef, Role, require_role
from services.clock import Now
from services.effects import Actor
from services.effects.audit import AuditTrail

SECRET_PREFERENCE = "pilot.link_secret"  # noqa: S105 - the name of the setting, not the secret
PATH = "/pilot/"
KEY = "key"
ACCOUNT_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_SIGNATURE_BYTES = 32


class SessionLinks:
    """Makes and checks links; the secret behind them is made at the first use and kept with the account's settings."""

    def __init__(self, database: Database, audit: AuditTrail, now: Now, public_url: str = "") -> None:
        self._database = database
        self._audit = audit
        self._now = now
        self.public_url = public_url

    async def url(self, session_id: str) -> str:
        """Return a link to a session of the current account; without PUBLIC_URL it begins with its path."""
        key = await self._key(session_id)
        return f"{self.public_url.rstrip('/')}{PATH}{session_id}?{KEY}={key}"

    async def account_of(self, session_id: str, key: str) -> str | None:
        """Return the account whose link to that session has this key; None where it is nobody's. Sets no scope."""
        try:
            raw = base64.b64decode(key + "=" * (-len(key) % 4), altchars=b"-_", validate=True)
            signature, account_id = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:].decode()
        except ValueError:
            return None
        if ACCOUNT_ID.fullmatch(account_id) is None:
            return None
        with account_scope(account_id):
            secret = await self._known_secret()
        # compared even where there is none, so that the time taken tells nothing of accounts
        is_right = hmac.compare_digest(signature, _signature(secret, account_id, session_id))
        return account_id if secret and is_right else None

    async def renew(self, by: MemberRef) -> None:
        """Have all links that were ever made open nothing from now on."""
        require_role(by, Role.ADMIN, "have links to sessions end")
        async with self._database.transaction() as session:
            await repository.write_setting(session, SECRET_PREFERENCE, secrets.token_hex(32), self._now())
            await self._audit.append(
                session,
                actor=Actor(by.id, by.display_name),
                action="pilot.links.renew",
                target="links to sessions",
                result="done",
            )

    async def _key(self, session_id: str) -> str:
        account_id = current_account_id()
        signature = _signature(await self._secret(), account_id, session_id)
        return base64.urlsafe_b64encode(signature + account_id.encode()).decode().rstrip("=")

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


def _signature(secret: str, account_id: str, session_id: str) -> bytes:
    return hmac.new(secret.encode(), f"session|{account_id}|{session_id}".encode(), hashlib.sha256).digest()
