"""The HTTP API: `/api/v1/…`, its OpenAPI document, and the addresses that lead to a session's thread."""

from __future__ import annotations

from handlers.api.serving import ALL_ROUTES, serve_api

__all__ = ["ALL_ROUTES", "serve_api"]
