"""Google's token endpoint for service accounts: a signed assertion in, an access token out (RFC 7523)."""

from __future__ import annotations

import base64
import json
import secrets
import time
from typing import Any

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.google.state import SERVICE_ACCOUNT, key_file, private_key

PATH = "/google/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/spreadsheets"
LIFETIME_S = 3600
SKEW_S = 300


class Refused(Exception):  # noqa: N818
    """What the endpoint answers instead: an error and its description."""


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Serve the token endpoint, and the key file that goes with it."""

    async def token(request: web.Request) -> web.Response:
        form = await request.post()
        try:
            if form.get("grant_type") != GRANT:
                raise Refused("unsupported_grant_type", "Invalid grant_type: " + str(form.get("grant_type", "")))
            _check(str(form.get("assertion", "")), str(request.url.with_query(None)))
        except Refused as refused:
            error, description = refused.args
            return web.json_response({"error": error, "error_description": description}, status=400)
        made = "ya29.sandbox-" + secrets.token_urlsafe(24)
        sandbox.google.tokens.add(made)
        return web.json_response({"access_token": made, "expires_in": LIFETIME_S - 1, "token_type": "Bearer"})

    async def key(request: web.Request) -> web.Response:
        return web.json_response(key_file(f"{request.url.origin()}{PATH}"))

    app.router.add_post(PATH, token)
    app.router.add_get("/sandbox/api/google/service-account.json", key)


def _check(assertion: str, audience: str) -> None:
    """Raise `Refused` unless the assertion is signed by our key, for this endpoint, for now, for spreadsheets."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        head, payload, signature = assertion.split(".")
        claims: dict[str, Any] = json.loads(_decoded(payload))
        algorithm = json.loads(_decoded(head))["alg"]
        private_key().public_key().verify(_decoded(signature), f"{head}.{payload}".encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        raise Refused("invalid_grant", "Invalid JWT Signature.") from None
    except (ValueError, KeyError):
        raise Refused("invalid_grant", "Invalid JWT: it cannot be read.") from None
    if algorithm != "RS256" or claims.get("aud") != audience:
        raise Refused("invalid_grant", "Invalid JWT: the audience is wrong.")
    if claims.get("iss") != SERVICE_ACCOUNT:
        raise Refused("invalid_grant", "Invalid grant: account not found")
    issued, expires, now = claims.get("iat", 0), claims.get("exp", 0), time.time()
    if not (issued - SKEW_S <= now < expires and expires - issued <= LIFETIME_S):
        raise Refused("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes)")
    if claims.get("scope") != SCOPE:
        raise Refused("invalid_scope", "Invalid OAuth scope or ID token audience provided.")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
