"""Block Kit's blocks and rich text: fields, limits."""

from __future__ import annotations

from sandbox.slack.block_elements import (
    BUTTON,
    CONTEXT_ACTIONS,
    ID,
    IMAGE_ELEMENT,
    INPUTS,
    OVERFLOW,
    PICKERS,
    SELECTS,
    URL,
    WORKFLOW_BUTTON,
    _input,
    image,
    mrkdwn,
    plain,
    text,
)
from sandbox.slack.block_rules import (
    Rule,
    boolean,
    both,
    choice,
    later,
    list_of,
    needs_one,
    number,
    record,
    string,
    typed,
)


def _block(type_: str, required: dict[str, Rule] | None = None, **optional: Rule) -> Rule:
    return record(required, {"block_id": ID, **optional}, type_=type_)


STYLES = record({}, dict.fromkeys(("bold", "code", "italic", "strike", "underline"), boolean))


def _styled(type_: str, required: dict[str, Rule], **optional: Rule) -> Rule:
    return record(required, {"style": STYLES, **optional}, type_=type_)


RICH_TEXT_PIECE = _styled("text", {"text": string(None, 1)})
RICH_LINK = _styled("link", {"url": string()}, text=string(), unsafe=boolean)
RICH_PIECES = typed(
    {
        "text": RICH_TEXT_PIECE,
        "link": RICH_LINK,
        "broadcast": _styled("broadcast", {"range": choice("here", "channel", "everyone")}),
        "color": _styled("color", {"value": string()}),
        "channel": _styled("channel", {"channel_id": string()}),
        "date": _styled("date", {"timestamp": number, "format": string()}, fallback=string(), url=string()),
        "emoji": _styled("emoji", {"name": string()}, unicode=string(), url=string()),
        "team": _styled("team", {"team_id": string()}),
        "user": _styled("user", {"user_id": string()}),
        "usergroup": _styled("usergroup", {"usergroup_id": string()}),
    }
)
BORDER = choice(0, 1)
RICH_SECTION = record({"elements": list_of(RICH_PIECES)}, type_="rich_text_section")
RICH_PARTS: dict[str, Rule] = {
    "rich_text_section": RICH_SECTION,
    "rich_text_list": record(
        {"elements": list_of(RICH_SECTION), "style": choice("bullet", "ordered")},
        {"border": BORDER, "indent": number, "offset": number},
        type_="rich_text_list",
    ),
    "rich_text_quote": record({"elements": list_of(RICH_PIECES)}, {"border": BORDER}, type_="rich_text_quote"),
    "rich_text_preformatted": record(
        {"elements": list_of(typed({"text": RICH_TEXT_PIECE, "link": RICH_LINK}))},
        {"border": BORDER},
        type_="rich_text_preformatted",
    ),
}
RICH_TEXT = _block("rich_text", {"elements": list_of(typed(RICH_PARTS))})
RICH_INPUT = _input("rich_text_input", initial_value=RICH_TEXT, min_lines=number, max_lines=number)

INTERACTIVE: dict[str, Rule] = {
    **SELECTS,
    **PICKERS,
    "button": BUTTON,
    "workflow_button": WORKFLOW_BUTTON,
    "overflow": OVERFLOW,
}
CELL = typed(
    {
        "rich_text": RICH_TEXT,
        "raw_text": record({"text": string()}, type_="raw_text"),
        "raw_number": record({"value": number, "text": string()}, type_="raw_number"),
    }
)
COLUMN = record({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean})
CARD = _block(
    "card",
    None,
    title=mrkdwn(150),
    subtitle=mrkdwn(150),
    body=mrkdwn(200),
    icon=IMAGE_ELEMENT,
    hero_image=IMAGE_ELEMENT,
    actions=list_of(BUTTON),
)
TASK_CARD = _block(
    "task_card",
    {
        "task_id": string(),
        "title": string(),
        "status": choice("pending", "in_progress", "complete", "error"),
    },
    details=RICH_TEXT,
    output=RICH_TEXT,
    sources=list_of(record({"url": string(), "text": string()}, type_="url")),
)
BLOCKS: dict[str, Rule] = {
    "actions": _block("actions", {"elements": list_of(typed({**INTERACTIVE, "rich_text_input": RICH_INPUT}), 25, 1)}),
    "alert": _block("alert", {"text": text()}, level=choice("default", "info", "warning", "error", "success")),
    "card": CARD,
    "carousel": _block("carousel", {"elements": list_of(CARD, 10, 1)}),
    "container": _block(
        "container",
        {"child_blocks": list_of(later(lambda: CHILDREN), 10)},
        title=plain(150),
        subtitle=text(150),
        rich_text_title=RICH_TEXT,
        icon=IMAGE_ELEMENT,
        width=choice("narrow", "standard", "wide", "full"),
        default_collapsed=boolean,
        has_header_divider=boolean,
        is_collapsible=boolean,
    ),
    "context": _block(
        "context",
        {"elements": list_of(typed({"image": IMAGE_ELEMENT, "plain_text": plain(), "mrkdwn": mrkdwn()}), 10, 1)},
    ),
    "context_actions": _block("context_actions", {"elements": list_of(typed(CONTEXT_ACTIONS), 5, 1)}),
    "data_table": _block(
        "data_table",
        {"caption": string(), "rows": list_of(list_of(CELL))},
        page_size=number,
        row_header_column_index=number,
    ),
    "divider": _block("divider"),
    "file": _block("file", {"external_id": string(), "source": string()}),
    "header": _block("header", {"text": plain(150)}),
    "image": image({"block_id": ID, "title": plain(2000)}, string(2000)),
    "input": _block(
        "input",
        {
            "label": plain(2000),
            "element": typed({**SELECTS, **PICKERS, **INPUTS, "rich_text_input": RICH_INPUT}),
        },
        hint=plain(2000),
        optional=boolean,
        dispatch_action=boolean,
    ),
    "markdown": _block("markdown", {"text": string(12_000, 1)}),
    "plan": _block("plan", {"title": string()}, tasks=list_of(TASK_CARD)),
    "rich_text": RICH_TEXT,
    "section": both(
        _block(
            "section",
            None,
            text=text(3000),
            fields=list_of(text(2000), 10, 1),
            accessory=typed({**INTERACTIVE, "image": IMAGE_ELEMENT}),
            expand=boolean,
        ),
        needs_one("text", "fields"),
    ),
    "table": _block("table", {"rows": list_of(list_of(CELL, 20), 100)}, column_settings=list_of(COLUMN, 20)),
    "task_card": TASK_CARD,
    "video": _block(
        "video",
        {"alt_text": string(), "title": plain(200), "thumbnail_url": URL, "video_url": URL},
        author_name=string(50),
        description=plain(200),
        provider_icon_url=URL,
        provider_name=string(),
        title_url=URL,
    ),
}
CHILDREN: Rule = typed(
    {
        name: BLOCKS[name]
        for name in (
            "actions",
            "context",
            "divider",
            "file",
            "header",
            "image",
            "input",
            "rich_text",
            "section",
            "table",
            "video",
        )
    },
    "block type",
)
BLOCK = typed(BLOCKS, "block type")
MESSAGE_ONLY = frozenset({"markdown", "context_actions", "task_card", "plan", "file"})
