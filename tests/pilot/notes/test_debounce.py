"""Redraws wait for quiet, and not for ever."""

from __future__ import annotations

import pytest

from services.pilot.notes import Debounce


class Clock:
    """Seconds that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.requirement("FLP-3.3")
def test_a_first_change_is_redrawn_at_once_and_the_many_after_it_once_more_when_it_was_quiet_for_half_a_second() -> (
    None
):
    clock = Clock()
    debounce = Debounce(clock)

    assert debounce.touch("a") == 0
    debounce.touch("a")
    assert debounce.due() == ["a"]
    clock.now += 0.1
    assert debounce.touch("a") == pytest.approx(0.5)
    clock.now += 0.3
    debounce.touch("a")
    debounce.touch("b")
    assert debounce.due() == ["b"]
    clock.now += 0.4
    assert debounce.due() == []
    assert debounce.next_in() == pytest.approx(0.1)
    clock.now += 0.11
    assert debounce.due() == ["a"]
    assert debounce.next_in() is None
    clock.now += 0.6
    assert debounce.touch("a") == 0


def test_changes_without_a_pause_are_shown_after_two_seconds_and_what_is_forgotten_is_not() -> None:
    clock = Clock()
    debounce = Debounce(clock)
    redrawn = 0
    for _ in range(50):
        debounce.touch("a")
        clock.now += 0.1
        redrawn += len(debounce.due())
    assert redrawn == 3

    debounce.touch("b")
    debounce.forget("a")
    debounce.forget("b")
    clock.now += 9
    assert debounce.due() == []
