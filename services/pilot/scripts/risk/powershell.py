"""What a PowerShell script does: cmdlets by catalogue and approved verb, programs, .NET calls, methods."""

from __future__ import annotations

import re

from services.pilot.scripts.lexing import Kind
from services.pilot.scripts.reading import MARK, Reading, Use, read, unquoted
from services.pilot.scripts.risk.catalogue import (
    Effect,
    effect_of,
    powershell_catalogue,
    powershell_entries,
)
from services.pilot.scripts.risk.found import Findings
from services.pilot.scripts.types import Language, Risk

_STATIC = re.compile(r"\[([\w.]+)\]\s*::\s*(\w+)")
_METHOD = re.compile(r"\.(\w+)\(")
_CMDLET = re.compile(r"([A-Za-z]+)-([A-Za-z]\w*)")
_NO_CODE = frozenset({Kind.COMMENT, Kind.LITERAL, Kind.EXPANDED})


def find_in_powershell(text: str, findings: Findings) -> None:
    """Note what every command of a script does."""
    reading = read(Language.POWERSHELL, text)
    functions = {name.lower() for name in reading.functions}
    for use in reading.uses:
        name = unquoted(use.name)
        if name.lower() not in functions:
            _find_use(use, name, findings)
        for _, word in use.redirects:
            if word.text.lower() not in ("$null", "&1"):
                findings.add(word.start, f"> {word.text}", Effect(risk=Risk.CHANGES, does=f"writes {word.text}"))
    code = _code(text, reading)
    _find_static(code, findings)
    _find_methods(code, findings)


def _find_use(use: Use, name: str, findings: Findings) -> None:
    catalogue = powershell_catalogue()
    name = catalogue.aliases.get(name.lower(), name)
    short = name.rpartition("\\")[2]
    entry = powershell_entries().get(short.lower()) or powershell_entries().get(short.lower().removesuffix(".exe"))
    if any(word.lower() == "-whatif" for word in use.words):
        findings.add(use.start, name, Effect(risk=Risk.READ_ONLY))
    elif name.startswith("$") or MARK.search(name):
        findings.add(use.start, name, Effect(risk=Risk.UNKNOWN, does=f"runs whatever `{name}` holds"))
    elif entry is not None:
        match = _CMDLET.fullmatch(short)
        opposite = f"{catalogue.opposites.get(match[1].capitalize(), '')}-{match[2]}" if match else ""
        findings.add(use.start, name, effect_of(entry, name, use.words, opposite))
    elif (match := _CMDLET.fullmatch(name)) and _is_known(match[2]) and (risk := _risk_of_verb(match[1])):
        findings.add(use.start, name, _by_verb(name, match[1].capitalize(), match[2], risk, use))
    else:
        findings.add_unknown(use.start, name)


def _is_known(noun: str) -> bool:
    return any(noun.lower() == known.lower() for nouns in powershell_catalogue().nouns.values() for known in nouns)


def _risk_of_verb(verb: str) -> Risk | None:
    verbs = powershell_catalogue().verbs.items()
    return next((risk for risk, names in verbs if verb.lower() in (name.lower() for name in names)), None)


def _by_verb(name: str, verb: str, noun: str, risk: Risk, use: Use) -> Effect:
    if risk is Risk.READ_ONLY:
        return Effect(risk=risk)
    given = " ".join(use.words)[:120]
    opposite = powershell_catalogue().opposites.get(verb, "")
    undo = f"{opposite}-{noun} {' '.join(use.words)}" if opposite else ""
    return Effect(risk=risk, does=f"{name} {given}".strip(), undo=undo.strip())


def _find_static(code: str, findings: Findings) -> None:
    for match in _STATIC.finditer(code):
        name = f"{match[1]}::{match[2]}"
        entries = powershell_catalogue().static
        entry = next(
            (each for each in entries for each_name in each.names if re.fullmatch(f"(?i){each_name}", name)), None
        )
        if entry is None:
            findings.add_unknown(match.start(), f"[{match[1]}]::{match[2]}")
        else:
            findings.add(match.start(), name, Effect(risk=entry.risk, does=entry.does))


def _find_methods(code: str, findings: Findings) -> None:
    for match in _METHOD.finditer(code):
        for risk, names in powershell_catalogue().methods.items():
            if match[1].lower() in (name.lower() for name in names):
                findings.add(match.start(), f".{match[1]}()", Effect(risk=risk, does=f"calls .{match[1]}()"))


def _code(text: str, reading: Reading) -> str:
    """Return the text with what is no code blanked, so that places stay."""
    code = list(text)
    for piece in reading.pieces:
        if piece.kind in _NO_CODE:
            code[piece.start : piece.end] = " " * (piece.end - piece.start)
    return "".join(code)
