"""How the model stand-ins name a script's parameters and say what it does: by the commands that its body holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from sandbox.models.exchange import Answer, Exchange
from sandbox.models.scripts import in_wanted_form

NAMING, VALUES = "Task: pilot.script_extraction", "Task: pilot.script_values"
MOST_DEEDS = 4
_SECTION = re.compile(r'<outside_data name="(\w+)">\s*(.*?)\s*</outside_data>', re.DOTALL)
_CMDLET = re.compile(r"\b([A-Z][a-z]+)-([A-Z][A-Za-z]+)\b")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+")
_VERBS = dict(
    pair.split(": ")
    for pair in [
        "Get: shows",
        "Test: tests",
        "Find: finds",
        "Measure: counts",
        "Resolve: looks up",
        "Set: sets",
        "Add: adds",
        "New: makes",
        "Enable: turns on",
        "Disable: turns off",
        "Update: updates",
        "Remove: removes",
        "Clear: empties",
        "Stop: stops",
        "Start: starts",
        "Restart: restarts",
        "Unlock: unlocks",
        "Reset: resets",
        "Repair: repairs",
        "Install: installs",
        "Uninstall: removes",
    ]
)
_NOT_TOLD = {"Sleep", "Date", "Item", "Object", "Host", "Output", "Error", "Location", "Path"}
"""What scripts do on the way."""
_COMMANDS = {
    r"\bcmdkey\b": "removes saved sign-ins",
    r"\bipconfig /flushdns\b": "empties the DNS cache",
    r"\bsystemctl restart\b": "restarts a service",
    r"\bsystemctl stop\b": "stops a service",
    r"\bsystemctl start\b": "starts a service",
    r"\bjournalctl\b": "shows the last messages",
    r"\bopenssl s_client\b": "shows a certificate",
    r"\bRemove-Item\b|\brm -|\bos\.remove\(|\.unlink\(": "deletes files",
    r"\bdf -|\bshutil\.disk_usage\(": "shows the free space",
    r"onedrive\.exe|\bOneDrive\b": "restarts OneDrive",
}
_PLURAL = ("s", "info", "data", "permission")


def script_answer(exchange: Exchange) -> Answer | None:
    """Return the names and words of a script, or the values for its form; None where nobody asks for these."""
    if VALUES in exchange.text:
        # the rules have found what can be told for certain
        return in_wanted_form({"values": []}, exchange)
    if NAMING not in exchange.text:
        return None
    sections = dict(_SECTION.findall(exchange.conversation))
    try:
        parameters = json.loads(sections.get("parameters") or "[]")
    except ValueError:
        return None
    named = [
        {"name": each["name"], "new_name": each["name"], "label": _label(each["name"]), "help": ""}
        for each in parameters
    ]
    return in_wanted_form(
        {"description": description_of(sections.get("body", "")), "symptoms": [], "parameters": named}, exchange
    )


def description_of(body: str) -> str:
    """Say what a script does, in its order; empty where none of its commands is known."""
    deeds = list(dict.fromkeys(deed for _, deed in sorted(_deeds(body))))[:MOST_DEEDS]
    if not deeds:
        return ""
    *first, last = deeds
    said = f"{', '.join(first)} and {last}" if first else last
    return f"{said[0].upper()}{said[1:]}."


def _deeds(body: str) -> Iterator[tuple[int, str]]:
    """Yield what the commands do, each with where it stands."""
    for match in _CMDLET.finditer(body):
        noun = match[2]
        if match[1] in _VERBS and noun not in _NOT_TOLD and not noun.endswith(("Item", "Object")):
            yield match.start(), f"{_VERBS[match[1]]} {_thing(noun)}"
    for pattern, deed in _COMMANDS.items():
        if found := re.search(pattern, body):
            yield found.start(), deed


def _thing(noun: str) -> str:
    words = [word if word.isupper() else word.lower() for word in _WORD.findall(noun)]
    is_many = words[-1].endswith(_PLURAL) and not words[-1].endswith("ss")
    article = "" if is_many else "an " if words[0][0] in "aeiouAEIOU" else "a "
    return article + " ".join(words)


def _label(name: str) -> str:
    words = name.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}"[:40]
