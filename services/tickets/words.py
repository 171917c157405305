"""What somebody typed in Slack, as a Jira comment."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.accounts import MemberRef
from services.effects.jira.comments import comment_document
from services.errors import InvalidInputError
from services.slack.markup import to_plain
from services.vendors.adf import text_from_adf

JIRA_LIMIT = 32_767
"""Characters in a comment (Jira Cloud refuses more)."""
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


def comment_markdown(text: str, members: Sequence[MemberRef]) -> str:
    """Return Slack's markup as Markdown for Jira: who is linked is mentioned there, others are named."""
    names = {member.slack_user_id: member.display_name for member in members}
    accounts = {member.slack_user_id: member.jira_account_id for member in members}

    def mentioned(match: re.Match[str]) -> str:
        account_id = accounts.get(match[1])
        return f"[~accountid:{account_id}]" if account_id else match[0]

    return to_plain(_MENTION.sub(mentioned, text), names).strip()


def check_comment(key: str, markdown: str, name: str) -> None:
    """Raise `InvalidInputError` for a comment that Jira would refuse: empty, or too long with its last line."""
    if not markdown.strip():
        raise InvalidInputError("The comment is empty; nothing was posted.")
    length = len(text_from_adf(comment_document(markdown, name)))
    if length > JIRA_LIMIT:
        raise InvalidInputError(
            f"That comment has {length:,} characters and Jira takes {JIRA_LIMIT:,}; nothing was posted on *{key}*.",
            hint="Shorten it, or attach the text to the ticket in Jira as a file.",
        )
