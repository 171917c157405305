"""Markdown to the Atlassian Document Format, and any such document to plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

Adf = dict[str, Any]

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_MARKS = {"strong": "strong", "em": "em", "s": "strike"}
_LINK_SCHEMES = ("http://", "https://", "mailto:")
_INLINE_PATTERN = re.compile(
    r"\[~accountid:(?P<account>[^\]\s]+)\]|(?P<url>https?://[^\s<>()\[\]|]*[^\s<>()\[\]|.,;:!?'\"])"
)
_NESTED_BLOCKS = frozenset({"paragraph", "bulletList", "orderedList", "codeBlock"})
"""What list items and quotes may hold; anything else in them is flattened."""


def adf_from_markdown(text: str) -> Adf:
    """Return the ADF document of a Markdown text; single line breaks stay, bare URLs become links.

    `[~accountid:ID]` becomes a mention; raw HTML stays text.
    """
    root = SyntaxTreeNode(_MARKDOWN.parse(text.replace("\x00", "")))
    return {"type": "doc", "version": 1, "content": _blocks(root.children)}


def _blocks(nodes: Iterable[SyntaxTreeNode], *, nested: bool = False) -> list[Adf]:
    blocks = [block for node in nodes for block in _block(node)]
    return [kept for block in blocks for kept in _flatten(block)] if nested else blocks


def _flatten(block: Adf) -> list[Adf]:
    if block["type"] in _NESTED_BLOCKS:
        return [block]
    if block["type"] == "heading":
        return [{"type": "paragraph", "content": block["content"]}]
    return [kept for inner in block.get("content", []) for kept in _flatten(inner)]


def _block(node: SyntaxTreeNode) -> list[Adf]:
    match node.type:
        case "heading":
            return [{"type": "heading", "attrs": {"level": int(node.tag[1])}, "content": _inline_of(node)}]
        case "paragraph":
            return [{"type": "paragraph", "content": _inline_of(node)}]
        case "bullet_list":
            return [{"type": "bulletList", "content": [_list_item(item) for item in node.children]}]
        case "ordered_list":
            attrs = {"order": int(node.attrs.get("start", 1))}
            return [{"type": "orderedList", "attrs": attrs, "content": [_list_item(item) for item in node.children]}]
        case "fence" | "code_block":
            return [_code_block(node)]
        case "blockquote":
            return [{"type": "blockquote", "content": _blocks(node.children, nested=True) or [_paragraph()]}]
        case "hr":
            return [{"type": "rule"}]
        case "table":
            return [{"type": "table", "content": [_table_row(row) for part in node.children for row in part.children]}]
    return [{"type": "paragraph", "content": _texts(node.content)}] if node.content else []


def _paragraph(content: Sequence[Adf] = ()) -> Adf:
    return {"type": "paragraph", "content": list(content)}


def _list_item(node: SyntaxTreeNode) -> Adf:
    content = _blocks(node.children, nested=True)
    if not content or content[0]["type"] in ("bulletList", "orderedList"):
        content.insert(0, _paragraph())
    return {"type": "listItem", "content": content}


def _code_block(node: SyntaxTreeNode) -> Adf:
    block: Adf = {"type": "codeBlock"}
    language = node.info.split()[0] if node.type == "fence" and node.info.strip() else ""
    if language:
        block["attrs"] = {"language": language}
    code = node.content.removesuffix("\n")
    block["content"] = [{"type": "text", "text": code}] if code else []
    return block


def _table_row(row: SyntaxTreeNode) -> Adf:
    cells = []
    for cell in row.children:
        kind = "tableHeader" if cell.type == "th" else "tableCell"
        cells.append({"type": kind, "content": [_paragraph(_inline_of(cell))]})
    return {"type": "tableRow", "content": cells}


def _inline_of(node: SyntaxTreeNode) -> list[Adf]:
    return [part for inline in node.children for part in _inline(inline.children, [])]


def _inline(nodes: Iterable[SyntaxTreeNode], marks: list[Adf]) -> list[Adf]:
    parts: list[Adf] = []
    for node in nodes:
        match node.type:
            case "text":
                parts += _texts(node.content, marks)
            case "softbreak" | "hardbreak":
                parts.append({"type": "hardBreak"})
            case "code_inline":
                # Jira refuses code together with strong, em or strike
                links = [mark for mark in marks if mark["type"] == "link"]
                parts += _text(node.content, [*links, {"type": "code"}])
            case "link":
                parts += _inline(node.children, _with_link(marks, str(node.attrs.get("href", ""))))
            case "image":
                parts += _text(node.content or "image", _with_link(marks, str(node.attrs.get("src", ""))))
            case kind if kind in _MARKS:
                parts += _inline(node.children, _with_mark(marks, {"type": _MARKS[kind]}))
            case _:
                parts += _texts(node.content, marks)
    return parts


def _with_mark(marks: list[Adf], mark: Adf) -> list[Adf]:
    return marks if any(known["type"] == mark["type"] for known in marks) else [*marks, mark]


def _with_link(marks: list[Adf], url: str) -> list[Adf]:
    if not url.lower().startswith(_LINK_SCHEMES):
        return marks
    return _with_mark(marks, {"type": "link", "attrs": {"href": url}})


def _text(text: str, marks: list[Adf]) -> list[Adf]:
    if not text:
        return []
    return [{"type": "text", "text": text, "marks": marks}] if marks else [{"type": "text", "text": text}]


def _texts(text: str, marks: list[Adf] | None = None) -> list[Adf]:
    """Return text nodes with bare URLs linked and mentions made."""
    marks = marks or []
    parts: list[Adf] = []
    position = 0
    for found in _INLINE_PATTERN.finditer(text):
        parts += _text(text[position : found.start()], marks)
        if found["account"]:
            parts.append({"type": "mention", "attrs": {"id": found["account"]}})
        else:
            parts += _text(found["url"], _with_link(marks, found["url"]))
        position = found.end()
    return parts + _text(text[position:], marks)


def text_from_adf(document: Any) -> str:
    """Return the words of a document: blocks by blank lines, lists with dashes or numbers.

    None gives ""; a string (API v2 sends wiki markup) stays as it is. Unknown nodes give the words inside them.
    """
    if isinstance(document, str):
        return document.replace("\x00", "")
    if not isinstance(document, dict):
        return ""
    return _joined(document, "\n\n").replace("\x00", "").strip()


def _joined(node: Adf, separator: str) -> str:
    texts = [_read(child) for child in node.get("content") or [] if isinstance(child, dict)]
    return separator.join(text for text in texts if text)


def _read(node: Adf) -> str:
    attrs = node.get("attrs") or {}
    match node.get("type"):
        case "text":
            return _linked_text(node)
        case "hardBreak":
            return "\n"
        case "mention":
            name = str(attrs.get("text") or attrs.get("id", ""))
            return name if name.startswith("@") else f"@{name}"
        case "emoji" | "status":
            return str(attrs.get("text") or attrs.get("shortName", ""))
        case "date":
            return _day(attrs.get("timestamp"))
        case "inlineCard" | "blockCard" | "embedCard":
            return str(attrs.get("url", ""))
        case "media" | "mediaInline":
            return f"[{attrs['alt']}]" if attrs.get("alt") else ""
        case "rule":
            return "---"
        case _:
            return _read_container(node, attrs)


def _read_container(node: Adf, attrs: Adf) -> str:
    match node.get("type"):
        case "paragraph" | "heading" | "codeBlock" | "caption":
            return _joined(node, "")
        case "bulletList":
            return _read_items(node, lambda _: "- ")
        case "orderedList":
            first = int(attrs.get("order") or 1)
            return _read_items(node, lambda index: f"{first + index}. ")
        case "taskList" | "decisionList":
            return _joined(node, "\n")
        case "taskItem":
            return f"[{'x' if attrs.get('state') == 'DONE' else ' '}] {_joined(node, '')}"
        case "decisionItem":
            return f"- {_joined(node, '')}"
        case "tableRow":
            return _joined(node, " | ")
        case "blockquote":
            return "\n".join(f"> {line}" for line in _joined(node, "\n").split("\n"))
        case "expand" | "nestedExpand":
            return "\n".join(text for text in (str(attrs.get("title") or ""), _joined(node, "\n")) if text)
    return _joined(node, "\n")


def _read_items(node: Adf, bullet: Any) -> str:
    lines = []
    for index, item in enumerate(node.get("content") or []):
        mark = bullet(index)
        lines.append(mark + _joined(item, "\n").replace("\n", "\n" + " " * len(mark)))
    return "\n".join(lines)


def _linked_text(node: Adf) -> str:
    text = str(node.get("text", ""))
    for mark in node.get("marks") or []:
        url = (mark.get("attrs") or {}).get("href") if mark.get("type") == "link" else None
        if url and url != text:
            return f"{text} ({url})"
    return text


def _day(timestamp: Any) -> str:
    try:
        return datetime.fromtimestamp(int(timestamp) / 1000, UTC).date().isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
