"""Links to sessions for people without a token: signed, good until an admin has all of them end.

A link stands in a ticket's note for years, so it does not expire by itself. It tells where the thread is and nothing
that was said; whether somebody may read that, Slack decides.
"""

from __future__ import annotations

import re

from db.engine import Database
from db.tenancy import account_scope, current_account_id
from services.accounts.link_secrets import LinkSecret, is_signed, parts_of, signature_of, token_of
from services.accounts.types import MemberRef, Role, require_role
from services.clock import Now
from services.effects import Actor
from services.effects.audit import AuditTrail

SECRET_PREFERENCE = "pilot.link_secret"  # noqa: S105 - the name of the setting, not the secret
PATH = "/pilot/"
KEY = "key"
ACCOUNT_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")


class SessionLinks:
    """Makes and checks links."""

    def __init__(self, database: Database, audit: AuditTrail, now: Now, public_url: str = "") -> None:
        self._database = database
        self._audit = audit
        self._secret = LinkSecret(database, now, SECRET_PREFERENCE)
        self.public_url = public_url

    async def url(self, session_id: str) -> str:
        """Return a link to a session of the current account; without PUBLIC_URL it begins with its path."""
        key = await self._key(session_id)
        return f"{self.public_url.rstrip('/')}{PATH}{session_id}?{KEY}={key}"

    async def account_of(self, session_id: str, key: str) -> str | None:
        """Return the account whose link to that session has this key; None where it is nobody's. Sets no scope."""
        try:
            signature, content = parts_of(key)
            account_id = content.decode()
        except ValueError:
            return None
        if ACCOUNT_ID.fullmatch(account_id) is None:
            return None
        with account_scope(account_id):
            secret = await self._secret.known()
        return account_id if is_signed(secret, _said(account_id, session_id), signature) else None

    async def renew(self, by: MemberRef) -> None:
        """Have all links that were ever made open nothing from now on."""
        require_role(by, Role.ADMIN, "have links to sessions end")
        async with self._database.transaction() as session:
            await self._secret.renew(session)
            await self._audit.append(
                session,
                actor=Actor(by.id, by.display_name),
                action="pilot.links.renew",
                target="links to sessions",
                result="done",
            )

    async def _key(self, session_id: str) -> str:
        account_id = current_account_id()
        signature = signature_of(await self._secret.get(), _said(account_id, session_id))
        return token_of(signature, account_id.encode())


def _said(account_id: str, session_id: str) -> bytes:
    return f"session|{account_id}|{session_id}".encode()
