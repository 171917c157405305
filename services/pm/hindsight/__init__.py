"""How right agents were, seen afterwards."""

from services.pm.hindsight.evidence import Evidence
from services.pm.hindsight.service import Hindsight
from services.pm.hindsight.types import Judgement, LookBack, Sample, TrackRecord, Verdict, WeekCount

__all__ = ["Evidence", "Hindsight", "Judgement", "LookBack", "Sample", "TrackRecord", "Verdict", "WeekCount"]
