"""Tickets as people type them: 48213, #48213, CW-48213, ABC-123, or the address of one."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from services.commands.types import TICKET_KEY

_NUMBER = re.compile(r"#?([1-9][0-9]{0,9})")
_PREFIXED = re.compile(r"cw[-#\s]?([1-9][0-9]{0,9})", re.IGNORECASE)
_ADDRESS = re.compile(r"<?(https?://[^|>\s]+)(?:\|[^>]*)?>?")
_BROWSE = re.compile(rf"/browse/({TICKET_KEY.pattern})$")
# a bare number is a ticket only where a word says so: "3 users", "Office 365" and "error 1603" are none
_IN_TEXT = re.compile(
    rf"(?P<address><?https?://\S+)"
    rf"|(?<![\w-])(?P<key>{TICKET_KEY.pattern})(?![\w-])"
    r"|(?<![\w#&])#(?P<hash>[1-9][0-9]{2,9})(?![\w-])"
    r"|\b(?:ticket|case|service request|sr)\s*(?:no\.?|number|nr\.?)?\s*:?\s*#?(?P<said>[1-9][0-9]{0,9})(?![\w-])",
    re.IGNORECASE,
)
_LEADS_TO_IT = re.compile(r"[\s,;:(–-]*(?:\b(?:see|for|in|on|of|re|regarding|about|from|as)\s*)?$", re.IGNORECASE)
SHORTEST_REST = 3
CONNECTWISE, JIRA = "connectwise", "jira"
Found = tuple[str, str]
"""The provider's name, and the ticket's id there."""


def read_ref(text: str, *, has_connectwise: bool, home: str) -> Found | None:
    """Return which ticket `text` is, or None when it is none.

    `home` decides what could be both: CW-12 is a Jira key too where Jira is the home of tickets.
    """
    text = text.strip()
    if address := _ADDRESS.fullmatch(text):
        return _from_address(address[1])
    if number := _NUMBER.fullmatch(text):
        return CONNECTWISE, number[1]
    if has_connectwise and home != JIRA and (prefixed := _PREFIXED.fullmatch(text)):
        return CONNECTWISE, prefixed[1]
    if TICKET_KEY.fullmatch(text):
        return JIRA, text.upper()
    return None


def _from_address(address: str) -> Found | None:
    try:
        parts = urlsplit(address.replace("&amp;", "&"))
    except ValueError:
        # such as http://[server]/, which people write where a name would stand
        return None
    if key := _BROWSE.search(parts.path):
        return JIRA, key[1].upper()
    asked = parse_qs(parts.query)
    for name in ("service_recid", "recid"):
        if name in asked and _NUMBER.fullmatch(asked[name][0]):
            return CONNECTWISE, asked[name][0]
    return None


def refs_in(text: str, *, has_connectwise: bool, home: str) -> list[Found]:
    """Return the tickets that a text names, in its order, each once."""
    found: list[Found] = []
    for match in _IN_TEXT.finditer(text):
        if match["said"] or match["hash"]:
            ref: Found | None = (CONNECTWISE, match["said"] or match["hash"])
        else:
            ref = read_ref(match[0].rstrip(".,;)"), has_connectwise=has_connectwise, home=home)
        if ref is not None and ref not in found:
            found.append(ref)
    return found


def without_ref(text: str, provider: str, ticket_id: str) -> str:
    """Return a line without the words that name a ticket where they stand at its start, its end or in brackets."""
    for match in _IN_TEXT.finditer(text):
        said = match["said"] or match["hash"]
        read = (CONNECTWISE, said) if said else read_ref(match[0].rstrip(".,;)"), has_connectwise=True, home=provider)
        if read != (provider, ticket_id):
            continue
        before, after = text[: match.start()], text[match.end() :]
        if before.endswith("(") and after.startswith(")"):
            rest = " ".join(f"{before[:-1]} {after[1:]}".split())
        elif not after.strip(" .,;:!)"):
            rest = _LEADS_TO_IT.sub("", before)
        elif not before.strip():
            rest = after.lstrip(" .,;:–-")
        else:
            continue
        return rest if len(rest) >= SHORTEST_REST else text
    return text
