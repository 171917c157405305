"""Scripts and templates of sessions as people use them: each path that a fix can take, and what becomes of drafts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from db.tenancy import account_scope
from sandbox.client import blocks_text, visible_text
from services.pilot.types import FixDecision, NewFix, Session
from tests.stories.stage import Stage, staged
from tests.stories.test_pilot import WHERE, modal_with, session_of

SCRIPT = """# Reset the print queue of BADGE-01
$adminPassword = "Winter-2026x!"
Get-Service -ComputerName SRV-PRINT01 -Name Spooler | Restart-Service
Remove-Printer -Name 'BADGE-01'
Frob-Queue -Days 30
"""
LONG_SCRIPT = SCRIPT + "".join(f"Write-Host 'Step {number} on SRV-PRINT01'\n" for number in range(60))


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The world without a model: what is asked and named comes from rules, at once."""
    async with staged(tmp_path, anthropic_api_key=SecretStr("")) as stage:
        yield stage


async def opened(stage: Stage, problem: str) -> tuple[Session, str]:
    luca = stage.person("luca")
    await luca.types(f"/pilot {problem}")
    await luca.sees(f"Session open: .*{problem.partition(chr(44))[0]}")
    session, thread = await session_of(stage, luca)
    await luca.sees("Question:", thread_ts=thread)
    return session, thread


async def suggest(stage: Stage, session: Session, title: str, script: str = "", template: str | None = None) -> None:
    fix = NewFix(title, "Set the queue up again.", "It hangs", (), "powershell" if script else "", script, template)
    with account_scope(stage.account.id):
        await stage.application.services.pilot.suggest_fix(session.id, fix)


async def now(stage: Stage, session: Session) -> Session:
    with account_scope(stage.account.id):
        return await stage.application.services.pilot.get(session.id)


async def files_named(person: Any, thread: str, name: str) -> int:
    """Wait for a file in the thread and count those of its name."""
    async with asyncio.timeout(30):
        while not (found := [each for each in await person.messages(WHERE, thread) if name in str(each)]):
            await asyncio.sleep(0.02)
    return len(found)


def held(view: dict[str, Any], block_id: str) -> str:
    """Return what an input holds before anybody typed."""
    element = next(block["element"] for block in view["blocks"] if block.get("block_id") == block_id)
    return str(element.get("initial_value", ""))


def hint(view: dict[str, Any], block_id: str) -> str:
    block = next(block for block in view["blocks"] if block.get("block_id") == block_id)
    return str(block.get("hint", {}).get("text", ""))


@pytest.mark.requirement("FLP-5.1", "FLP-5.2", "TRUST-6", "SLK-4")
async def test_a_templates_form_is_filled_in_with_what_is_known_and_takes_no_secret(stage: Stage) -> None:
    luca, fatima = stage.person("luca"), stage.person("fatima")
    session, thread = await opened(stage, "Nothing prints at Acme, ticket 48213")
    with account_scope(stage.account.id):
        by = (await stage.application.services.accounts.members())[0]
        await stage.application.services.pilot.add_note(session.id, "The print server is print01.acme.local", by)
    await suggest(stage, session, "Restart the spooler", template="builtin:restart-print-spooler")
    lane = await luca.sees("Restart the spooler.*Fill in the script…", thread_ts=thread)
    await luca.clicks("Fill in the script…", lane)
    await fatima.clicks("Fill in the script…", lane)
    form, other = await modal_with(luca, "runs none"), await modal_with(fatima, "runs none")
    shown = blocks_text(form["blocks"])
    assert re.search(
        r"Changes settings.*Cancels print jobs.*Way back:.*people print them again.*runs none", shown, re.S
    )
    assert held(form, "value:print_server") == "print01.acme.local"
    assert "From fact F1" in hint(form, "value:print_server")
    typed = {"value:print_server": "a b; reboot", "value:printer": "ghp_abcdefghijklmnopqrstuvwxyz0123456789"}
    refused = (await luca.submits(form, **typed))["errors"]
    assert set(refused) == set(typed)
    assert "Use a host name" in refused["value:print_server"]
    assert "looks like a secret" in refused["value:printer"]
    assert "ghp_" not in str(refused)
    assert (await now(stage, session)).scripts == ()

    await luca.submits(form, **{"value:print_server": "print01.acme.local", "value:printer": "BADGE-01"})
    made = await fatima.sees(
        "Made from the template.*printer = .BADGE-01.*people print them again.*runs none", thread_ts=thread
    )
    assert re.search(r"print01\.acme\.local. _from fact F1_.*BADGE-01. _typed by Luca", visible_text(made), re.S)
    late = await fatima.submits(other, **{"value:print_server": "print02.acme.local", "value:printer": "BADGE-02"})
    assert "was filled in from a template by Luca Moretti already" in str(late["errors"])
    after = await now(stage, session)
    [script] = after.scripts
    assert (script.path, script.template_id) == ("template", "builtin:restart-print-spooler")
    assert after.fixes[-1].user_decision is FixDecision.TEMPLATE

    lane = await luca.sees("Decided: filled in from a template.*Fill in again", thread_ts=thread)
    await luca.clicks("Fill in again…", lane)
    form = await modal_with(luca, "runs none")
    await luca.submits(form, **{"value:printer": "BADGE-07"})
    await fatima.sees("Made from the template.*BADGE-07", thread_ts=thread)
    await luca.types("/pilot templates spooler")
    line = await luca.sees("Open….*Restart the print spooler")
    await luca.clicks("pilot.template", line)
    view = await modal_with(luca, "Filled in 2 times")
    assert "Comes with FlowPilot" in blocks_text(view["blocks"])


