"""Stand-ins for model vendors (Anthropic, OpenAI and its like, Gemini) that answer from scripts."""

from __future__ import annotations

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.models import anthropic, gemini, openai


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Add the vendors' routes to the sandbox's application."""
    for vendor in (anthropic, openai, gemini):
        app.add_routes(vendor.routes(sandbox))
