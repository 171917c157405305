"""Access tokens of a Google service account: signed assertion in, token out (RFC 7523)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from services.errors import NotConfiguredError, VendorAuthError, VendorRejectedError, VendorUnavailableError
from services.vendors.circuit import OnCircuit
from services.vendors.http import Policy, VendorHttp
from services.vendors.problems import Effect

if TYPE_CHECKING:
    from services.settings import Settings

SCOPE = "https://www.googleapis.com/auth/spreadsheets"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_LIFETIME_S = 3600
REFRESH_EARLY_S = 300.0
"""A token is replaced so long before it ends, so that no call is sent with one that ends on the way."""
TOKEN_VENDOR = "Google sign-in"  # noqa: S105
WHERE_KEYS_COME_FROM = "Make a JSON key for the service account: Google Cloud > IAM > Service accounts > Keys."


@dataclass(frozen=True)
class ServiceAccountKey:
    """What is in the key file that matters."""

    client_email: str
    private_key: str
    private_key_id: str
    token_uri: str

    @classmethod
    def from_settings(cls, settings: Settings) -> ServiceAccountKey | None:
        """Read the key from the settings; None when there is none, `NotConfiguredError` when it is no key."""
        text = settings.google_service_account_json.get_secret_value()
        name = "GOOGLE_SERVICE_ACCOUNT_JSON"
        if not text and settings.google_service_account_file:
            name = "GOOGLE_SERVICE_ACCOUNT_FILE"
            try:
                text = Path(settings.google_service_account_file).expanduser().read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise NotConfiguredError(f"{name} cannot be read.", hint=WHERE_KEYS_COME_FROM) from error
        return cls.parse(text, name) if text else None

    @classmethod
    def parse(cls, text: str, name: str) -> ServiceAccountKey:
        """Read the JSON that Google gives; `NotConfiguredError` names what is missing, never what is there."""
        try:
            told: Any = json.loads(text)
        except ValueError:
            told = None
        fields = ("client_email", "private_key", "token_uri")
        missing = [each for each in fields if not isinstance(told, dict) or not isinstance(told.get(each), str)]
        if missing or told.get("type") != "service_account":
            raise NotConfiguredError(f"{name} is not the key of a service account.", hint=WHERE_KEYS_COME_FROM)
        return cls(
            client_email=told["client_email"],
            private_key=told["private_key"],
            private_key_id=str(told.get("private_key_id", "")),
            token_uri=told["token_uri"],
        )


class ServiceAccountTokens:
    """Gives a token that is good for a while; however many ask at once, one is fetched."""

    def __init__(
        self,
        key: ServiceAccountKey,
        policy: Policy,
        *,
        on_circuit: OnCircuit | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(key.token_uri)
        self._key = key
        self._path = parts.path or "/"
        self._monotonic = monotonic
        self._http = VendorHttp(
            TOKEN_VENDOR,
            f"{parts.scheme}://{parts.netloc}",
            headers={},
            policy=policy,
            secrets=(key.private_key,),
            on_circuit=on_circuit,
        )
        self._signer: Any = None
        self._token = ""
        self._good_until = 0.0
        self._lock = asyncio.Lock()

    async def token(self) -> str:
        """Return a token; raises `VendorAuthError` when Google does not accept the key."""
        async with self._lock:
            if self._monotonic() >= self._good_until:
                await self._fetch()
            return self._token

    def forget(self, token: str) -> None:
        """Do not give this token again: it was refused."""
        if token == self._token:
            self._good_until = 0.0

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _fetch(self) -> None:
        assertion = await asyncio.to_thread(self._assertion)
        try:
            answer = await self._http.request(
                "POST", self._path, effect=Effect.REPEATABLE, form={"grant_type": GRANT, "assertion": assertion}
            )
        except VendorRejectedError as error:
            raise VendorAuthError(
                TOKEN_VENDOR,
                f"Google does not accept the key of {self._key.client_email}. {error.message}",
                hint=f"Is the key deleted, or this machine's clock wrong? {WHERE_KEYS_COME_FROM}",
                status=error.status,
            ) from error
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise VendorUnavailableError(TOKEN_VENDOR, "Google gave no token.", hint="Try again in a while.")
        self._token = token
        lifetime_s = float(answer.get("expires_in", 0))
        # a token that lives shorter than the margin is good for half of its life
        self._good_until = self._monotonic() + max(lifetime_s - REFRESH_EARLY_S, lifetime_s / 2)

    def _assertion(self) -> str:
        from google.auth import crypt, jwt

        read_key: Any = crypt.RSASigner.from_string
        encode: Any = jwt.encode
        if self._signer is None:
            try:
                self._signer = read_key(self._key.private_key, self._key.private_key_id or None)
            except ValueError as error:
                raise NotConfiguredError(
                    "The private key of Google's service account cannot be read.", hint=WHERE_KEYS_COME_FROM
                ) from error
        # Google compares with its own clock, whatever the time of the application is
        now = int(time.time())
        claims = {
            "iss": self._key.client_email,
            "scope": SCOPE,
            "aud": self._key.token_uri,
            "iat": now,
            "exp": now + ASSERTION_LIFETIME_S,
        }
        return bytes(encode(self._signer, claims)).decode()
