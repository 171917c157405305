"""A stand-in for Tempo Timesheets, REST v4."""

from __future__ import annotations

from sandbox.tempo.app import setup

__all__ = ["setup"]
