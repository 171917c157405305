"""Templates are found, saved with where they come from, filled in and retired; drafts become templates or do not."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from db.engine import Database
from db.tenancy import account_scope
from services.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from services.pilot.scripts.drafts import PROMPT_SETTING
from services.pilot.scripts.library import NameTakenError
from services.pilot.scripts.paths import Taken
from services.pilot.scripts.types import Language, Parameter, ParameterType, Provenance, Risk, TemplateDraft
from services.pilot.scripts.values import InvalidValuesError
from services.pilot.types import FixDecision, NewFix, Session, SuggestedFix, TicketRef
from tests.conftest import make_account
from tests.pilot.scripts.conftest import Workshop

SCRIPT = 'HOST=print01.acme.local\nPASSWORD="Winter-2026x!"\nssh "$HOST" uptime\nsudo systemctl restart cups\n'
DRAFT = TemplateDraft(
    "Restart cups  on a host",
    Language.BASH,
    "host={{host}}\nsudo systemctl restart cups\n",
    (Parameter("host", ParameterType.HOST),),
    symptoms=("frobnicator is blue",),
)


@pytest.mark.requirement("FLP-5.1", "TRUST-6")
async def test_a_template_is_saved_found_filled_in_changed_and_retired(workshop: Workshop) -> None:
    library, alice = workshop.library, workshop.alice
    saved = await library.create(DRAFT, alice)
    assert (saved.name, saved.risk, saved.changes) == (
        "Restart cups on a host",
        Risk.CHANGES,
        "Restarts cups (line 2).",
    )
    assert (await library.get(saved.id)) == saved
    found = await library.search("the frobnicator turned blue again")
    assert (found[0].template.id, found[0].reason) == (saved.id, "both mention the frobnicator and blue")
    assert await library.search("coffee machine") == []
    assert (await library.named("restart CUPS on a host")) == saved

    script = await library.generate(saved.id, {"host": "srv01"}, {"host": "fact F3"})
    assert script.body == "host=srv01\nsudo systemctl restart cups\n"
    expected = {
        "name": "host",
        "label": "Host",
        "type": "host",
        "value": "srv01",
        "source": "fact F3",
        "sensitive": False,
    }
    assert script.parameters == (expected,)
    with pytest.raises(InvalidInputError, match="Host"):
        await library.generate(saved.id, {"host": "a; rm -rf /"})

    for name in (saved.name.upper(), "Look at the certificate of a host"):
        with pytest.raises(ConflictError):
            await library.create(replace(DRAFT, name=name), alice)
    with pytest.raises(NotAllowedError):
        await library.create(replace(DRAFT, name="Other"), workshop.vera)
    changed = await library.update(saved.id, replace(DRAFT, body="echo {{host}}\n"), alice)
    assert (changed.risk, changed.source) == (Risk.READ_ONLY, Provenance(member_id=alice.id))

    await library.retire(saved.id, alice)
    await library.retire("builtin:sync-time", alice)
    assert not {saved.id, "builtin:sync-time"} & {each.id for each in await library.templates()}
    with pytest.raises(ConflictError, match="retired"):
        await library.generate(saved.id, {"host": "srv01"})
    await library.restore("builtin:sync-time", alice)
    assert "builtin:sync-time" in {each.id for each in await library.templates()}
    with pytest.raises(InvalidInputError, match="comes with FlowPilot"):
        await library.update("builtin:sync-time", DRAFT, alice)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"body": "{{host}} --now"}, "which command"),
        ({"body": "echo '{{host}}"}, "not closed"),
        ({"body": "ls"}, "does not use"),
        ({"body": "echo {{host}}\nTOKEN=ghp_abcdefghijklmnopqrstuvwxyz0123456789"}, "Line 2 .* secret"),
        ({"name": " "}, "name"),
        ({"parameters": (Parameter("Host", ParameterType.HOST),)}, "no name of a parameter"),
        ({"parameters": (Parameter("host", ParameterType.NUMBER, default="x"),)}, "cannot be"),
        ({"parameters": (Parameter("host", ParameterType.CHOICE, options=("a",)),)}, "two options"),
    ],
)
def test_a_template_that_cannot_work_is_not_saved(change: dict[str, object], match: str) -> None:
    from services.pilot.scripts.checking import checked

    with pytest.raises(InvalidInputError, match=match):
        checked(replace(DRAFT, **change))  # type: ignore[arg-type]


async def suggested(workshop: Workshop, script: str = SCRIPT) -> tuple[Session, SuggestedFix]:
    """A session on a ticket, with a fix that has a script."""
    sessions, alice = workshop.sessions, workshop.alice
    session = await sessions.open("Nothing prints", alice, ticket=TicketRef("connectwise", "48213"))
    fix = NewFix("Restart cups", "Wakes  the queue.", script_language="bash", script_body=script)
    session = await sessions.suggest_fix(session.id, fix)
    assert session.active_fix is not None
    return session, session.active_fix


async def resolved(workshop: Workshop, *, with_draft: bool = True) -> Session:
    """A session whose script was used, with a draft or as a one-off, resolved."""
    session, fix = await suggested(workshop)
    use = workshop.paths.use_and_draft if with_draft else workshop.paths.use_once
    taken = await use(session.id, fix.id, workshop.alice)
    assert taken.script is not None
    assert taken.script.fix_id == fix.id
    if taken.draft is not None:
        assert "Winter-2026x!" not in taken.draft.body
    assert await workshop.drafts.to_ask_about(taken.session) == []
    return await workshop.sessions.resolve(session.id, workshop.alice)


@pytest.mark.requirement("FLP-6.1", "FLP-5.2")
async def test_drafts_become_templates_with_provenance_or_are_skipped_or_not_asked_about(
    workshop: Workshop, database: Database
) -> None:
    drafts, alice = workshop.drafts, workshop.alice
    first, second = await resolved(workshop), await resolved(workshop)
    [draft], [other] = await drafts.to_ask_about(first), await drafts.to_ask_about(second)
    assert await drafts.pending_count() == 2
    with pytest.raises(NotAllowedError):
        await drafts.accept(draft.id, workshop.vera)

    assert (draft.template.description, draft.template.symptoms) == ("Wakes the queue.", (first.title,))
    edited = replace(draft.template, name="Restart printing", description="Edited.")
    template = await drafts.accept(draft.id, alice, edited)
    assert template.source == Provenance(first.id, alice.id, "connectwise:48213")
    assert (template.name, template.description, template.symptoms) == ("Restart printing", "Edited.", (first.title,))
    assert {each.name: each.type.value for each in template.parameters} == {"host": "host", "password": "secret"}
    assert await drafts.accept(draft.id, alice) == template
    with pytest.raises(ConflictError):
        await drafts.reject(draft.id, alice)

    before = len(await workshop.library.templates())
    assert (await drafts.reject(other.id, alice)).status == "rejected"
    assert (await drafts.reject(other.id, alice)).status == "rejected"
    with pytest.raises(ConflictError):
        await drafts.accept(other.id, alice)
    assert (len(await workshop.library.templates()), await drafts.pending_count()) == (before, 0)

    third = await resolved(workshop, with_draft=False)
    assert await drafts.to_ask_about(third) == []
    assert await workshop.accounts.get_setting(PROMPT_SETTING, True) is True
    await drafts.stop_asking(alice)
    assert (await workshop.accounts.settings())[PROMPT_SETTING] is False
    assert await drafts.to_ask_about(await resolved(workshop)) == []

    with account_scope(await make_account(database, "acc_other", "T0OTHER")):
        assert (await drafts.pending_count(), await drafts.pending()) == (0, [])
        for ask in (drafts.accept(draft.id, alice), workshop.library.get(template.id)):
            with pytest.raises(NotFoundError):
                await ask
        assert await drafts.to_ask_about(first) == []


@pytest.mark.requirement("FLP-5.1")
async def test_building_a_template_is_one_operation_that_leaves_all_or_nothing(workshop: Workshop) -> None:
    session, fix = await suggested(workshop)
    proposal = await workshop.drafts.propose(fix, session.id)
    assert (await workshop.drafts.pending_count(), len((await workshop.sessions.get(session.id)).scripts)) == (0, 0)
    broken = replace(proposal.draft, body="{{host}} --now")
    with pytest.raises(InvalidInputError):
        await workshop.paths.build(session.id, fix.id, workshop.alice, broken)
    untouched = await workshop.sessions.get(session.id)
    assert (untouched.fixes[0].user_decision, untouched.scripts) == (None, ())

    taken = await workshop.paths.build(session.id, fix.id, workshop.alice, proposal.draft)
    assert taken.template is not None
    assert taken.template.source == Provenance(session.id, workshop.alice.id, "connectwise:48213")
    assert taken.fix.user_decision is FixDecision.BUILD_TEMPLATE
    assert [(each.path, each.fix_id) for each in taken.session.scripts] == [("build_template", fix.id)]
    with pytest.raises(ConflictError, match="built as a template by Alice Ames already"):
        await workshop.paths.build(session.id, fix.id, workshop.alice, proposal.draft)
    assert await workshop.drafts.pending_count() == 0

    session, fix = await suggested(workshop)
    with pytest.raises(NameTakenError):
        await workshop.library.check(proposal.draft)
    assert await workshop.library.free_name("restart cups") == "restart cups (2)"
    again = await workshop.paths.build(session.id, fix.id, workshop.alice, proposal.draft)
    assert again.template is not None
    assert again.template.name == "Restart cups (2)"
    for script, language in (("", "bash"), (SCRIPT, "perl"), ("echo 'never closed", "bash")):
        with pytest.raises(InvalidInputError):
            await workshop.drafts.propose(replace(fix, script_body=script, script_language=language), "")


@pytest.mark.requirement("FLP-5.1", "SLK-4")
async def test_of_two_who_decide_at_once_the_first_does_and_the_other_is_told_who(workshop: Workshop) -> None:
    session, fix = await suggested(workshop)
    paths, alice = workshop.paths, workshop.alice
    bob = replace(alice, display_name="Bob")
    results = await asyncio.gather(
        paths.use_and_draft(session.id, fix.id, alice),
        paths.use_and_draft(session.id, fix.id, bob),
        paths.use_once(session.id, fix.id, bob),
        paths.dismiss(session.id, fix.id, bob),
        return_exceptions=True,
    )
    late = [str(each) for each in results if isinstance(each, ConflictError)]
    assert len(late) == 3
    assert all("by Alice Ames already; nothing was changed now" in each for each in late)
    after = await workshop.sessions.get(session.id)
    assert len(after.scripts) == (0 if after.fixes[0].user_decision is FixDecision.DISMISSED else 1)
    is_draft = after.fixes[0].user_decision is FixDecision.DRAFT_TEMPLATE
    assert await workshop.drafts.pending_count() == int(is_draft)


@pytest.mark.requirement("FLP-5.1", "FLP-5.2")
async def test_a_template_is_filled_in_again_only_by_somebody_who_saw_its_script(workshop: Workshop) -> None:
    template = await workshop.library.create(DRAFT, workshop.alice)
    session = await workshop.sessions.open("Nothing prints", workshop.alice)
    session = await workshop.sessions.suggest_fix(session.id, NewFix("Restart cups", "", template_id=template.id))
    [fix], opened_at = session.fixes, session.state_version

    async def fill(host: str, seen: int) -> Taken:
        sources = {"host": "from fact F1"}
        return await workshop.paths.fill(session.id, fix.id, workshop.alice, template.id, {"host": host}, sources, seen)

    with pytest.raises(InvalidValuesError) as wrong:
        await fill("a b; reboot", opened_at)
    assert set(wrong.value.problems) == {"host"}
    first = await fill("print01", opened_at)
    assert first.script is not None
    assert (first.script.path, first.script.template_id, first.script.parameters[0]["source"]) == (
        "template",
        template.id,
        "from fact F1",
    )
    with pytest.raises(ConflictError, match="already; nothing was changed"):
        await fill("print02", opened_at)
    second = await fill("print02", first.session.state_version)
    assert [each.body for each in second.session.scripts] == [
        "host=print01\nsudo systemctl restart cups\n",
        "host=print02\nsudo systemctl restart cups\n",
    ]
    assert (await workshop.library.usage(template.id)).count == 2