@pytest.mark.requirement("FLP-5.1", "FLP-5.2", "TRUST-6", "SLK-4", "SLK-5")
async def test_a_script_is_used_once_or_built_as_a_template_and_nothing_is_kept_before_that_is_confirmed(
    stage: Stage,
) -> None:
    luca, fatima = stage.person("luca"), stage.person("fatima")
    session, thread = await opened(stage, "The badge printer jams at Acme, ticket 48213")
    await suggest(stage, session, "Reset the queue", SCRIPT)
    lane = await luca.sees(
        r"Unknown risk.*Not known to FlowPilot: `Frob-Queue`.*Changes:.*Removes a printer.*Way back:.*Add-Printer",
        thread_ts=thread,
    )
    await luca.clicks("Build template…", lane)
    form = await modal_with(luca, "What people find it by")
    await fatima.clicks("Build template…", lane)
    other = await modal_with(fatima, "What people find it by")
    parameters = held(form, "parameters")
    assert held(form, "symptoms") == "The badge printer jams at Acme"
    assert "admin_password: secret # Admin password" in parameters
    assert "{{admin_password}}" in held(form, "body")
    services = stage.application.services
    with account_scope(stage.account.id):
        assert await services.template_drafts.pending_count() == 0
    assert (await now(stage, session)).fixes[0].user_decision is None
    taken = await luca.submits(form, name="Look at the certificate of a host")
    assert "already. Choose another name" in taken["errors"]["name"]
    assert "Line 1 has no type" in (await luca.submits(form, parameters="printer: thing"))["errors"]["parameters"]

    symptoms = "printer jams\n\n badge will not print "
    await luca.submits(form, name="Reset a badge printer", parameters=parameters, symptoms=symptoms)
    said = await fatima.sees("Built as a template by.*Reset a badge printer.*is a template now", thread_ts=thread)
    assert "Winter-2026x!" not in str(said)
    late = await fatima.submits(other, name="Reset a badge printer at Acme")
    assert "was built as a template by Luca Moretti already; nothing was changed now" in late["errors"]["name"]
    after = await now(stage, session)
    assert [each.path for each in after.scripts] == ["build_template"]
    with account_scope(stage.account.id):
        template = await services.script_templates.named("reset a badge printer")
        assert template is not None
        assert (template.source.session_id, template.source.ticket_ref) == (session.id, "connectwise:48213")
        assert template.symptoms == ("printer jams", "badge will not print")
        assert "Winter-2026x!" not in template.body

    await suggest(stage, session, "A longer repair", LONG_SCRIPT)
    lane = await luca.sees("A longer repair.*Use as one-off", thread_ts=thread)
    await asyncio.gather(luca.clicks("Use as one-off", lane), luca.clicks("Use as one-off", lane))
    used = await fatima.sees("A longer repair.*65 lines.*Used as a one-off by.*as a file", thread_ts=thread)
    await fatima.clicks("Show script", used)
    assert "Step 59" in str(await modal_with(fatima, "Step 59"))
    assert await files_named(fatima, thread, "a-longer-repair.ps1") == 1
    await luca.sees("A longer repair.*was used as a one-off by Luca Moretti already", thread_ts=thread)
    after = await now(stage, session)
    assert (after.fixes[1].user_decision, len(after.scripts)) == (FixDecision.ONE_OFF, 2)


