"""What signed links of an account rest on: a secret for each kind of link, and how a token is put together."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.repositories import accounts as repository
from services.clock import Now

SIGNATURE_BYTES = 32


class LinkSecret:
    """A secret of the current account, kept with its settings under `preference`; made at the first use."""

    def __init__(self, database: Database, now: Now, preference: str) -> None:
        self._database = database
        self._now = now
        self._preference = preference

    async def known(self) -> str:
        """Return it; "" where no link was made yet."""
        async with self._database.transaction(write=False) as session:
            row = await repository.settings_row(session)
            return str(row.get_setting(self._preference, "")) if row else ""

    async def get(self) -> str:
        """Return it, made if need be; of two processes that make it at once, both get the first one's."""
        if known := await self.known():
            return known
        try:
            return await self._made()
        except IntegrityError:
            # another process made the account's settings at the same moment
            return await self._made()

    async def _made(self) -> str:
        async with self._database.transaction() as session:
            row = await repository.settings_row_to_change(session, self._now())
            return str(row.get_setting(self._preference, "")) or await self.renew(session)

    async def renew(self, session: AsyncSession) -> str:
        """Make another one in the caller's transaction: no link that was made before is good any more."""
        made = secrets.token_hex(32)
        await repository.write_setting(session, self._preference, made, self._now())
        return made


def signature_of(secret: str, said: bytes) -> bytes:
    """Return the signature (HMAC-SHA-256) of what a link says."""
    return hmac.new(secret.encode(), said, hashlib.sha256).digest()


def is_signed(secret: str, said: bytes, signature: bytes) -> bool:
    """Tell whether a signature is right; as long with no secret as with one, so that time tells nothing of accounts."""
    return hmac.compare_digest(signature, signature_of(secret, said)) and bool(secret)


def token_of(signature: bytes, content: bytes) -> str:
    """Return both as they stand in an address."""
    return base64.urlsafe_b64encode(signature + content).decode().rstrip("=")


def parts_of(token: str) -> tuple[bytes, bytes]:
    """Return signature and content of a token; raises `ValueError` where it is none."""
    raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    return raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
