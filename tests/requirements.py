"""Which requirements are proven: `python -m tests.requirements [PREFIX…]`.

Runs the tests that carry `@pytest.mark.requirement(ID…)` and lists every ID as proven (all its tests passed), failing,
skipped or missing. Exits 1 when one that starts with a given prefix (all, without prefixes) is not proven. As a pytest
plugin it refuses unknown IDs.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable

import pytest

_NUMBERS = {
    "CUS": "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
    "PM": "1.1 1.2 1.3 1.4 1.5 1.6 2.1 2.2 2.3 2.4 2.5 2.6 3.1 3.2 3.3 3.4 3.5 4.1 4.2 4.3 4.4 5.1 5.2 5.3 5.4 5.5 5.6 "
    "6.1 6.2 6.3 6.4 6.5 7.1 7.2 7.3",
    "TKT": "1.1 1.2 1.3 1.4 2.1 2.2 3.1 4.1 5.1 5.2 6.1 6.2 7.1 8.1 8.2 9.1 9.2 9.3",
    "RUN": "1.1 1.2 1.3 2.1 3.1 4.1 4.2 5.1 6.1 7.1 7.2 7.3 7.4 7.5 7.6",
    "FLP": "0.1 0.2 1.1 1.2 1.3 2.1 2.2 2.3 3.1 3.2 3.3 4.1 4.2 4.3 5.1 5.2 6.1 7.1 7.2",
    "SYS": "1 2 3 4 5 6 7 8 9 10",
    "JOIN": "1 2 3 4 5 6 7",
    "TRUST": "1 2 3 4 5 6 7",
    "SLK": "1 2 3 4 5 6 7 8 9 10",
}
PARTLY_BUILT = {
    "SYS-4": "moves with the features that are to come: long jobs of the runner and of customers",
    "SYS-5": "one bot token; no OAuth install yet",
    "SYS-10": "proven for alerts and Home, not for every surface",
}
"""What tests prove in part: named here with what is missing, it does not count as proven."""

REQUIREMENTS = tuple(f"{area}-{number}" for area, numbers in _NUMBERS.items() for number in numbers.split())


def _ids(item: pytest.Item) -> list[str]:
    return [requirement for marker in item.iter_markers("requirement") for requirement in marker.args]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test that claims a requirement which does not exist."""
    for item in items:
        unknown = sorted(set(_ids(item)) - set(REQUIREMENTS))
        if unknown:
            raise pytest.UsageError(f"{item.nodeid} names unknown requirements: {', '.join(unknown)}")


class Evidence:
    """Collects the outcomes of the marked tests of one run."""

    def __init__(self, prefixes: Iterable[str]) -> None:
        self.prefixes = tuple(prefixes)
        self.outcomes: dict[str, set[str]] = defaultdict(set)

    def wanted(self, requirement: str) -> bool:
        """Tell whether the requirement starts with one of the prefixes (a full ID means only itself)."""
        if not self.prefixes:
            return True
        return any(requirement == p if p in REQUIREMENTS else requirement.startswith(p) for p in self.prefixes)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the tests that prove a wanted requirement."""
        kept = [item for item in items if any(self.wanted(r) for r in _ids(item))]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
        for item in kept:
            item.user_properties.append(("requirements", _ids(item)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the outcome: of the call, or of a set-up or tear-down that did not pass."""
        if report.when != "call" and report.outcome == "passed":
            return
        for name, ids in report.user_properties:
            if name == "requirements" and isinstance(ids, list):
                for requirement in ids:
                    self.outcomes[requirement].add(report.outcome)

    def verdict(self, requirement: str) -> str:
        """Return proven, failing, skipped or missing."""
        if requirement in PARTLY_BUILT:
            return f"missing (partly built: {PARTLY_BUILT[requirement]})"
        outcomes = self.outcomes.get(requirement, set())
        if "failed" in outcomes:
            return "failing"
        if "passed" in outcomes:
            return "proven"
        return "skipped" if outcomes else "missing"


def main(prefixes: list[str]) -> int:
    """Run the marked tests and print a line per requirement."""
    evidence = Evidence(prefixes)
    code = pytest.main(["-q", "--no-header", "-m", "requirement and not live", "tests"], plugins=[evidence])
    verdicts = {r: evidence.verdict(r) for r in REQUIREMENTS if evidence.wanted(r)}
    for requirement, verdict in verdicts.items():
        sys.stdout.write(f"{requirement:10} {verdict}\n")
    short = [r for r, verdict in verdicts.items() if verdict != "proven"]
    sys.stdout.write(f"{len(verdicts) - len(short)} proven, {len(short)} not\n")
    return 1 if short or code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
