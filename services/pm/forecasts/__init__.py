"""Forecasts of epics: read from files, typed in, and asked for."""

from services.pm.forecasts.operation import SetForecasts
from services.pm.forecasts.service import Forecasts
from services.pm.forecasts.types import Basis, Forecast, ForecastImport, Planned, planned_in, planned_in_all

__all__ = [
    "Basis",
    "Forecast",
    "ForecastImport",
    "Forecasts",
    "Planned",
    "SetForecasts",
    "planned_in",
    "planned_in_all",
]
