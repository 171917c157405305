"""What is like the problem is shown with why, from the first message on, of the own account only."""

from __future__ import annotations

import pytest

from db.engine import Database
from db.tenancy import account_scope
from services.accounts.types import Role
from services.pilot.types import NewFix, Session
from tests.conftest import make_account
from tests.pilot.talking.conftest import Talk
from tests.tickets.conftest import add_member


async def resolved(talk: Talk, problem: str, cause: str) -> Session:
    """Resolve a session on `problem`."""
    session = await talk.sessions.open(problem, talk.alice)
    await talk.sessions.suggest_fix(session.id, NewFix("The fix", "Do it", cause))
    return await talk.sessions.resolve(session.id, talk.alice)


@pytest.mark.requirement("FLP-7.2")
async def test_resolved_sessions_and_templates_are_suggested_from_the_first_message_on(
    talk: Talk, database: Database
) -> None:
    old = await resolved(talk, "Outlook asks for the password again and again at Acme", "An old password was saved")
    await resolved(talk, "The scanner sends blurry documents", "Dust")
    session = await talk.sessions.open("Outlook keeps asking for a password", talk.alice)
    told = await talk.said(session.id, session.problem)
    assert "An old password was saved" in told
    assert "Clear saved Office passwords of a user" in told
    found = await talk.talks.similar(session.id)
    assert [each.case.session_id for each in found.cases] == [old.id]
    assert found.cases[0].reason == found.templates[0].reason == "both mention Outlook and password"
    assert f"(because {found.cases[0].reason})" in told

    newer = await resolved(talk, "Outlook wants a password all the time", "The account was locked")
    assert {each.case.session_id for each in (await talk.talks.similar(session.id)).cases} == {old.id, newer.id}
    await talk.sessions.reopen(old.id, talk.alice)
    assert [each.case.session_id for each in (await talk.talks.similar(session.id)).cases] == [newer.id]

    with account_scope(await make_account(database, "acc_other", "T0OTHER")):
        stranger = await add_member(database, "Stan", Role.ENGINEER, None)
        theirs = await talk.sessions.open("Outlook keeps asking for a password", stranger)
        assert (await talk.talks.similar(theirs.id)).cases == ()
