"""Slack's markup as far as services need it: escaping, shortening, reading what people typed."""

from __future__ import annotations

import re

ENTITY = re.compile(r"<([^<>]*)>")
ELLIPSIS = "…"


def escape(text: str) -> str:
    """Make text from outside safe in mrkdwn: no mention, no link and no `<!channel>` survives in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def bold(text: str) -> str:
    """Return text from outside in bold, escaped; an asterisk in it does not end the bold."""
    return f"*{flat(text, '*')}*" if text.strip() else ""


def flat(text: str, mark: str) -> str:
    """Return text from outside on one line, escaped, in which `mark` ends no formatting."""
    return escape(" ".join(text.split())).replace(mark, "'" if mark == "`" else f"\u200b{mark}\u200b")


def unescape(text: str) -> str:
    """Undo Slack's escaping of the text of messages and commands."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def truncate(text: str, limit: int) -> str:
    """Shorten plain text to at most `limit` characters, marked by an ellipsis, at a word's end where one is near."""
    if len(text) <= limit:
        return text
    if limit <= 1:
        return text[:limit]
    cut = text[: limit - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > limit * 0.7 else cut).rstrip() + ELLIPSIS


def truncate_markup(text: str, limit: int) -> str:
    """Shorten mrkdwn to at most `limit` characters without cutting through a link, a mention or an escape."""
    if len(text) <= limit:
        return text
    return text[: safe_cut(text, limit - 1)].rstrip() + ELLIPSIS if limit > 1 else text[: max(limit, 0)]


def safe_cut(text: str, limit: int) -> int:
    """Return the last position up to `limit` (at least 1) where mrkdwn can be cut: not in `<…>` nor in `&amp;`."""
    cut = min(limit, len(text))
    if cut == len(text):
        return cut
    opened = text.rfind("<", 0, cut)
    if opened > 0 and ">" not in text[opened:cut] and text.find(">", cut, cut + 3000) != -1:
        cut = opened
    ampersand = text.rfind("&", max(0, cut - 4), cut)
    if ampersand > 0 and ";" not in text[ampersand:cut]:
        cut = ampersand
    return max(cut, 1)


def to_plain(text: str, names: dict[str, str] | None = None) -> str:
    """Return Slack's markup as plain text for other systems: names for mentions, addresses for links.

    `names` has the names of people by Slack id, for mentions that carry none.
    """
    names = names or {}

    def spoken(match: re.Match[str]) -> str:
        target, _, label = match[1].partition("|")
        if target.startswith("@"):
            return "@" + (label or names.get(target[1:], target[1:]))
        if target.startswith("#"):
            return "#" + (label or target[1:])
        if target.startswith("!"):
            return label or "@" + target[1:].split("^")[0]
        if target.startswith("mailto:"):
            return label or target.removeprefix("mailto:")
        return f"{label} ({target})" if label and label not in target else target

    return unescape(ENTITY.sub(spoken, text))