@pytest.mark.requirement("FLP-6.1", "FLP-5.1", "SLK-4")
async def test_drafts_are_asked_about_after_resolving_until_a_team_wants_no_more(stage: Stage) -> None:
    luca, fatima = stage.person("luca"), stage.person("fatima")

    async def resolve(title: str) -> str:
        session, thread = await opened(stage, f"{title} at Acme")
        await suggest(stage, session, title, SCRIPT)
        lane = await luca.sees(f"Suggested fix.*{title}.*Use now, template later", thread_ts=thread)
        await luca.clicks("Use now, template later", lane)
        lane = await luca.sees("Decided: used", thread_ts=thread)
        await luca.clicks("Resolve…", lane)
        await luca.submits(await modal_with(luca, "kept with the session"))
        await luca.sees("Resolved\\* by", thread_ts=thread)
        return thread

    first = await resolve("Flush the queue")
    asked = await fatima.sees("become a template.*Flush the queue.*Don't ask again", thread_ts=first)
    await luca.types("/pilot templates")
    library = await luca.sees("script templates.*1 draft waits.*Flush the queue")
    await fatima.clicks("Look at it…", asked)
    form = await modal_with(fatima, "What people find it by")
    await fatima.submits(
        form, name="Flush any queue", parameters=held(form, "parameters").replace("Service", "Windows service")
    )
    await luca.sees("Flush any queue.*is a template now, saved by", thread_ts=first)
    await luca.clicks("Skip", library)
    await luca.sees("is a template already.*Retire the template instead")

    second = await resolve("Drain the queue")
    asked = await luca.sees("become a template.*Drain the queue.*Don't ask again", thread_ts=second)
    await luca.clicks("Don't ask again for this team", asked)
    await luca.sees("not asked again after resolving.*takes this back", thread_ts=second)
    third = await resolve("Purge the queue")
    await luca.types("/pilot settings")
    settings = await luca.sees(r"\*not\* asked whether.*\*Fixes\*: 3 used, and kept as a draft of a template\.")
    assert not [each for each in await luca.messages(WHERE, third) if "Don't ask again" in visible_text(each)]
    with account_scope(stage.account.id):
        assert (await stage.application.services.accounts.settings())["templatize_prompt_enabled"] is False
    await luca.clicks("Ask again", settings)
    await luca.sees("Don't ask.*team is asked whether")

    await luca.types("/pilot templates")
    library = await luca.sees("2 drafts wait.*Drain the queue.*Purge the queue")
    await luca.clicks("Skip", library)
    await luca.sees("Skipped by.*no template is made of.*Drain the queue.*1 draft waits.*Purge the queue")
    await luca.types("/pilot templates flush any")
    found = await luca.sees("1 script template\\* for “flush any”.*1 draft waits")
    await luca.clicks("pilot.template", found)
    view = await modal_with(luca, "Made of the session")
    assert re.search("Flush the queue at Acme.*Never filled in.*Windows service", blocks_text(view["blocks"]), re.S)
    await luca.clicks_in_view("Edit…", view)
    edit = await modal_with(luca, "What people find it by")
    await luca.submits(edit, name="Flush all queues")
    view = await modal_with(luca, "Flush all queues.*Retire")
    await luca.clicks_in_view("Retire", view)
    view = await modal_with(luca, "nobody is offered it")
    await luca.clicks_in_view("Restore", view)
    await modal_with(luca, "'Retire'")
