"""Give parameters names that say what they are."""

from __future__ import annotations

import re

from services.pilot.scripts.looks import GUID
from services.pilot.scripts.secrets import names_a_secret
from services.pilot.scripts.types import Language, ParameterType

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_VALIDATE_SET = r"(?is)\[ValidateSet\(([^)]*)\)\](?:\s*\[[^\]]*\])*\s*\$"
_TOO_GENERAL = frozenset({"identity", "name", "value", "string"})
_BY_COMMAND = (
    (re.compile(r"(?i)mailbox|calendar|inbox"), "mailbox"),
    (re.compile(r"(?i)printer|printjob|lpadmin|lpstat|cups"), "printer"),
    (re.compile(r"(?i)service|systemctl"), "service"),
    (re.compile(r"(?i)group"), "group"),
    (re.compile(r"(?i)aduser|mguser|localuser|passwd|usermod"), "user"),
)


class Names:
    """Names for the parameters of one script; the same value gets the same one."""

    def __init__(self, reserved: set[str]) -> None:
        self._taken = set(reserved)
        self._known: dict[tuple[str, str, str], str] = {}

    def of(self, key: tuple[str, str, str], given: str, command: str) -> str:
        """Return the name for a value (type, value, owner): after its variable or option, its command, or its type."""
        if key not in self._known:
            self._known[key] = self._free(_wanted(ParameterType(key[0]), key[1], given, command))
        return self._known[key]

    def _free(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name)
        return name


def snake_case(name: str) -> str:
    """Turn `$MailboxName`, `--backup-dir` or `BACKUP_DIR` into `mailbox_name`, `backup_dir`."""
    name = "_".join(word.lower() for word in _WORDS.findall(name))[:32].strip("_")
    return name if re.fullmatch(r"[a-z][a-z0-9_]*", name) else ""


def choices_of(language: Language, script: str, variable: str, value: str) -> tuple[str, ...]:
    """Return what PowerShell's ValidateSet lets a parameter of the script be."""
    if language is not Language.POWERSHELL or not variable:
        return ()
    match = re.search(_VALIDATE_SET + re.escape(variable) + r"\b", script)
    options = tuple(re.findall(r"['\"]([^'\"]+)['\"]", match[1])) if match else ()
    return options if value in options else ()


def _wanted(type_: ParameterType, value: str, given: str, command: str) -> str:
    name = snake_case(given)
    if len(name) > 2 and name not in _TOO_GENERAL:
        return name
    if type_ is ParameterType.SECRET:
        return name if name and names_a_secret(given) else "password"
    if type_ is ParameterType.TEXT and GUID.fullmatch(value):
        return "id"
    if type_ in (ParameterType.TEXT, ParameterType.EMAIL, ParameterType.USER):
        found = next((word for expression, word in _BY_COMMAND if expression.search(command)), "")
        if found and (type_ is not ParameterType.EMAIL or found in ("mailbox", "user")):
            return found
    return name if type_ is ParameterType.TEXT and len(name) > 1 else {"text": "value"}.get(type_, type_.value)
