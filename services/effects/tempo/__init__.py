"""What FlowPilot writes into Tempo, each as an operation that can be found again, verified and undone."""

from __future__ import annotations

from services.effects.tempo.worklogs import DELETE, LOG, DeleteWorklog, LogWork, RefreshDays
from services.effects.types import Operation
from services.vendors.tempo import TempoClient

__all__ = ["DELETE", "LOG", "tempo_operations"]


def tempo_operations(tempo: TempoClient, site_url: str, refresh: RefreshDays | None = None) -> list[Operation]:
    """Return all operations on Tempo; `site_url` is Jira's, `refresh` reads a person's days into the mirror again."""
    return [LogWork(tempo, site_url, refresh), DeleteWorklog(tempo, site_url, refresh)]
