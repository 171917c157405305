"""What changes at all vendors share: the mirror follows, also where only the answer of a write got lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from services.effects import Actor, EffectRecord, EffectStatus
from services.effects.github.comments import DeletePullComment
from services.effects.jira.transitions import MoveIssue
from services.errors import VendorNotFoundError, VendorUnavailableError

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)


class NoComments:
    """GitHub, from which every comment is gone."""

    async def comment(self, repository: str, comment_id: int) -> Any:
        """Find none."""
        raise VendorNotFoundError("GitHub", "No such comment.")


def effect(target: str, **arguments: Any) -> EffectRecord:
    """Return a change that was begun."""
    return EffectRecord(
        1,
        "x",
        target,
        arguments,
        Actor(None, "Priya"),
        "",
        "k",
        EffectStatus.STARTED,
        {},
        {},
        None,
        AT,
        None,
        None,
        None,
    )


@pytest.mark.parametrize("is_down", [False, True])
async def test_a_change_that_was_found_done_brings_the_mirror_up_to_date_and_a_mirror_that_cannot_is_no_failure(
    is_down: bool,
) -> None:
    refreshed: list[tuple[str, int]] = []

    async def refresh(repository: str, number: int) -> None:
        refreshed.append((repository, number))
        if is_down:
            raise VendorUnavailableError("GitHub", "No answer.")

    operation = DeletePullComment(cast("Any", NoComments()), refresh)
    assert await operation.find(effect("harborline/shop#36", comment_id=7)) == {"is_there": False}
    assert refreshed == [("harborline/shop", 36)]


def test_a_status_that_is_another_names_both_and_letters_case_does_not_matter() -> None:
    move = MoveIssue(cast("Any", None))
    wanted = effect("SHOP-1", status="In Review")
    assert move.mismatch(wanted, {"status": "in review"}) is None
    assert move.mismatch(wanted, {"status": "<Done>"}) == "SHOP-1 is &lt;Done&gt;, not In Review."
