"""How well baselines, early warning and forest do on visits that began after the training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr
from sklearn.metrics import roc_auc_score

from services.pm.bottlenecks.anomalies import SLOW_SCORE, STRANGE, UNUSUAL_SCORE, forest_features
from services.pm.bottlenecks.baselines import quantiles
from services.pm.bottlenecks.features import DAY_S, TableBuilder, VisitTable, instant
from services.pm.bottlenecks.survival import kaplan_meier
from services.pm.bottlenecks.training import BottleneckModel
from services.pm.bottlenecks.types import Visit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from services.pm.bottlenecks.features import Flags, Floats

BIG_STATUS = 200
AGES_OF_P90 = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75)
AGES_HOURS = (0.1, 0.5, 1.0, 4.0, 12.0, 24.0, 72.0)
LATE_SCORES = (1.4, 1.7, 2.05, 2.4)


@dataclass(frozen=True)
class Later:
    """Visits to judge, in statuses that the training knew; `rows` are their narrowest groups."""

    model: BottleneckModel
    table: VisitTable
    rows: NDArray[np.int64]
    status: list[str]

    @staticmethod
    def of(model: BottleneckModel, visits: list[Visit], cut: datetime, *, under_way: bool = False) -> Later:
        """Take the visits that began after the training, with `under_way` those too that were still going on at it."""
        since = min(visit.entered_at for visit in visits) if under_way else cut
        began = [v for v in visits if v.entered_at >= since and (v.left_at is None or v.left_at >= cut)]
        table = TableBuilder(model.vocabularies).build(began)
        rows = model.book.curves.rows_of(table)
        known = rows >= 0
        status = [visit.status for visit, kept in zip(began, known.tolist(), strict=True) if kept]
        return Later(model, table.where(known), rows[known], status)

    @property
    def p90(self) -> Floats:
        return self.model.book.curves.p90[self.rows]

    @property
    def is_slow(self) -> Flags:
        return self.table.seconds > self.p90

    @property
    def is_known(self) -> Flags:
        """Tell where the outcome was seen: it ended, or it is beyond its line already."""
        return self.table.ended | self.is_slow


def coverage(later: Later, visits: list[Visit], cut: datetime) -> dict[str, Any]:
    """Compare the share of later visits above the predicted 90 % line with what other fits give in the same run.

    "counted" takes every later visit, one that goes on below the line as below; "estimated" is Kaplan-Meier's share at
    the line, which does not take those for finished.
    """
    names = np.array(later.status)
    fits = {"this": later.p90, **_other_fits(visits, cut, names)}
    report: dict[str, Any] = {}
    for name, limit in fits.items():
        report[name] = {
            "overall": _shares(later.table, limit, np.ones(len(names), dtype=bool)),
            "by_status": {
                status: {"visits": int(np.sum(names == status)), **_shares(later.table, limit, names == status)}
                for status in sorted(set(later.status))
                if np.sum(names == status) >= BIG_STATUS
            },
        }
    return report


def _shares(table: VisitTable, limit: Floats, chosen: Flags) -> dict[str, float]:
    lengths, line = table.seconds[chosen], limit[chosen]
    relative = np.where(np.isfinite(line), lengths / np.maximum(line, 1e-9), 0.0)
    estimated = kaplan_meier(relative, table.ended[chosen]).share_after(1.0)
    return {"counted": round(float(np.mean(lengths > line)), 3), "estimated": round(estimated, 3)}


def _other_fits(visits: list[Visit], cut: datetime, names: NDArray[np.str_]) -> dict[str, Floats]:
    """Fit each usual rule per status on what was known at the cut, without projects and without a window."""
    known = TableBuilder()
    table = known.build(visits).as_of(instant(cut))
    code = known.vocabularies["status"].codes
    rules = ("finished only, P90", "Kaplan-Meier, all history", "mean + 2 sd", "median + 3.5 MAD", "the same, log")
    lines: dict[str, dict[str, float]] = {rule: {} for rule in rules}
    for status in set(names.tolist()):
        own = table.where(table.status == code[status])
        finished = own.seconds[own.ended]
        if len(finished):
            found = [
                float(np.quantile(finished, 0.9)),
                kaplan_meier(own.seconds, own.ended).quantile_or_tail(0.9),
                *_usual_rules(finished),
            ]
            for rule, line in zip(rules, found, strict=True):
                lines[rule][status] = line
    return {rule: np.array([lines[rule].get(name, np.inf) for name in names]) for rule in rules}


def _usual_rules(finished: Floats) -> tuple[float, float, float]:
    logs = np.log(np.maximum(finished, 1.0))

    def line(values: Floats) -> float:
        middle = float(np.median(values))
        return middle + 3.5 * 1.4826 * float(np.median(np.abs(values - middle)))

    return float(finished.mean() + 2 * finished.std()), line(finished), float(np.exp(min(line(logs), 700)))


def what_rules_flag(visits: list[Visit]) -> dict[str, Any]:
    """Return per status how many ordinary, finished visits the usual rules flag on the very data they are fitted on."""
    report = {}
    for status in sorted({visit.status for visit in visits}):
        finished = np.array([visit.seconds for visit in visits if visit.status == status and not visit.is_censored])
        if len(finished) >= BIG_STATUS:
            names = ("mean + 2 sd", "median + 3.5 MAD", "the same, log")
            shares = [round(float(np.mean(finished > line)), 3) for line in _usual_rules(finished)]
            report[status] = dict(zip(names, shares, strict=True))
    return report


def early_warning(later: Later) -> dict[str, Any]:
    """Compare by ROC AUC: the model, the age alone, and the chance that the baseline gives by age.

    Each visit whose outcome is known is asked about at every age that it reached before its line.
    """
    report: dict[str, Any] = {"at_a_part_of_p90": {}, "at_hours": {}}
    pooled: list[tuple[Flags, Floats, Floats, Floats]] = []
    for part in AGES_OF_P90:
        asked = _asked(later, part * later.p90)
        pooled.append(asked)
        report["at_a_part_of_p90"][str(part)] = _areas(*asked)
    for hours in AGES_HOURS:
        asked = _asked(later, np.full(len(later.table), hours * 3600.0))
        report["at_hours"][str(hours)] = _areas(*asked, with_age=False)
    together = [np.concatenate(column) for column in zip(*pooled, strict=True)]
    report["all_ages"] = _areas(together[0].astype(bool), together[1], together[2], together[3])
    return report


def _asked(later: Later, ages: Floats) -> tuple[Flags, Floats, Floats, Floats]:
    there = later.is_known & (later.table.seconds > ages) & (ages < later.p90)
    table, rows, age = later.table.where(there), later.rows[there], ages[there]
    risk = later.model.early_warning.risk(table, rows, age)
    return later.is_slow[there], risk, age, 1 / later.model.book.curves.share_after(rows, age)


def _areas(slow: Flags, risk: Floats, age: Floats, baseline: Floats, *, with_age: bool = True) -> dict[str, Any]:
    if min(slow.sum(), (~slow).sum()) < 10:
        return {"asked": len(slow), "slow": int(slow.sum())}
    areas = {"model": risk, "baseline": baseline, **({"age": age} if with_age else {})}
    found = {name: round(float(roc_auc_score(slow, values)), 3) for name, values in areas.items()}
    told = {"mean_risk": round(float(risk.mean()), 3), "slow_share": round(float(slow.mean()), 3)}
    return {"asked": len(slow), "slow": int(slow.sum()), **found, **told}


def forest(later: Later) -> dict[str, Any]:
    """Show what deviation and forest each flag among visits beyond their line, and how many last twice as long.

    Each visit is asked about at the ages at which its score is one of `LATE_SCORES`.
    """
    names = ("deviation only", "both", "forest added", "neither")
    flagged: dict[str, list[float]] = {name: [] for name in names}
    if later.model.forest is None:
        return {}
    for at in LATE_SCORES:
        ages = quantiles(later.model.book.curves.survival, float(ndtr(at)))[later.rows]
        there = (later.table.seconds > ages) & (later.table.ended | (later.table.seconds > 2 * ages))
        table, rows, age = later.table.where(there), later.rows[there], ages[there]
        if not len(table):
            continue
        score = later.model.book.curves.scores(rows, age)
        strange = _isolation(later.model, table, rows, age) >= STRANGE
        late = score > UNUSUAL_SCORE
        added = ~late & strange & (score > SLOW_SCORE)
        for name, chosen in zip(names, (late & ~strange, late & strange, added, ~late & ~added), strict=True):
            flagged[name] += (table.seconds[chosen] > 2 * age[chosen]).tolist()
    report: dict[str, Any] = {
        name: {"asked": len(ends), "lasted_twice_as_long": round(float(np.mean(ends)), 3) if ends else None}
        for name, ends in flagged.items()
    }
    return {**report, "auc_for_the_slowest_tenth_at_a_quarter_of_p90": _forest_area(later)}


def _forest_area(later: Later) -> dict[str, float]:
    ages = 0.25 * later.p90
    there = later.is_known & (later.table.seconds > ages)
    slow = later.is_slow[there]
    if min(slow.sum(), (~slow).sum()) < 10:
        return {}
    table, rows, age = later.table.where(there), later.rows[there], ages[there]
    scores = {
        "forest": _isolation(later.model, table, rows, age),
        "deviation": later.model.book.curves.scores(rows, age),
        "early warning": later.model.early_warning.risk(table, rows, age),
    }
    return {name: round(float(roc_auc_score(slow, values)), 3) for name, values in scores.items()}


def _isolation(model: BottleneckModel, table: VisitTable, rows: NDArray[np.int64], ages: Floats) -> Floats:
    assert model.forest is not None
    return model.forest.strangeness(forest_features(table, model.book.curves, rows, ages, model.early_warning.paces))


def weekend(visits: list[Visit]) -> dict[str, Any]:
    """Compare elapsed time with time without weekends: how unequal are the days of entry under one common line?

    Per way of counting: the lowest and the highest share above the P90 of all, by the day on which visits began.
    """
    table = TableBuilder().build(visits)
    report: dict[str, Any] = {}
    without = replace(table, seconds=np.maximum(table.seconds - _weekend_seconds(table.entered, table.until), 0.0))
    day = ((np.floor(table.entered / DAY_S) + 3) % 7).astype(int)
    for status in np.unique(table.status):
        own = table.status == status
        if own.sum() < 1_000:
            continue
        name = visits[int(np.flatnonzero(own)[0])].status
        report[name] = {}
        for how, counted in (("elapsed", table), ("weekdays only", without)):
            line = kaplan_meier(counted.seconds[own], counted.ended[own]).quantile_or_tail(0.9)
            shares = [
                kaplan_meier(counted.seconds[own & (day == one)], counted.ended[own & (day == one)]).share_after(line)
                for one in range(5)
            ]
            report[name][how] = [round(min(shares), 3), round(max(shares), 3)]
    return report


def _weekend_seconds(begin: Floats, end: Floats) -> Floats:
    def before(at: Floats) -> Floats:
        days = at / DAY_S + 3  # Monday is the first day of a week
        weeks, rest = np.floor(days / 7), days % 7
        return (weeks * 2 + np.clip(rest - 5, 0, 2)) * DAY_S

    return np.asarray(before(end) - before(begin))
