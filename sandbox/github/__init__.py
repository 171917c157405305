"""A stand-in for GitHub: REST, GraphQL and webhooks."""

from __future__ import annotations

from sandbox.github.app import setup

__all__ = ["setup"]
