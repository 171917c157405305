"""The Atlassian Document Format, as far as a stand-in has to know it."""

from __future__ import annotations

from typing import Any

Adf = dict[str, Any]

BLOCKS = frozenset(
    {
        "paragraph",
        "heading",
        "bulletList",
        "orderedList",
        "codeBlock",
        "blockquote",
        "rule",
        "panel",
        "table",
        "mediaSingle",
        "mediaGroup",
        "taskList",
        "decisionList",
        "expand",
        "blockCard",
        "embedCard",
        "extension",
        "bodiedExtension",
        "layoutSection",
        "multiBodiedExtension",
    }
)
INNER = frozenset(
    {
        "listItem",
        "tableRow",
        "tableCell",
        "tableHeader",
        "taskItem",
        "decisionItem",
        "nestedExpand",
        "layoutColumn",
        "media",
        "caption",
        "extensionFrame",
        "blockTaskItem",
    }
)
INLINE = frozenset(
    {"text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status", "inlineExtension", "mediaInline"}
)
MARKS = frozenset(
    {
        "strong",
        "em",
        "code",
        "link",
        "strike",
        "underline",
        "subsup",
        "textColor",
        "backgroundColor",
        "annotation",
        "border",
        "alignment",
        "indentation",
        "breakout",
        "fragment",
        "dataConsumer",
    }
)


def adf_from_text(text: str) -> Adf:
    """Return a document with one paragraph per blank-line separated block of `text`."""
    paragraphs = [block for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()]
    return {"type": "doc", "version": 1, "content": [_paragraph(block) for block in paragraphs]}


def _paragraph(block: str) -> Adf:
    content: list[Adf] = []
    for number, line in enumerate(block.strip("\n").split("\n")):
        if number:
            content.append({"type": "hardBreak"})
        if line:
            content.append({"type": "text", "text": line})
    return {"type": "paragraph", "content": content}


def text_from_adf(document: Adf | None) -> str:
    """Return the words of a document, blocks separated by blank lines."""
    if not document:
        return ""
    blocks = [_block_text(node) for node in document.get("content", [])]
    return "\n\n".join(block for block in blocks if block)


def _block_text(node: Adf) -> str:
    kind = node.get("type")
    if kind == "text":
        return str(node.get("text", ""))
    if kind == "hardBreak":
        return "\n"
    if kind in ("mention", "emoji", "status"):
        return str(node.get("attrs", {}).get("text") or node.get("attrs", {}).get("shortName", ""))
    if kind in ("inlineCard", "blockCard"):
        return str(node.get("attrs", {}).get("url", ""))
    inner = [_block_text(child) for child in node.get("content", [])]
    return ("" if kind in ("paragraph", "heading", "codeBlock", "caption") else "\n").join(inner)


def is_adf(value: Any) -> bool:
    """Tell whether Jira would take `value` as a document: root, node types, marks and texts are looked at."""
    if not isinstance(value, dict) or value.get("type") != "doc" or value.get("version") != 1:
        return False
    content = value.get("content")
    return isinstance(content, list) and all(_is_node(node, BLOCKS) for node in content)


def _is_node(node: Any, allowed: frozenset[str]) -> bool:
    if not isinstance(node, dict) or node.get("type") not in allowed:
        return False
    if node["type"] == "text":
        text, marks = node.get("text"), node.get("marks", [])
        return isinstance(text, str) and text != "" and all(mark.get("type") in MARKS for mark in marks)
    content = node.get("content", [])
    if not isinstance(content, list):
        return False
    if node["type"] in ("paragraph", "heading", "codeBlock"):
        return all(_is_node(child, INLINE) for child in content)
    return all(_is_node(child, BLOCKS | INNER | INLINE) for child in content)
