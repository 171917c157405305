"""Months made up for tests: projects, epics, teams, hours and forecasts."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import strategies as st

from services.pm.months import Month
from services.pm.reconciliation.types import EpicName, ForecastRow, HoursRow, ReconciliationData
from services.pm.types import ProjectRef, ProjectType

OCTOBER = Month(2026, 10)
HOUR = 3600


def project(key: str, name: str = "") -> ProjectRef:
    return ProjectRef(key, name or f"Project {key}", ProjectType.SCOPE, None, None, None, ())


def data(
    hours: Iterable[HoursRow] = (),
    forecasts: Iterable[ForecastRow] = (),
    *,
    to_date: Iterable[HoursRow] | None = None,
    done: Iterable[str] = (),
) -> ReconciliationData:
    """Return a month; `to_date` is the month itself unless told otherwise."""
    rows, planned = tuple(hours), tuple(forecasts)
    so_far = rows if to_date is None else tuple(to_date)
    epics = {row.epic_key for row in (*rows, *so_far) if row.epic_key} | {row.epic_key for row in planned}
    return ReconciliationData(
        month=OCTOBER,
        hours=rows,
        to_date=so_far,
        forecasts=planned,
        projects=tuple(project(key) for key in sorted({row.project_key for row in rows if row.project_key})),
        epics={key: EpicName(f"Epic {key}", key in set(done)) for key in epics},
        tempo_seconds=sum(row.seconds for row in rows),
        worklogs=len(rows),
    )


_PLACES = st.sampled_from([("SHOP", "SHOP-1"), ("SHOP", "SHOP-2"), ("SHOP", ""), ("PORT", "PORT-1"), ("", "")])
_TEAMS = st.sampled_from(["", "Atlas", "Borealis", "Cirrus"])
_HOURS = st.builds(
    lambda place, team, seconds: HoursRow(place[0], place[1], team, seconds), _PLACES, _TEAMS, st.integers(1, 400_000)
)
_FORECASTS = st.builds(
    lambda epic, month, team, minutes: ForecastRow(epic.split("-")[0], epic, month, team, minutes),
    st.sampled_from(["SHOP-1", "SHOP-2", "PORT-1", "PORT-9"]),
    st.sampled_from([OCTOBER, None]),
    _TEAMS,
    st.integers(0, 30_000),
)
ANY_MONTH = st.builds(
    data,
    st.lists(_HOURS, max_size=25),
    st.lists(_FORECASTS, max_size=12, unique_by=lambda row: (row.epic_key, row.month, row.team)),
)
