"""Slack's markup: escaping what comes from outside, and the pieces that mrkdwn is made of."""

from __future__ import annotations

import re
from datetime import datetime

from services.slack.markup import bold, escape, flat, safe_cut, to_plain, truncate, truncate_markup, unescape

__all__ = [
    "bold",
    "bullets",
    "channel_mention",
    "code",
    "date_token",
    "escape",
    "italic",
    "link",
    "markdown",
    "mention",
    "safe_cut",
    "to_plain",
    "truncate",
    "truncate_markup",
    "unescape",
]

DATE_STYLES = {
    "date": "{date_short_pretty}",
    "day": "{date_long_pretty}",
    "time": "{time}",
    "date_time": "{date_short_pretty} at {time}",
    "ago": "{ago}",
}


def italic(text: str) -> str:
    """Return text from outside in italics, escaped."""
    return f"_{flat(text, '_')}_" if text.strip() else ""


def code(text: str) -> str:
    """Return text from outside as inline code, escaped."""
    return f"`{flat(text, '`')}`" if text.strip() else ""


def markdown(text: str) -> str:
    """Return Markdown from outside as mrkdwn, escaped; what Slack has no mark for stays as it was written."""
    marked = re.sub(r"(?<![\w*])\*([^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])", r"_\1_", escape(text))
    marked = re.sub(r"\*\*([^\s*](?:[^*\n]*[^\s*])?)\*\*", r"*\1*", marked)
    return re.sub(r"^#{1,6} +(.+?) *#*$", r"*\1*", marked, flags=re.MULTILINE)


def link(url: str, label: str) -> str:
    """Return a link; a label from outside is escaped, and without a web address only the label is left."""
    if not url.startswith(("https://", "http://")):
        return escape(label)
    address = url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C").replace(" ", "%20")
    shown = escape(" ".join(label.split())).replace("|", "¦")
    return f"<{address}|{shown}>" if shown else f"<{address}>"


def mention(slack_user_id: str | None, name: str) -> str:
    """Return a mention, or the escaped name of somebody who is not in Slack."""
    return f"<@{slack_user_id}>" if slack_user_id else escape(name)


def channel_mention(channel_id: str) -> str:
    """Return a link to a channel."""
    return f"<#{channel_id}>"


def date_token(instant: datetime, style: str = "date_time") -> str:
    """Return Slack's date token, shown in the reader's own zone; `style` is a key of `DATE_STYLES`.

    Raises `ValueError` for a naive time.
    """
    if instant.tzinfo is None:
        raise ValueError(f"naive datetime {instant!r}: a date token is an instant")
    fallback = instant.strftime("%Y-%m-%d %H:%M %Z")
    return f"<!date^{int(instant.timestamp())}^{DATE_STYLES[style]}|{fallback}>"


def bullets(items: list[str]) -> str:
    """Return mrkdwn lines with a bullet each; items are mrkdwn already."""
    return "\n".join(f"• {item}" for item in items)
