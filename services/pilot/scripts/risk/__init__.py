"""Say what a script does before anybody runs it: risk, what it changes, the way back, what is unknown (TRUST-6)."""

from __future__ import annotations

import re
from collections.abc import Collection

from services.pilot.scripts.placeholders import masked, matches
from services.pilot.scripts.reading import MARK
from services.pilot.scripts.risk.catalogue import NONE_NEEDED
from services.pilot.scripts.risk.found import Findings, Found
from services.pilot.scripts.risk.hiding import find_hiding
from services.pilot.scripts.risk.powershell import find_in_powershell
from services.pilot.scripts.risk.python import find_in_python
from services.pilot.scripts.risk.shell import find_in_shell
from services.pilot.scripts.types import Language, Risk, RiskFinding, RiskReport

__all__ = ["assess"]

_FINDERS = {
    Language.BASH: find_in_shell,
    Language.POWERSHELL: find_in_powershell,
    Language.PYTHON: find_in_python,
}
MAX_SENTENCES = 12


def assess(language: Language, body: str, names: Collection[str] = ()) -> RiskReport:
    """Return what a script does; `names` are the parameters of a template. Never says less than it knows.

    The risk is the worst of all parts: hidden code counts as destructive, a command that no catalogue lists as unknown.
    """
    mask = masked(body, names)
    shown = [match[0].replace(":bare", "") for match in matches(body, names)]
    findings = Findings()
    _FINDERS[language](mask.text, findings)
    find_hiding(language, mask.text, findings)

    def unmasked(text: str) -> str:
        return MARK.sub(lambda match: shown[int(match[0][2:7])], text)

    listed = [_finding(found, mask.text) for found in sorted(findings.found, key=lambda each: each.start)]
    listed = [
        RiskFinding(each.line, unmasked(each.command), each.risk, unmasked(each.does), unmasked(each.inverse))
        for each in listed
    ]
    risk = max((each.risk for each in listed), key=lambda each: each.rank, default=Risk.READ_ONLY)
    unknown = tuple(unmasked(name) for name in findings.unknown)
    acting = tuple(each for each in listed if each.risk is not Risk.READ_ONLY)
    return RiskReport(risk, acting, unknown, tuple(findings.hides), _changes(acting), _rollback(acting))


def _finding(found: Found, text: str) -> RiskFinding:
    effect = found.effect
    return RiskFinding(text.count("\n", 0, found.start) + 1, found.command, effect.risk, effect.does, effect.undo)


def _changes(acting: tuple[RiskFinding, ...]) -> str:
    if not acting:
        return "Nothing: it only reads."
    sentences = list(dict.fromkeys(f"{_capital(each.does or each.command)} (line {each.line})." for each in acting))
    more = len(sentences) - MAX_SENTENCES
    return "\n".join(sentences[:MAX_SENTENCES] + ([f"And {more} more."] if more > 0 else []))


def _rollback(acting: tuple[RiskFinding, ...]) -> str:
    """Return the commands that take changes back, the last change first, and what cannot be taken back."""
    if not acting:
        return "Nothing to take back."
    back = [each.inverse for each in reversed(acting) if each.inverse and each.inverse != NONE_NEEDED]
    without = [each for each in acting if not each.inverse]
    lines = list(dict.fromkeys(back))
    if without:
        named = ", ".join(dict.fromkeys(f"`{each.command}`" for each in without if each.command))
        lines.append(f"No way back is known for {named or 'what it hides'}.")
        if reads := _reads(without):
            lines.append(f"Note what {reads} shows before you run it.")
    return "\n".join(lines) or "Nothing to take back: it repeats or renews what is there."


def _reads(without: list[RiskFinding]) -> str:
    names = [match[1] for each in without if (match := re.fullmatch(r"Set-(\w+)", each.command))]
    return ", ".join(dict.fromkeys(f"`Get-{name}`" for name in names))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
