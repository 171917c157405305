"""How scripts are shown: all of it, as it is, with what it does before anybody takes it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.pilot.fix import fix_blocks, risk_text
from blocks.pilot.parts import ONE_OFF
from blocks.pilot.script import PIECE_CHARACTERS, code_blocks, file_name
from services.pilot.scripts.risk import assess
from services.pilot.scripts.types import Language
from services.pilot.state.moment import Moment
from services.pilot.state.proposals import suggest_fix
from services.pilot.state.standing import opened
from services.pilot.types import NewFix
from tests.pilot.scripts.conftest import NOW

LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=400), max_size=30)


def texts(body: str) -> list[str]:
    return [block["elements"][0]["elements"][0]["text"] for block in code_blocks(body)]


@pytest.mark.requirement("FLP-5.1", "SLK-5")
@given(LINES)
def test_a_script_is_shown_whole_and_cut_between_lines(lines: list[str]) -> None:
    body = "\n".join(lines)
    shown = texts(body)
    assert all(0 < len(piece) <= PIECE_CHARACTERS for piece in shown)
    assert "\n".join(shown).replace("\n", "").replace(" ", "") == body.replace("\n", "").replace(" ", "")


def test_a_line_that_is_longer_than_a_block_is_cut_and_not_lost() -> None:
    body = "x" * (2 * PIECE_CHARACTERS + 5)
    assert "".join(texts(body)) == body


@pytest.mark.requirement("TRUST-6", "SLK-5")
def test_what_a_script_does_fits_and_names_what_nobody_knows() -> None:
    body = "".join(f"Frob-Thing{number} -Name x\nRemove-Printer -Name 'P{number}<a&b>'\n" for number in range(40))
    shown = risk_text(assess(Language.POWERSHELL, body))
    assert len(shown) <= 3_000
    for words in (
        "Unknown risk",
        "`Frob-Thing0`",
        "and 32 more",
        "*Changes:*",
        "*Way back:*\n• No way back",
        "Add-Printer",
    ):
        assert words in shown, words
    assert "<a" not in shown


@pytest.mark.requirement("TRUST-6", "FLP-5.1")
@pytest.mark.parametrize(("body", "asks"), [("Frob-Queue\n", True), ("Get-Service\n", False)])
def test_a_script_that_can_do_harm_is_asked_about_before_it_is_taken(body: str, asks: bool) -> None:
    session = opened(Moment(NOW, 1), "Nothing prints")
    session = suggest_fix(session, Moment(NOW), NewFix("Mend it", "", script_language="powershell", script_body=body))
    blocks = fix_blocks(session, assess(Language.POWERSHELL, body), is_open=True)
    [one_off] = [each for block in blocks for each in block.get("elements", []) if each.get("action_id") == ONE_OFF]
    assert ("confirm" in one_off) is asks
    [fix] = session.fixes
    of_template = replace(session, fixes=(replace(fix, template_id="t", script_body=""),))
    assert ONE_OFF not in str(fix_blocks(of_template, None, is_open=True))


def test_a_file_has_a_name_that_it_can_be_saved_under() -> None:
    assert file_name("Reset “the” queue / now!", Language.POWERSHELL) == "reset-the-queue-now.ps1"
    assert file_name("???", Language.BASH) == "script.sh"
