"""`ticket.draft_comment`: draft a comment for a ticket, for a person to edit and post (TKT-1.2)."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field

from services.ai.types import AiTask, Tier

MAX_BODY_CHARACTERS = 4000
_COMMENT_CITE = re.compile(r"comment:(\d{1,4})")
_BROADCAST = re.compile(r"<!|@(?:channel|here|everyone)\b")
_PARTS = {
    "summary",
    "description",
    "status",
    "status_since",
    "priority",
    "assignee",
    "reporter",
    "blockers",
    "request",
    "history",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class TicketFacts(_Part):
    """The ticket as it is now; times are as the reader should see them."""

    key: str
    summary: str
    description: str = ""
    status: str
    status_since: str = ""
    priority: str = ""
    assignee: str = ""
    reporter: str = ""


class TicketComment(_Part):
    """One comment; `text` is plain or Markdown."""

    author: str
    written_at: str
    text: str


class Blocker(_Part):
    """A ticket that this one waits for."""

    key: str
    summary: str = ""
    status: str = ""


class DraftInput(_Part):
    """All that a draft may rest on; `comments` and `history` oldest first."""

    ticket: TicketFacts
    asked_by: str
    comments: tuple[TicketComment, ...] = ()
    history: tuple[str, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    person_request: str = ""


class CommentDraft(BaseModel):
    """A draft and what it rests on."""

    model_config = ConfigDict(extra="forbid")

    body_markdown: str = Field(description="The comment, in Markdown.")
    cites: list[str] = Field(description="Names of the parts of the data that the comment rests on, such as comment:2.")


def draft_by_rules(data: DraftInput) -> CommentDraft:
    """Return a draft that states facts only; the person's own words come first, as they are."""
    ticket = data.ticket
    lines: list[str] = []
    cites = ["status"]
    if data.person_request:
        lines.append(data.person_request)
        cites.insert(0, "request")
    status = f"Status: {ticket.status}"
    if ticket.status_since:
        status += f" since {ticket.status_since}"
        cites.append("status_since")
    if ticket.assignee:
        status += f", assigned to {ticket.assignee}"
        cites.append("assignee")
    lines.append(status + ".")
    if data.blockers:
        lines.append("Waiting for " + ", ".join(_named(blocker) for blocker in data.blockers) + ".")
        cites.append("blockers")
    if data.comments:
        last = data.comments[-1]
        lines.append(f"Last comment: {last.author}, {last.written_at}.")
        cites.append(f"comment:{len(data.comments)}")
    return CommentDraft(body_markdown="\n\n".join(lines)[:MAX_BODY_CHARACTERS], cites=cites)


def _named(blocker: Blocker) -> str:
    return f"{blocker.key} ({blocker.status})" if blocker.status else blocker.key


def problem_with(data: DraftInput, draft: CommentDraft) -> str:
    """Say what is wrong with a model's draft: empty, too long, calls everybody, or cites what is not there."""
    if not draft.body_markdown.strip():
        return "body_markdown is empty."
    if len(draft.body_markdown) > MAX_BODY_CHARACTERS:
        return f"body_markdown has more than {MAX_BODY_CHARACTERS} characters."
    if _BROADCAST.search(draft.body_markdown):
        return "body_markdown addresses everybody; name nobody with @ or <!."
    if not draft.cites:
        return "cites is empty: name at least one part of the data that the comment rests on."
    wrong = [cite for cite in draft.cites if not _exists(cite, data)]
    return f"cites names parts that are not in the data: {', '.join(wrong)[:200]}." if wrong else ""


def _exists(cite: str, data: DraftInput) -> bool:
    if numbered := _COMMENT_CITE.fullmatch(cite):
        return 1 <= int(numbered[1]) <= len(data.comments)
    if cite not in _PARTS:
        return False
    others = {"request": data.person_request, "blockers": data.blockers, "history": data.history}
    return bool(others[cite] if cite in others else getattr(data.ticket, cite))


DRAFT_COMMENT: AiTask[DraftInput, CommentDraft] = AiTask(
    name="ticket.draft_comment",
    tier=Tier.STANDARD,
    prompt="ticket_draft_comment",
    output_type=CommentDraft,
    rules=draft_by_rules,
    problem=problem_with,
    request_field="person_request",
)
