"""How the model stand-ins lead a troubleshooting session: by what the prompt holds and the cases that they know."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sandbox.models.exchange import Answer, Exchange

TASK = "Task: pilot.turn"
CASES = Path(__file__).with_name("cases.yml")
ENOUGH_FACTS = 2
ASKED_AT_FIRST = 2
MOST_LETTERS_OF_FILLING = 3
"""Words of so few letters tell nothing."""
_SECTION = re.compile(r'<outside_data name="(\w+)">\s*(.*?)\s*</outside_data>', re.DOTALL)
_REQUEST = re.compile(r"<person_request>\s*(.*?)\s*</person_request>", re.DOTALL)
_UNSURE = re.compile(r"(?i)not sure|unsure|unknown|no idea|don.?t know|maybe|perhaps|probably|later|n/a|let me")
_HELPED = re.compile(r"(?i)\b(?:worked|works now|helped|fixed|solved|all good|that did it)\b")
_FAILED = re.compile(r"(?i)\b(?:not|didn.?t|doesn.?t|no change|still|again|failed)\b")
Json = dict[str, Any]


@cache
def cases() -> dict[str, Json]:
    """Return the cases by name."""
    return dict(yaml.safe_load(CASES.read_text("utf-8")))


def session_answer(exchange: Exchange) -> Answer | None:
    """Return the next turn of a session, None where the request is no turn of one."""
    if TASK not in exchange.text:
        return None
    sections = dict(_SECTION.findall(exchange.conversation))
    try:
        state = json.loads(sections["state"])
        similar = json.loads(sections.get("similar") or "{}")
    except (KeyError, ValueError):
        return None
    said = next(iter(_REQUEST.findall(exchange.conversation)), "")
    return Answer("\n".join(_Turn(state, similar, said).lines()))


def case_of(state: Mapping[str, Any]) -> Json:
    """Return the case with most of its words in the problem, the last one for what none fits."""
    words = set(re.findall(r"[\w%-]+", f"{state['title']} {state['problem']}".lower()))
    known = cases()
    return max(known.values(), key=lambda case: len(words.intersection(case["words"])) + (case is known["other"]) / 2)


class _Turn:
    """One answer: facts out of what was answered, then a fix when the facts carry it, else the next thing to ask."""

    def __init__(self, state: Json, similar: Json, said: str) -> None:
        self.state, self.similar, self.said = state, similar, said
        self.case = case_of(state)
        self.steps: list[Json] = self.case["steps"]
        self.items = {str(item["text"]): item for item in state["items"]}
        self.fixes: list[Json] = state["fixes"]
        self.labels = list(state["facts"])

    def lines(self) -> Iterator[str]:
        """Say it, markers on lines of their own."""
        fresh = list(self._promotions())
        yield from fresh
        active = self.fixes[-1] if self.fixes and self.fixes[-1]["decision"] != "dismissed" else None
        if active and _HELPED.search(self.said) and not _FAILED.search(self.said):
            yield f"Good: “{active['title']}” helped. [Resolve…] writes the note from {self._basis()}."
        elif self.said.endswith("?") and not fresh:
            yield from self._summary()
        elif active and not _FAILED.search(self.said):
            yield f"“{active['title']}” is the next thing to do. Tell me whether it helped, or dismiss it."
        else:
            yield from self._next(bool(fresh))

    def _next(self, is_answered: bool) -> Iterator[str]:
        fix = self._fix() if len(self.labels) >= ENOUGH_FACTS else None
        if fix is not None:
            yield f"{self._basis()} fit one cause: {_small(fix['cause'])}."
            yield _fix_marker(fix, self.labels, self._template(fix))
            return
        unasked = [step for step in self.steps if step["text"] not in self.items]
        waiting = [item for item in self.state["items"] if item["status"] == "open"]
        if not self.items:
            yield from self._first(unasked)
        elif waiting:
            noted = f"{self._noted()} " if is_answered else ""
            yield f"{noted}Still open: “{waiting[0]['text']}” With its answer I can go on."
        elif unasked:
            yield f"{self._noted()}{_why(unasked[0])}"
            yield _ask_marker(unasked[0])
        else:
            yield f"{self._basis()} fit nothing more that I know. I would escalate: [Escalate…] writes the package."

    def _first(self, unasked: list[Json]) -> Iterator[str]:
        for each in self.similar.get("resolved sessions", [])[:1]:
            if cause := each.get("cause"):
                yield f"“{each['title']}” was like it: {_small(cause)}."
        yield f"Let us narrow it down.{_why(unasked[0])}"
        yield from (_ask_marker(step) for step in unasked[:ASKED_AT_FIRST])

    def _summary(self) -> Iterator[str]:
        known = "; ".join(f"{label}: {text}" for label, text in self.state["facts"].items())
        waiting = [item["text"] for item in self.state["items"] if item["status"] == "open"]
        yield f"Known so far: {known}" if known else "Nothing is known for certain yet."
        if waiting:
            yield f"Open: “{waiting[0]}”"
        elif not self.items:
            yield from self._first(self.steps)

    def _promotions(self) -> Iterator[str]:
        """Make facts of answers that are plain; the next number is known only for those that are surely facts."""
        number = max((int(label[1:]) for label in self.labels), default=0)
        for item in self.state["items"]:
            answer = str(item["answer"])
            if item["status"] != "done" or item["fact"] or not answer or _UNSURE.search(answer):
                continue
            number += 1
            self.labels.append(f"F{number}")
            yield f'[PROMOTE id="{item["id"]}"]{self._fact(item, answer)}[/PROMOTE]'

    def _fact(self, item: Json, answer: str) -> str:
        step = next((step for step in self.steps if step["text"] == item["text"]), {})
        says = step.get("says", {})
        text = says.get(answer) or _meant(says, answer) or says.get("", "").replace("{answer}", answer.rstrip("."))
        asked = str(item["text"]).rstrip(".")
        said = f"{answer[:1].upper()}{answer[1:]}"
        return text or (f"{asked} {said}" if asked.endswith("?") else f"{asked}: {said}")

    def _fix(self) -> Json | None:
        """Return the first fix that no answer speaks against and that was not proposed yet."""
        proposed = {fix["title"] for fix in self.fixes}
        answers = [str(self.items.get(step["text"], {}).get("answer", "")) for step in self.steps]
        for fix in self.case["fixes"]:
            against = any(answers[number] in refuting for number, refuting in fix.get("unless", {}).items())
            if fix["title"] not in proposed and not against:
                return dict(fix)
        return None

    def _template(self, fix: Json) -> str:
        offered = self.similar.get("script templates", [])
        name = fix.get("template")
        return next((str(each["id"]) for each in offered if name and each["name"].startswith(name)), "")

    def _noted(self) -> str:
        return f"{self._basis()} {'are' if len(self.labels) > 1 else 'is'} noted."

    def _basis(self) -> str:
        if not self.labels:
            return "What is known"
        *others, last = self.labels[-3:]
        return f"{', '.join(others)} and {last}" if others else last


def _why(step: Json) -> str:
    """Say why it is asked, unless the lane says that already."""
    return f" {step['why']}" if "how" in step else ""


def _meant(says: Mapping[str, str], answer: str) -> str:
    """Return the fact of a yes or no with further words, as far as it has one of them."""
    first, *more = re.findall(r"[\w'-]+", answer.lower()) or [""]
    text = says.get(first.capitalize(), "")
    return text if any(len(word) > MOST_LETTERS_OF_FILLING and word in text.lower() for word in more) else ""


def _ask_marker(step: Json) -> str:
    kind = str(step.get("kind", "question")).upper()
    options = step.get("options") or [option for option in step.get("says", {}) if option]
    given = f' options="{"|".join(options)}"' if options else ""
    detail = step.get("how") or step["why"]
    return f'[{kind}{given} detail="{detail}"]{step["text"]}[/{kind}]'


def _fix_marker(fix: Json, labels: list[str], template: str) -> str:
    of_template = f' template="{template}"' if template else ""
    # a template has a script of its own
    script = f"\n```{fix['language']}\n{fix['script']}```\n" if "script" in fix and not template else ""
    head = f'[SUGGEST_FIX title="{fix["title"]}" cause="{fix["cause"]}" facts="{", ".join(labels[-3:])}"{of_template}]'
    return f"{head}{fix['do']}{script}[/SUGGEST_FIX]"


def _small(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")
