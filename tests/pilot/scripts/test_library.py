"""Templates are found, saved with where they come from, filled in and retired; drafts become templates or do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db.engine import Database
from db.tenancy import account_scope
from services.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from services.pilot.scripts.drafts import PROMPT_SETTING
from services.pilot.scripts.types import Language, Parameter, ParameterType, Provenance, Risk, TemplateDraft
from services.pilot.types import FixDecision, NewFix, Session, TicketRef
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
    assert (found[0].template.id, found[0].reason) == (saved.id, "both speak of frobnicator, blue")
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


async def resolved(workshop: Workshop, decision: FixDecision = FixDecision.DRAFT_TEMPLATE) -> Session:
    """A session with a script whose fix was decided on, with its draft, resolved."""
    sessions, alice = workshop.sessions, workshop.alice
    session = await sessions.open("Nothing prints", alice, ticket=TicketRef("connectwise", "48213"))
    fix = NewFix("Restart cups", "", script_language="bash", script_body=SCRIPT)
    session = await sessions.suggest_fix(session.id, fix)
    assert session.active_fix is not None
    session = await sessions.decide_fix(session.id, session.active_fix.id, decision, alice)
    assert session.active_fix is not None
    draft = await workshop.drafts.keep(session, session.active_fix)
    assert await workshop.drafts.keep(session, session.active_fix) == draft
    assert "Winter-2026x!" not in draft.body
    assert await workshop.drafts.to_ask_about(session) == []
    return await sessions.resolve(session.id, alice)


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

    edited = TemplateDraft("Restart printing", draft.language, draft.body, draft.parameters, "Edited.")
    template = await drafts.accept(draft.id, alice, edited)
    assert template.source == Provenance(first.id, alice.id, "connectwise:48213")
    assert (template.name, template.description) == ("Restart printing", "Edited.")
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

    third = await resolved(workshop, FixDecision.ONE_OFF)
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
async def test_a_script_can_be_built_as_a_template_at_once(workshop: Workshop) -> None:
    session = await resolved(workshop, FixDecision.BUILD_TEMPLATE)
    [fix] = session.fixes
    template = await workshop.drafts.build(session, fix, workshop.alice, DRAFT)
    assert template.source == Provenance(session.id, workshop.alice.id, "connectwise:48213")
    for broken in (replace(fix, script_body=""), replace(fix, script_language="perl")):
        with pytest.raises(InvalidInputError):
            await workshop.drafts.keep(session, broken)
