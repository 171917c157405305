"""Understand requests in OpenAI's two forms: Chat Completions and Responses."""

from __future__ import annotations

import json
from typing import Any

from sandbox.models.exchange import Exchange, RefusedError, ToolOffer

_STABLE_ROLES = ("system", "developer")


def content_text(content: Any) -> str:
    """Join the text of a message's content, whatever form it has."""
    if content is None or isinstance(content, str):
        return content or ""
    return "\n".join(str(part.get("text", json.dumps(part, sort_keys=True))) for part in content)


def read_chat(body: dict[str, Any]) -> Exchange:
    """Understand a Chat Completions request."""
    messages = body.get("messages")
    if not body.get("model") or not messages:
        raise RefusedError(400, "Missing required parameter: 'model' or 'messages'.")
    functions = [tool["function"] for tool in body.get("tools") or [] if tool.get("type") == "function"]
    choice = body.get("tool_choice")
    output = (body.get("response_format") or {}).get("json_schema") or {}
    stable = [content_text(m.get("content")) for m in messages if m["role"] in _STABLE_ROLES]
    said = [
        f"{m['role']}: {content_text(m.get('content'))} {json.dumps(m.get('tool_calls') or '')}"
        for m in messages
        if m["role"] not in _STABLE_ROLES
    ]
    return Exchange(
        vendor="openai",
        model=str(body["model"]),
        prefix="\n".join([json.dumps(functions, sort_keys=True), *stable]),
        conversation="\n".join(said),
        turns=sum(1 for m in messages if m["role"] == "assistant"),
        tools=[ToolOffer(f["name"], f.get("parameters") or {}) for f in functions],
        must_call=choice == "required" or isinstance(choice, dict),
        named_tool=str((choice.get("function") or {}).get("name", "")) if isinstance(choice, dict) else "",
        schema=output.get("schema"),
    )


def read_responses(body: dict[str, Any]) -> Exchange:
    """Understand a Responses request."""
    items = body.get("input")
    if not body.get("model") or not items:
        raise RefusedError(400, "Missing required parameter: 'model' or 'input'.")
    if isinstance(items, str):
        items = [{"role": "user", "content": items}]
    functions = [tool for tool in body.get("tools") or [] if tool.get("type") == "function"]
    choice = body.get("tool_choice")
    output = (body.get("text") or {}).get("format") or {}
    stable = [content_text(i.get("content")) for i in items if i.get("role") in _STABLE_ROLES]
    said = [
        f"{i.get('role')}: {content_text(i.get('content'))}" if "role" in i else json.dumps(i, sort_keys=True)
        for i in items
        if i.get("role") not in _STABLE_ROLES
    ]
    return Exchange(
        vendor="openai",
        model=str(body["model"]),
        prefix="\n".join([json.dumps(functions, sort_keys=True), body.get("instructions") or "", *stable]),
        conversation="\n".join(said),
        turns=sum(1 for i in items if i.get("role") == "assistant" or i.get("type") == "function_call"),
        tools=[ToolOffer(f["name"], f.get("parameters") or {}) for f in functions],
        must_call=choice == "required" or isinstance(choice, dict),
        named_tool=str(choice.get("name", "")) if isinstance(choice, dict) else "",
        schema=output.get("schema"),
    )
