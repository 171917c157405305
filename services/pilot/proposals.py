"""What a well-formed marker proposes, as typed values; what makes no sense is refused, so that it is shown as text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent

from services.errors import InvalidInputError
from services.pilot.marker_tokens import Code, tokens_of
from services.pilot.markers import Marker, MarkerKind
from services.pilot.types import LaneKind, NewFix, NewItem

MOST_OPTIONS = 10

_LANES = {
    MarkerKind.QUESTION: LaneKind.QUESTION,
    MarkerKind.CHECK: LaneKind.CHECK,
    MarkerKind.ACTION: LaneKind.ACTION,
}
_LANGUAGES = {
    "powershell": "powershell",
    "ps1": "powershell",
    "pwsh": "powershell",
    "bash": "bash",
    "sh": "bash",
    "shell": "bash",
    "python": "python",
    "py": "python",
}
_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*([\w+-]*)[^\n]*\n")
_FACT = re.compile(r"[Ff]?(\d{1,5})")


@dataclass(frozen=True)
class Promotion:
    """Make a fact of a lane item, in these words if the answer supports them."""

    item_id: str
    words: str


Proposal = Promotion | NewItem | NewFix


def proposal_of(marker: Marker, proposed_by: str) -> Proposal:
    """Return what a marker proposes; `proposed_by` is the model's name. `InvalidInputError` for nonsense."""
    given = marker.attributes
    match marker.kind:
        case MarkerKind.PROMOTE:
            return Promotion(given["id"].strip(), marker.body)
        case MarkerKind.SUGGEST_FIX:
            language, script, description = script_in(marker.body)
            return NewFix(
                title=" ".join(given["title"].split()),
                description=description,
                root_cause=given.get("cause", ""),
                fact_numbers=_numbers(given.get("facts", "")),
                script_language=language,
                script_body=script,
                template_id=given.get("template", "").strip() or None,
                proposed_by=proposed_by,
            )
        case kind:
            options = tuple(option.strip() for option in given.get("options", "").split("|") if option.strip())
            if len(options) > MOST_OPTIONS:
                raise InvalidInputError(f"{len(options)} options are too many to choose from.")
            return NewItem(_LANES[kind], marker.body, options, given.get("detail", ""), origin=proposed_by)


def script_in(body: str) -> tuple[str, str, str]:
    """Return the language and text of the first fenced script in a fix, and the fix without it; "" where none is."""
    block = ""
    for token in tokens_of(body, frozenset(MarkerKind)):
        if isinstance(token, Code) and (block or _FENCE.match(token.source)):
            block += token.source
            first = _FENCE.match(block)
            if first and re.search(rf"(?m)^[ \t]*{first[1]}+[ \t]*$", block[first.end() :]):
                break
        elif block:
            break
    opening = _FENCE.match(block)
    if opening is None or opening[2].lower() not in _LANGUAGES:
        return "", "", body
    code = re.sub(rf"(?m)^[ \t]*{opening[1]}+[ \t]*\n?\Z", "", block[opening.end() :])
    return _LANGUAGES[opening[2].lower()], dedent(code).strip("\n") + "\n", body.replace(block, "", 1).strip()


def _numbers(facts: str) -> tuple[int, ...]:
    parts = [part for part in re.split(r"[,\s]+", facts) if part]
    found = [_FACT.fullmatch(part.strip("[]")) for part in parts]
    if any(match is None for match in found):
        raise InvalidInputError(f"“{facts}” are no numbers of facts.")
    return tuple(int(match[1]) for match in found if match)
