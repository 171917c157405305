"""A stand-in for ConnectWise PSA (Manage), REST 3.0: service tickets, their notes, boards, companies, members."""

from __future__ import annotations

from sandbox.connectwise.app import setup

__all__ = ["setup"]
