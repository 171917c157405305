"""What Slack's client makes of what a person types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.slack import text
from sandbox.slack.model import Channel, User

USERS = [User("U1", "alice", "Alice Adams"), User("U2", "bob.brown", "Bob Brown")]
CHANNELS = [Channel("C1", "general", [], 0), Channel("C2", "proj-atl", [], 0)]


def message(typed: str) -> str:
    """Return a message's text."""
    return text.as_message(text.split(typed, USERS, CHANNELS))


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
        ("@alice, see #proj-atl.", "<@U1>, see <#C2|proj-atl>."),
        ("@bob.brown. @Alice!", "<@U2>. <@U1>!"),
        ("@nobody in #nowhere", "@nobody in #nowhere"),
        ("@here look", "<!here> look"),
        ("<!channel> <@U1> <@U9>", "&lt;!channel&gt; <@U1> &lt;@U9&gt;"),
        ("see https://x.test/a?b=1&c=2.", "see <https://x.test/a?b=1&amp;c=2>."),
        ("mail a@b.test", "mail <mailto:a@b.test|a@b.test>"),
        ("`@alice` @alice", "`@alice` <@U1>"),
    ],
)
def test_typed_text_is_sent_as_slack_sends_it(typed: str, sent: str) -> None:
    assert message(typed) == sent


def test_a_command_gets_names_with_its_ids() -> None:
    assert text.as_command(text.split("@alice #general", USERS, CHANNELS)) == "<@U1|alice> <#C1|general>"


@given(st.text())
def test_no_markup_slips_through_that_names_nothing_known(typed: str) -> None:
    sent = message(typed)
    for piece in text.split(typed, USERS, CHANNELS):
        if piece.kind in ("text", "code"):
            assert "<" not in text.escape(piece.value)
    assert sent.count("<") == sum(p.kind not in ("text", "code") for p in text.split(typed, USERS, CHANNELS))
