"""What was meant among names, and which keys a wrong one may be a slip of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.matching import matching, near_keys

STATUSES = ["To Do", "In Progress", "In Testing", "Done", "Build & Test"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (["done"], ["Done"]),
        (["Do", "to Do"], ["To Do"]),
        (["in"], ["In Progress", "In Testing"]),
        (["build and test"], []),
        (["build&test"], ["Build & Test"]),
        (["..."], []),
        ([""], []),
    ],
)
def test_names_are_found_by_equality_then_by_their_beginning(typed: list[str], found: list[str]) -> None:
    assert matching(typed, STATUSES) == found


@given(st.text(max_size=40), st.lists(st.text(max_size=20), max_size=8))
def test_only_known_names_are_found(typed: str, names: list[str]) -> None:
    assert set(matching([typed], names)) <= set(names)


@given(st.integers(min_value=1, max_value=9_999_999_999))
def test_near_keys_are_other_keys_with_numbers_from_one(number: int) -> None:
    near = near_keys(f"APP-{number}", ["APP", "OPS"])
    assert f"APP-{number}" not in near
    assert all(int(key.rpartition("-")[2]) > 0 for key in near)


def test_a_project_nearly_so_called_is_thought_of_first() -> None:
    assert near_keys("SHPO-12", ["SHOP", "CARE"])[0] == "SHOP-12"
