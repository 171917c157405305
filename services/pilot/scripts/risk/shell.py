"""What a Bash script does, command by command; what stands behind sudo, xargs, ssh or `bash -c` counts too."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.pilot.scripts.reading import MARK, Use, read
from services.pilot.scripts.risk.catalogue import Effect, effect_of, shell_catalogue
from services.pilot.scripts.risk.found import Findings
from services.pilot.scripts.types import Language, Risk

_WRAPPERS: dict[str, frozenset[str]] = {
    "sudo": frozenset({"-u", "-g", "-h", "-p"}),
    "doas": frozenset({"-u"}),
    "xargs": frozenset({"-I", "-n", "-P", "-d", "-L", "-a"}),
    "nohup": frozenset(),
    "time": frozenset({"-f", "-o"}),
    "nice": frozenset({"-n"}),
    "ionice": frozenset({"-c", "-n"}),
    "timeout": frozenset({"-k", "-s"}),
    "watch": frozenset({"-n"}),
    "env": frozenset({"-u", "-C"}),
    "command": frozenset(),
    "builtin": frozenset(),
    "exec": frozenset({"-a"}),
    "stdbuf": frozenset({"-o", "-e", "-i"}),
    "setsid": frozenset(),
}
_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh"})
_SSH_OPTIONS = frozenset({"-p", "-i", "-l", "-o", "-F", "-J", "-L", "-R", "-D", "-c", "-b", "-e"})
_BIN = re.compile(r"/(?:usr/)?(?:local/)?s?bin/")
_HARMLESS_TARGETS = re.compile(r"/dev/(?:null|stdout|stderr|tty)|&?\d|-")
MAX_NESTING = 4


def find_in_shell(text: str, findings: Findings, *, offset: int = 0, nesting: int = 0) -> None:
    """Note what every command of a script does; `offset` is where the text stands in the whole one."""
    reading = read(Language.BASH, text)
    for use in reading.uses:
        if use.name and use.name not in reading.functions:
            _find(use.name, use.words, offset + use.start, findings, nesting)
        _find_redirects(use, offset, findings)


def find_command(words: Sequence[str], start: int, findings: Findings) -> None:
    """Note what one command does, as other languages run it."""
    if words:
        _find(words[0], list(words[1:]), start, findings, 1)


def _find(name: str, words: Sequence[str], start: int, findings: Findings, nesting: int) -> None:
    name = _BIN.sub("", name) if _BIN.match(name) else name
    name = name.strip("'\"\\")
    if nesting > MAX_NESTING:
        findings.add_unknown(start, name)
    elif name in _WRAPPERS:
        _find_wrapped(name, words, start, findings, nesting)
    elif name in _SHELLS and any(re.fullmatch(r"-[a-z]*c", word) for word in words):
        index = next(index for index, word in enumerate(words) if re.fullmatch(r"-[a-z]*c", word))
        find_in_shell(" ".join(words[index + 1 : index + 2]), findings, offset=start, nesting=nesting + 1)
    elif name == "ssh":
        _find_remote(words, start, findings, nesting)
    elif name == "find":
        _find_in_find(words, start, findings, nesting)
    elif "$" in name or MARK.search(name) or name.startswith("`"):
        findings.add(start, name, Effect(risk=Risk.UNKNOWN, does=f"runs whatever `{name}` holds"))
        findings.unknown.append(name) if name not in findings.unknown else None
    elif entry := shell_catalogue().get(name):
        effect = effect_of(entry, name, words)
        findings.add(start, name, effect)
    else:
        findings.add_unknown(start, name)


def _find_wrapped(name: str, words: Sequence[str], start: int, findings: Findings, nesting: int) -> None:
    rest = list(words)
    while rest and (rest[0].startswith("-") or "=" in rest[0] or re.fullmatch(r"[\d.]+[smhd]?", rest[0])):
        taken = rest.pop(0)
        if taken in _WRAPPERS[name] and rest:
            rest.pop(0)
    if rest:
        _find(rest[0], rest[1:], start, findings, nesting + 1)


def _find_remote(words: Sequence[str], start: int, findings: Findings, nesting: int) -> None:
    rest = list(words)
    while rest and rest[0].startswith("-"):
        if rest.pop(0) in _SSH_OPTIONS and rest:
            rest.pop(0)
    if len(rest) > 1:
        find_in_shell(" ".join(rest[1:]), findings, offset=start, nesting=nesting + 1)
    else:
        findings.add(start, "ssh", Effect(risk=Risk.UNKNOWN, does="opens a session on another machine"))


def _find_in_find(words: Sequence[str], start: int, findings: Findings, nesting: int) -> None:
    if "-delete" in words:
        findings.add(start, "find -delete", Effect(risk=Risk.DESTRUCTIVE, does="deletes the files that it finds"))
    for index, word in enumerate(words):
        if word in ("-exec", "-execdir", "-ok", "-okdir") and index + 1 < len(words):
            _find(words[index + 1], list(words[index + 2 :]), start, findings, nesting + 1)


def _find_redirects(use: Use, offset: int, findings: Findings) -> None:
    for operator, word in use.redirects:
        target = word.text.strip("'\"")
        if ">" in operator and not _HARMLESS_TARGETS.fullmatch(target):
            does = f"adds to {target}" if ">>" in operator else f"writes {target}"
            findings.add(offset + word.start, f"{operator} {target}", Effect(risk=Risk.CHANGES, does=does))
