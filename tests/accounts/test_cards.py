"""How identities, settings and the trail look."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from blocks import accounts as blocks
from sandbox.client import blocks_text
from services.accounts import LinkProposal, MemberRef, Role, settings
from services.effects.audit import AuditLine, TrailCheck
from services.slack.limits import fit_view

SAM = MemberRef(7, "U0SAM", "Sam <!channel> Okafor", Role.ENGINEER, "Africa/Lagos", None, "sam@example.test")
AT = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)


def line(sequence: int, **fields: Any) -> AuditLine:
    values: dict[str, Any] = {
        "sequence": sequence,
        "at": AT,
        "actor_member_id": 7,
        "actor_name": "Sam",
        "action": "jira.move",
        "target": "APP-1",
        "reason": "asked for in Slack",
        "before": "To Do",
        "after": "Done",
        "result": "done",
        "detail": "",
        "effect_id": None,
        "correlation_id": "",
        "previous_hash": "",
        "hash": "ab" * 32,
    }
    return AuditLine(**values | fields)


def test_a_proposal_says_why_and_carries_ids_only() -> None:
    proposal = LinkProposal("712020:sam", "Sam & Co", None, "the names are alike")
    card = blocks.link_blocks(SAM, None, [proposal], is_self=True)
    text = blocks_text(card)
    assert "Sam &amp; Co" in text
    assert "Yes, that's me" in text
    value = next(block["accessory"]["value"] for block in card if "accessory" in block)
    assert json.loads(value) == {"member": 7, "jira": "712020:sam"}


def test_who_is_linked_is_offered_to_unlink_and_nobody_else() -> None:
    card = blocks.link_blocks(SAM, "Sam", [LinkProposal("1", "Other", None, "because")], is_self=True)
    assert "Unlink" in blocks_text(card)
    assert "Yes, that's me" not in blocks_text(card)


def test_when_jira_knows_nobody_the_card_says_so_and_offers_a_search() -> None:
    text = blocks_text(blocks.link_blocks(SAM, None, [], is_self=False))
    assert "Jira knows nobody" in text
    assert "Somebody else…" in text
    assert "<!channel>" not in text


@given(st.text(max_size=400), st.text(max_size=4000), st.dictionaries(st.text(max_size=20), st.text(max_size=2000)))
def test_nothing_in_the_trail_can_mention_anybody_or_grow_too_long(target: str, reason: str, after: Any) -> None:
    shown = blocks.audit_blocks([line(1, target=target, reason=reason, after=after)], TrailCheck(1, "ab"), {}, None)
    for block in shown:
        text = block["text"]["text"] if "text" in block else block["elements"][0]["text"]
        assert len(text) <= 3000
        assert "<!channel" not in text.replace("<!date", "")
        assert text.count("<") == text.count("<!date^")


def test_the_trail_shows_the_newest_first_with_before_and_after_and_slacks_own_dates() -> None:
    lines = [line(1), line(2, after={"cap": 7, "channel": None}, before={"cap": 5, "channel": "C1"})]
    shown = [
        block["text"]["text"] for block in blocks.audit_blocks(lines, TrailCheck(2, "3fa4" * 16), {7: "U7"}, None)[1:-1]
    ]
    assert "cap: 5, channel: C1 → cap: 7, channel: nothing" in shown[0]
    assert "To Do → Done" in shown[1]
    assert "<@U7>" in shown[1]
    assert f"<!date^{int(AT.timestamp())}^" in shown[1]


def test_the_trail_reads_as_sentences_and_spares_its_reader_what_only_undoing_needs() -> None:
    moved = line(1, before={"status": "To Do"}, after={"status": "Done", "way_back": True})
    commented = line(2, before=None, after={"comment_id": "7", "is_there": True, "updated": "2026-11-18"})
    moved, commented = replace(moved, action="jira.transition"), replace(commented, action="jira.comment")
    text = blocks_text(blocks.audit_blocks([moved, commented], TrailCheck(2, "ab"), {7: "U7"}, None))
    assert "*moved*" in text
    assert "\nTo Do → Done" in text
    assert "*commented on*" in text
    assert not any(word in text for word in ("way_back", "is_there", "comment_id", "True", "jira."))


def test_a_broken_trail_is_called_broken_and_an_intact_one_shows_its_head() -> None:
    assert blocks.check_text(TrailCheck(132, "3fa4" * 16)) == "trail intact, 132 lines, head 3fa43fa4…"
    broken = TrailCheck(132, "", 40, "line 40 was changed after it was written")
    assert blocks.check_text(broken) == "trail BROKEN: line 40 was changed after it was written"
    assert ":rotating_light:" in blocks_text(blocks.audit_blocks([], broken, {}, None))


def test_the_settings_fit_into_a_modal_and_start_with_what_is_set() -> None:
    specs = settings.settings_with_agents([(f"agent-{number}", f"Agent {number}") for number in range(20)])
    values = settings.current_values(specs, {"agents.agent-3.mode": "off"}, "Europe/Berlin", 49.5)
    view = blocks.settings_modal(specs, values)
    assert fit_view(view)["blocks"] == view["blocks"]
    assert len(view["private_metadata"]) <= 3000
    inputs = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
    assert inputs["agents.agent-3.mode"]["initial_option"]["value"] == "off"
    assert inputs["time_zone"]["initial_option"]["value"] == "Europe/Berlin"
    assert inputs["model_monthly_budget_usd"]["initial_value"] == "49.5"


def test_ones_own_quiet_hours_are_shown_as_they_are() -> None:
    def chosen(preferences: dict[str, Any]) -> str:
        view = blocks.my_settings_modal(replace(SAM, display_name="Sam"), preferences)
        return str(view["blocks"][1]["element"]["initial_option"]["value"])

    assert chosen({}) == "account"
    assert chosen({"quiet_hours": settings.NO_QUIET}) == "never"
    assert chosen({"quiet_hours": {"start": "20:00", "end": "06:00", "weekends": True}}) == "own"
