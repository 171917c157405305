"""What a literal looks like: an address, a host, a path, a person, an id; and what is the same on every machine."""

from __future__ import annotations

import re

from services.pilot.scripts.types import ParameterType
from services.pilot.scripts.values import EMAIL, HOST, NUMBER, USER

GUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FILES = _words(
    "exe dll msi msp ps1 psm1 psd1 bat cmd vbs sh py txt csv log json xml yml yaml ini conf cfg config zip gz tar bak"
    " old tmp ost pst dat db sqlite lnk url html htm js css pdf docx xlsx pptx png jpg service socket timer list key"
)
_DOMAINS = _words(
    "local lan internal corp intra home com net org io de uk us eu fr ch at nl es it cloud app dev edu gov"
)
_EVERYWHERE = re.compile(
    r"(?i)localhost|127\.0\.0\.1|0\.0\.0\.0|::1|1\.1\.1\.1|8\.8\.[48]\.[48]|255\..*|(?:.*\.)?(?:microsoft|office365|office"
    r"|outlook|windows|microsoftonline|google|googleapis|apple|github|ubuntu|debian|python|windowsupdate)\.(?:com|net|org)"
    r"|example\.(?:com|org|net)"
)
_IP = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)")
_SERVER = re.compile(r"[A-Z]{2,}[A-Z0-9]*(?:-[A-Z0-9]+)*-?\d{1,3}")
_FULL_HOST = re.compile(rf"(?i)[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)*\.(?:{'|'.join(sorted(_DOMAINS))})")
_ACCOUNT = re.compile(r"[A-Z][A-Z0-9-]{1,14}\\[A-Za-z][\w.-]{1,40}")
_PATH = re.compile(r"(?:[A-Za-z]:\\|\\\\[\w.-]+\\)[^<>|\"*?\n]*|/(?:[\w.@+ -]+/)*[\w.@+-]+/?")
_SYSTEM_PATH = re.compile(
    r"(?i)/(?:dev|proc|sys|bin|sbin|lib\w*|etc|usr|boot|run)(?:/.*)?|/|/tmp|/var|/home|/var/log"
    r"|[a-z]:\\(?:windows|program ?files|programdata)?(?:\\.*|)"
)
INSIDE = (
    (re.compile(r"(?<![\w.+-])" + EMAIL.pattern + r"(?![\w-])"), ParameterType.EMAIL),
    (re.compile(r"(?i)(?<![\w-])" + GUID.pattern[4:] + r"(?![\w-])"), ParameterType.TEXT),
    (re.compile(r"\\\\[\w.-]+(?:\\[\w.$ -]+)+"), ParameterType.PATH),
    (re.compile(r"[A-Za-z]:\\(?:Users|Data|Shares?|Temp)\\[\w.$-]+(?:\\[\w.$-]+)*"), ParameterType.PATH),
    (re.compile(r"(?<![\w.:/-])/(?:home|Users|srv|mnt|data|opt)/[\w.@+-]+(?:/[\w.@+-]+)*"), ParameterType.PATH),
    (re.compile(r"(?<![\w.-])" + _IP.pattern + r"(?![\w-]|\.\w)"), ParameterType.HOST),
    (re.compile(r"(?<![\w.@\\-])" + _FULL_HOST.pattern[4:] + r"(?![\w-]|\.\w)", re.IGNORECASE), ParameterType.HOST),
    (re.compile(r"(?<![\w\\.-])" + _SERVER.pattern + r"(?![\w\\-]|\.\w)"), ParameterType.HOST),
    (re.compile(r"(?<![\w\\])" + _ACCOUNT.pattern + r"(?![\w\\-])"), ParameterType.USER),
)
"""What is looked for inside longer literals and in facts, the most certain first."""

_HINTS: tuple[tuple[re.Pattern[str], ParameterType], ...] = (
    (re.compile(r"(?i)mailbox|mail|userprincipalname|upn|smtp|sender|recipient"), ParameterType.EMAIL),
    (re.compile(r"(?i)computer|server|host|node|machine|^-s$|printserver|gateway|dns"), ParameterType.HOST),
    (re.compile(r"(?i)path|file|folder|dir(?:ectory)?|destination|source|share|root$"), ParameterType.PATH),
    (re.compile(r"(?i)^-*(?:sam)?account|user(?:_?name)?$|login|owner|member"), ParameterType.USER),
)
_NAMED = re.compile(
    r"(?i)-?-?(?:identity|name|displayname|printer\w*|group\w*|tenant\w*|domain\w*|service\w*|database)"
)
_READERS = {ParameterType.EMAIL: EMAIL, ParameterType.HOST: HOST, ParameterType.USER: USER}


def looks_like(value: str) -> ParameterType | None:
    """Return what a whole literal looks like; None for plain words and for what is the same everywhere."""
    if not value or is_everywhere(value):
        return None
    if EMAIL.fullmatch(value):
        return ParameterType.EMAIL
    if GUID.fullmatch(value):
        return ParameterType.TEXT
    if _ACCOUNT.fullmatch(value):
        return ParameterType.USER
    if _PATH.fullmatch(value):
        return ParameterType.PATH
    is_host = _IP.fullmatch(value) or _SERVER.fullmatch(value) or _FULL_HOST.fullmatch(value)
    return ParameterType.HOST if is_host and not _is_file(value) else None


def is_everywhere(value: str) -> bool:
    """Tell whether a value is no property of one site: localhost, a public service, a folder of the system."""
    return bool(_EVERYWHERE.fullmatch(value) or _SYSTEM_PATH.fullmatch(value))


def hinted(name: str, value: str) -> ParameterType | None:
    """Return what a value is by the name of the variable or option that holds it, if it can be that."""
    for expression, type_ in _HINTS:
        if expression.search(name) and (reader := _READERS.get(type_)):
            return type_ if reader.fullmatch(value) else None
        if expression.search(name) and re.fullmatch(r"[^\n<>|\"*?]*[/\\][^\n<>|\"*?]*", value):
            return ParameterType.PATH
    return None


def is_named(name: str) -> bool:
    """Tell whether an option names a thing of the site (`-Identity`, `-GroupName`), so that its value is one."""
    return bool(_NAMED.fullmatch(name))


def type_of_constant(name: str, value: str) -> ParameterType:
    """Return the type of an assigned constant."""
    if value.lower() in ("$true", "$false", "true", "false"):
        return ParameterType.BOOLEAN
    if NUMBER.fullmatch(value):
        return ParameterType.NUMBER
    return looks_like(value) or hinted(name, value) or ParameterType.TEXT


def _is_file(value: str) -> bool:
    return value.rpartition(".")[2].lower() in _FILES
