"""Say in plain words, with the figures, why an epic is suggested."""

from __future__ import annotations

from collections.abc import Mapping


def reasons(evidence: Mapping[str, float]) -> tuple[str, ...]:
    """List what speaks for an epic, most telling first; `evidence` is that of one ticket and one epic."""
    children = int(evidence["children"])
    lines = [f"text similarity {evidence['epic_similarity']:.2f}"]
    if children:
        lines.append(f"most similar child {evidence['child_similarity']:.2f}")
        plural = "child" if children == 1 else "children"
        lines.append(f"{children} {plural}, nearest {_days(evidence['idle_days'])}")
    else:
        lines.append(f"no children yet, epic created {_days(evidence['idle_days'])}")
    lines += [
        _same(round(evidence[name] * (children + 1)), children, what)
        for name, what in (("same_reporter", "reporter"), ("same_component", "component"))
        if evidence[name] > 0
    ]
    return tuple(lines)


def _same(count: int, children: int, what: str) -> str:
    return f"{count} of {children} children {'has' if count == 1 else 'have'} the same {what}"


def _days(days: float) -> str:
    if days < 1:
        return "within a day of the ticket"
    return f"{days:.0f} {'day' if round(days) == 1 else 'days'} from the ticket"
