"""Where a script holds secrets: by the shape of tokens, and by what a literal is assigned or given to."""

from __future__ import annotations

import re

from services.ai.sanitise import SECRET, find_all
from services.pilot.scripts.constants import Constant

_NAMES = re.compile(
    r"(?i)(?:^|[_\W-]|(?<=[a-z]))(?:pass(?:word|wd|phrase|code)?|pwd|pw|secret|token|api_?key|access_?key|private_?key"
    r"|credentials?|connection_?string|psk)(?:$|[_\W\d]|(?=[A-Z]))"
)
_PASSWORD_OPTIONS = {
    "sshpass": {"-p"},
    "curl": {"-u", "--user"},
    "mysql": {"-p", "--password"},
    "mysqldump": {"-p", "--password"},
    "ldapsearch": {"-w"},
    "ldapmodify": {"-w"},
    "wget": {"--password", "--http-password"},
}
_TOLD = (
    re.compile(r"(?i)\bnet1?(?:\.exe)?\s+user\s+[^\s/]+\s+(?P<value>[^\s/*$][^\s]*)"),
    re.compile(
        r"(?i)\becho\s+(?:-n\s+)?['\"]?(?P<value>[^'\"|\n]+?)['\"]?\s*\|\s*(?:sudo\s+)?(?:chpasswd|passwd|su\b|sudo\s+-S)"
    ),
    re.compile(r"(?i)\bchpasswd\s*<<<\s*['\"]?(?P<value>[^'\"\n]+)"),
    re.compile(
        r"(?i)\bConvertTo-SecureString\s+(?:-String\s+)?(?P<quote>['\"])(?P<value>[^'\"$\n][^'\"\n]*)(?P=quote)"
    ),
    re.compile(r"(?i)\bmysql(?:dump|admin)?\b[^\n|;]*\s-p(?P<value>[^\s'\"$]+)"),
)
_HARMLESS = re.compile(r"(?i)secret:.*||<.*>|\$.*|\{\{.*|true|false|null|none|prompt|ask|expired?|never|/.*|[A-Z]:\\.*")


def names_a_secret(name: str) -> bool:
    """Tell whether a variable or option of that name holds a secret (`$AdminPassword`, `--api-key`)."""
    return bool(_NAMES.search(name)) and not re.search(
        r"(?i)policy|length|age|expir|never|last|change|reset|file", name
    )


def secret_ranges(text: str) -> list[tuple[int, int]]:
    """Return where secrets of known shapes stand."""
    found = [(find.start, find.end) for find in find_all(text) if find.kind == SECRET]
    for expression in _TOLD:
        found += [match.span("value") for match in expression.finditer(text)]
    return found


def is_secret(constant: Constant, ranges: list[tuple[int, int]]) -> bool:
    """Tell whether a literal is a secret or holds one; when in doubt it is."""
    if any(start < constant.end and end > constant.start for start, end in ranges):
        return True
    value = constant.value or constant.raw
    if _HARMLESS.fullmatch(value):
        return False
    command = constant.command.rpartition("/")[2].lower()
    if constant.name in _PASSWORD_OPTIONS.get(command, ()):
        return True
    if command == "convertto-securestring" and constant.name.lower() in ("", "-string"):
        return True
    return names_a_secret(constant.name)
