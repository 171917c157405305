"""The hand-made sessions of `pilot_sessions/`, and what may be said of each by its hand-marked claims."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from services.pilot.types import (
    Fact,
    FactSource,
    FixDecision,
    ItemStatus,
    LaneItem,
    LaneKind,
    ScriptRun,
    Session,
    SessionStatus,
    SuggestedFix,
    TicketRef,
)

FOLDER = Path(__file__).parent / "pilot_sessions"
MADE_AT = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
_SECRET = re.compile(r"\{\{(.+?)\}\}")
_OPENERS = {
    "one_off": "Chosen as a one-off",
    "template": "Chosen, with a script from a template",
    "draft_template": "Chosen, to become a template",
    "build_template": "Chosen, built as a template",
    "dismissed": "Considered and dismissed",
}
_LANGUAGES = {"powershell": "PowerShell", "bash": "Bash", "python": "Python"}
_SENSITIVE = ("password", "passphrase", "token")


@dataclass(frozen=True)
class Said:
    """A sentence that a model may or may not say, in a section."""

    section: str
    text: str
    cites: tuple[str, ...]


@dataclass
class Expected:
    """What may be said: claims by label, facts that must be told, and what must never appear."""

    claims: dict[str, list[str]] = field(default_factory=dict)
    fact_claims: dict[str, list[str]] = field(default_factory=dict)
    cause_claims: list[str] = field(default_factory=list)
    conflicts: list[set[str]] = field(default_factory=list)
    disputed_causes: set[str] = field(default_factory=set)
    taken_back: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    good: list[Said] = field(default_factory=list)
    bad: list[Said] = field(default_factory=list)


@dataclass(frozen=True)
class Case:
    """A session and what is expected of its notes."""

    name: str
    session: Session
    expected: Expected


def load_cases(folder: Path = FOLDER) -> list[Case]:
    """Read all sessions."""
    return [
        _Reader(entry).case()
        for path in sorted(folder.glob("*.yaml"))
        for entry in yaml.safe_load(path.read_text("utf-8"))
    ]


class _Reader:
    """Reads one session, and writes down on the way what its notes may say."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self._entry = entry
        self._expected = Expected()

    def case(self) -> Case:
        """Return the session with what is expected."""
        entry, expected = self._entry, self._expected
        name = str(entry["name"])
        problem = self._claimed("P", entry["problem"], entry.get("claims"))
        if company := entry.get("company", ""):
            expected.claims["P"] += ["Company", company]
        items = tuple(self._item(number, item) for number, item in enumerate(entry.get("items", ()), 1))
        facts = tuple(self._fact(number, fact) for number, fact in enumerate(entry["facts"], 1))
        expected.conflicts = [{f"F{each}" for each in group} for group in entry.get("conflicts", ())]
        fixes = tuple(self._fix(number, fix) for number, fix in enumerate(entry.get("fixes", ()), 1))
        scripts = tuple(self._script(number, script) for number, script in enumerate(entry.get("scripts", ()), 1))
        expected.good = [self._said(each) for each in entry.get("good", ())]
        expected.bad = [self._said(each) for each in entry.get("bad", ())]
        session = Session(
            id=name, title=name, problem=problem, status=SessionStatus.OPEN, team="", company=company,
            opened_by_member_id=1, channel_id=None, thread_ts=None, lane_ts=None, state_version=1, items=items,
            facts=facts, fixes=fixes, scripts=scripts, ticket=self._ticket(), artifacts={},
            resolution_note_external_id=None, escalation_package_external_id=None, created_at=MADE_AT,
            updated_at=MADE_AT, closed_at=None,
        )  # fmt: skip
        return Case(name, session, expected)

    def _plain(self, text: str) -> str:
        """Return the text as a person wrote it, and remember its secrets."""
        self._expected.secrets |= set(_SECRET.findall(text))
        return _SECRET.sub(lambda match: match[1], text)

    def _claims(self, text: str) -> list[str]:
        return [_SECRET.sub("[redacted]", part).strip() for part in text.split(" | ")]

    def _claimed(self, label: str, text: str, claims: Sequence[str] | None = None) -> str:
        """Note what a text claims under a label; return the text itself."""
        text = str(text)
        self._expected.claims.setdefault(label, []).extend(claims or self._claims(text))
        return self._plain(text if claims else text.replace(" | ", " "))

    def _ticket(self) -> TicketRef | None:
        if "ticket" not in self._entry:
            return None
        ticket_id, _, summary = self._entry["ticket"].partition(": ")
        self._expected.claims["P"] += [f"Ticket {ticket_id}", summary]
        return TicketRef("connectwise", ticket_id, {"summary": summary})

    def _fact(self, number: int, given: str | Mapping[str, Any]) -> Fact:
        entry = {"says": given} if isinstance(given, str) else given
        label, gone = f"F{number}", bool(entry.get("gone"))
        if gone:
            self._expected.taken_back.append(entry["says"])
            text = entry["says"]
        else:
            text = self._claimed(label, entry["says"], entry.get("claims"))
            self._expected.fact_claims[label] = list(self._expected.claims[label])
        return Fact(
            id=f"fact-{number}", number=number, text=text, source_type=FactSource(entry.get("source", "question")),
            source_ref=f"item-{entry['of']}" if "of" in entry else None, created_by_member_id=1, created_at=MADE_AT,
            updated_at=MADE_AT, deleted_at=MADE_AT if gone else None,
        )  # fmt: skip

    def _item(self, number: int, entry: Mapping[str, Any]) -> LaneItem:
        kind = next(kind for kind in LaneKind if kind.value in entry)
        label, is_done = f"L{number}", "done" in entry
        text = self._claimed(label, entry[kind.value])
        answer = self._claimed(label, entry["done"]) if entry.get("done") else ""
        done, to_do = {"action": ("Done", "To do"), "check": ("Checked", "To check"), "question": ("", "To ask")}[kind]
        self._expected.claims[label].append(done if is_done else to_do)
        status = ItemStatus.DONE if is_done else ItemStatus.OPEN
        return LaneItem(f"item-{number}", kind, text, status, answer)

    def _fix(self, number: int, entry: Mapping[str, Any]) -> SuggestedFix:
        label, expected, decided = f"X{number}", self._expected, entry.get("decided")
        rests = {f"F{each}" for each in entry["facts"]}
        is_last = number == len(self._entry["fixes"])
        title = self._claimed(label, entry["title"])
        standing = rests <= expected.fact_claims.keys()
        does, cause = (self._plain(str(entry[name]).replace(" | ", " ")) for name in ("does", "cause"))
        if is_last and standing and decided != "dismissed":
            expected.claims[label] += self._claims(entry["does"]) if does else []
            expected.cause_claims = self._claims(entry["cause"]) if cause else []
            expected.claims[label] += expected.cause_claims
            if any(rests & group for group in expected.conflicts):
                expected.disputed_causes.add(label)
            elif decided is None:
                expected.claims[label].append("Suggested, not confirmed")
        undecided = "Suggested fix, not decided" if is_last else "Suggested and replaced, not decided"
        expected.claims[label].append(_OPENERS[decided] if decided else undecided)
        return SuggestedFix(
            id=f"fix-{number}", title=title, description=does, root_cause=cause, fact_numbers=tuple(entry["facts"]),
            script_language="", script_body="", template_id=None, proposed_by="model",
            user_decision=FixDecision(decided) if decided else None, decided_by_member_id=1 if decided else None,
            decided_at=MADE_AT if decided else None, superseded_at=None if is_last else MADE_AT, created_at=MADE_AT,
            number=number,
        )  # fmt: skip

    def _script(self, number: int, entry: Mapping[str, Any]) -> ScriptRun:
        claims = [f"{_LANGUAGES[entry['language']]} script made"]
        claims += ["from a template"] if entry.get("template") else []
        parameters = []
        for name, given in entry["with"].items():
            value = self._plain(str(given))
            marked = name in entry.get("sensitive", ())
            hidden = marked or any(word in name for word in _SENSITIVE)
            claims.append(f"{name} = {'[redacted]' if hidden else value}")
            parameters.append({"name": name, "value": value, "sensitive": marked})
        self._expected.claims[f"S{number}"] = [*claims, "with"]
        return ScriptRun(
            id=f"script-{number}", fix_id=None, template_id="template-1" if entry.get("template") else None,
            language=entry["language"], body=" ".join(map(str, entry["with"].values())), parameters=tuple(parameters),
            path="one_off", created_at=MADE_AT, number=number,
        )  # fmt: skip

    def _said(self, entry: Mapping[str, Any]) -> Said:
        return Said(entry["in"], self._plain(entry["says"]), tuple(entry["cites"]))
