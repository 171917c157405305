"""What messages are made of keeps to Slack's limits, whoever fills it."""

from __future__ import annotations

from blocks.elements import actions_block, button, context_block, reading_view, section_block


def test_texts_labels_and_descriptions_are_cut_to_what_slack_takes() -> None:
    assert len(section_block("x" * 5000)["text"]["text"]) == 3000
    assert len(context_block("x" * 5000)["elements"][0]["text"]) == 2000
    long = button("do", "y" * 100, "1", style="primary", description="z" * 100)
    assert (len(long["text"]["text"]), len(long["accessibility_label"]), long["style"]) == (75, 75, "primary")


def test_a_button_has_no_empty_parts_and_a_view_that_is_read_has_nothing_to_send() -> None:
    assert button("do", "Do") == {"type": "button", "action_id": "do", "text": {"type": "plain_text", "text": "Do"}}
    view = reading_view("numbers", "Numbers", [actions_block(button("do", "Do"))])
    assert "submit" not in view
    assert view["blocks"][0]["elements"][0]["action_id"] == "do"
