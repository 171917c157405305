"""The reason in a sentence: by a model that reads the figures and the epic's newest comments, or by rules."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from services.ai import AiTasks
from services.ai.tasks.variance_cause import (
    VARIANCE_CAUSE,
    CauseInput,
    EpicComment,
    EpicNamed,
    NamedFigure,
    NamedPattern,
)
from services.errors import VendorError
from services.pm.variance.types import CauseKind, EpicVariance, Figure, Reason
from services.vendors.types import JiraComment

COMMENTS_READ = 8
COMMENT_CHARACTERS = 1_500
EXPLAINED_AT_ONCE = 4
MOST_EXPLAINED = 12
"""Only the riskiest epics of a run are worth a model's time; the others keep the reason that rules give."""

log = structlog.get_logger(__name__)


class CommentReader(Protocol):
    """The part of the Jira client that reads comments."""

    async def comments(self, key: str, *, newest_first: bool = True, limit: int = 1000) -> list[JiraComment]:
        """Return comments of an issue."""
        ...


class Reasons:
    """Finds reasons for the epics of a run."""

    def __init__(self, ai: AiTasks, jira: CommentReader) -> None:
        self._ai = ai
        self._jira = jira

    async def of(self, epics: Sequence[EpicVariance]) -> dict[str, Reason]:
        """Return a reason for each epic by key; a Jira or model that is down leaves the rules' own."""
        room = asyncio.Semaphore(EXPLAINED_AT_ONCE)

        async def explained(variance: EpicVariance) -> Reason:
            async with room:
                return await self._explain(variance)

        asked = epics[:MOST_EXPLAINED]
        found = await asyncio.gather(*(explained(variance) for variance in asked))
        by_model = {variance.key: reason for variance, reason in zip(asked, found, strict=True)}
        return {variance.key: by_model.get(variance.key) or reason_by_rules(variance) for variance in epics}

    async def _explain(self, variance: EpicVariance) -> Reason:
        answer = await self._ai.run(VARIANCE_CAUSE, cause_input(variance, await self._comments(variance.key)))
        output = answer.output
        return Reason(
            CauseKind(output.cause), output.explanation, answer.answered_by, answer.is_rule_based, tuple(output.cites)
        )

    async def _comments(self, key: str) -> list[JiraComment]:
        try:
            return await self._jira.comments(key, limit=COMMENTS_READ)
        except VendorError as error:
            log.warning("comments_not_read", epic=key, why=error.message)
            return []


def reason_by_rules(variance: EpicVariance) -> Reason:
    """Return the strongest pattern's sentence."""
    cause = variance.causes[0]
    return Reason(cause.kind, cause.says, "rule-based", is_rule_based=True, cites=(cause.kind.value,))


def cause_input(variance: EpicVariance, comments: Sequence[JiraComment]) -> CauseInput:
    """Return what the task reads: each figure in words under its name; comments cut, the oldest first."""
    epic, done = variance.epic, variance.completion
    patterns = [cause for cause in variance.causes if cause.kind is not CauseKind.UNEXPLAINED]
    figures = [
        *(_figure(figure) for figure in (variance.inception, variance.month) if figure.forecast_seconds),
        NamedFigure(name="completion", says=f"{done.done} of {done.total} issues are done."),
        *(NamedFigure(name=cause.kind.value, says=cause.says) for cause in patterns),
    ]
    newest = sorted(comments, key=lambda comment: comment.created_at)[-COMMENTS_READ:]
    return CauseInput(
        epic=EpicNamed(key=epic.key, summary=epic.summary[:300], status=epic.status),
        figures=tuple(figures),
        patterns=tuple(NamedPattern(kind=cause.kind.value, figures=(cause.kind.value,)) for cause in patterns),
        comments=tuple(_comment(comment) for comment in newest),
    )


def _figure(figure: Figure) -> NamedFigure:
    percent = figure.variance_percent
    assert percent is not None
    side = "over" if percent > 0 else "under"
    hours = f"{figure.actual_seconds / 3600:,.1f} h against {figure.forecast_seconds / 3600:,.1f} h"
    return NamedFigure(name=figure.window.value, says=f"{hours}, {abs(float(percent)):.0f} % {side}.")


def _comment(comment: JiraComment) -> EpicComment:
    author = comment.author.display_name if comment.author else "somebody"
    return EpicComment(
        author=author, written_at=f"{comment.created_at:%Y-%m-%d}", text=comment.body[:COMMENT_CHARACTERS]
    )
