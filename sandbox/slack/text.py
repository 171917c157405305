"""Turn what a person types into what Slack's client sends."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sandbox.slack.model import Channel, Json, User

Kind = Literal["text", "code", "user", "channel", "broadcast", "link", "email"]

CODE = re.compile(r"(```.+?```|`[^`\n]+`)", re.DOTALL)
TOKEN = re.compile(
    r"(?P<url>https?://[^\s<>|]+[^\s<>|.,;:!?)\]'\"])"
    r"|(?P<email>(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w&])@(?P<name>[\w][\w.-]*)"
    r"|(?<![\w&/])#(?P<channel>[a-z0-9][a-z0-9_-]*)"
    r"|<(?P<raw>[@#][A-Z0-9]+)(?:\|[^>]*)?>"
)
BROADCASTS = ("here", "channel", "everyone")


@dataclass(frozen=True)
class Piece:
    """A stretch of typed text; `value` is the id, address or text, `label` what is read."""

    kind: Kind
    value: str
    label: str = ""


def escape(text: str) -> str:
    """Escape the three characters that Slack's markup uses."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def split(text: str, users: Iterable[User], channels: Iterable[Channel]) -> list[Piece]:
    """Cut typed text into plain stretches, code, mentions and links."""
    names = {user.name.lower(): user for user in users}
    ids = {user.id: user for user in names.values()}
    rooms = {channel.name: channel for channel in channels if channel.name}
    room_ids = {channel.id: channel for channel in rooms.values()}
    pieces: list[Piece] = []
    for part in CODE.split(text):
        if CODE.fullmatch(part):
            pieces.append(Piece("code", part))
            continue
        position = 0
        for match in TOKEN.finditer(part):
            piece, end = _piece(match, names, ids, rooms, room_ids)
            if piece is None:
                continue
            if match.start() > position:
                pieces.append(Piece("text", part[position : match.start()]))
            pieces.append(piece)
            position = end
        if part[position:]:
            pieces.append(Piece("text", part[position:]))
    return pieces


def _piece(
    match: re.Match[str],
    names: dict[str, User],
    ids: dict[str, User],
    rooms: dict[str, Channel],
    room_ids: dict[str, Channel],
) -> tuple[Piece | None, int]:
    end = match.end()
    if url := match["url"]:
        return Piece("link", url), end
    if email := match["email"]:
        return Piece("email", email), end
    if raw := match["raw"]:
        known = ids.get(raw[1:]) if raw[0] == "@" else room_ids.get(raw[1:])
        kind: Kind = "user" if raw[0] == "@" else "channel"
        return (Piece(kind, known.id, known.name) if known else None), end
    if name := match["name"]:
        while name and name.lower() not in names and name not in BROADCASTS and name[-1] in ".-_":
            name, end = name[:-1], end - 1
        if name in BROADCASTS:
            return Piece("broadcast", name), end
        user = names.get(name.lower())
        return (Piece("user", user.id, user.name) if user else None), end
    room = rooms.get(match["channel"])
    return (Piece("channel", room.id, room.name) if room else None), end


def as_message(pieces: Iterable[Piece]) -> str:
    """Return the text of a message as events carry it."""
    return "".join(_in_message(piece) for piece in pieces)


def _in_message(piece: Piece) -> str:
    match piece.kind:
        case "user":
            return f"<@{piece.value}>"
        case "channel":
            return f"<#{piece.value}|{piece.label}>"
        case "broadcast":
            return f"<!{piece.value}>"
        case "link":
            return f"<{escape(piece.value)}>"
        case "email":
            return f"<mailto:{piece.value}|{piece.value}>"
        case _:
            return escape(piece.value)


def as_command(pieces: Iterable[Piece]) -> str:
    """Return the text of a slash command with "escape channels, users and links" switched on."""
    return "".join(
        f"<@{piece.value}|{piece.label}>" if piece.kind == "user" else _in_message(piece) for piece in pieces
    )


def as_rich_text(pieces: Iterable[Piece]) -> Json:
    """Return the rich text block that Slack's client sends with a message."""
    elements = [_rich_element(piece) for piece in pieces]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _rich_element(piece: Piece) -> Json:
    match piece.kind:
        case "user":
            return {"type": "user", "user_id": piece.value}
        case "channel":
            return {"type": "channel", "channel_id": piece.value}
        case "broadcast":
            return {"type": "broadcast", "range": piece.value}
        case "link":
            return {"type": "link", "url": piece.value}
        case "email":
            return {"type": "link", "url": f"mailto:{piece.value}", "text": piece.value}
        case "code":
            return {"type": "text", "text": piece.value.strip("`"), "style": {"code": True}}
        case _:
            return {"type": "text", "text": piece.value}
