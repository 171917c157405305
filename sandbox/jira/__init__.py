"""A stand-in for Jira Cloud, REST v3."""

from __future__ import annotations

from sandbox.jira.app import setup

__all__ = ["setup"]
