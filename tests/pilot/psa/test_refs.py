"""Tickets as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InvalidInputError, NotConfiguredError
from services.pilot.psa import PsaProviders
from services.pilot.psa.refs import read_ref, refs_in, without_ref
from services.pilot.types import TicketRef
from tests.pilot.psa.conftest import Homes

SCREEN = "https://na.myconnectwise.net/v4_6_release/services/system_io/Service/fv_sr100_request.rails"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("48213", ("connectwise", "48213")),
        (" #48213 ", ("connectwise", "48213")),
        ("CW-48213", ("connectwise", "48213")),
        ("cw48213", ("connectwise", "48213")),
        ("abc-12", ("jira", "ABC-12")),
        (f"<{SCREEN}?service_recid=48213&amp;x=1|the ticket>", ("connectwise", "48213")),
        ("https://acme.atlassian.net/browse/ABC-12", ("jira", "ABC-12")),
        ("https://[server]/browse/ABC-12", None),
        ("0", None),
        ("-5", None),
        ("48213 please", None),
        ("٤٨٢١٣", None),
        ("https://evil.test/browse/../x", None),
        ("", None),
    ],
)
def test_a_ticket_is_read_by_its_form(typed: str, found: tuple[str, str] | None) -> None:
    assert read_ref(typed, has_connectwise=True, home="connectwise") == found


def test_where_jira_is_the_home_its_project_cw_is_meant() -> None:
    assert read_ref("CW-12", has_connectwise=True, home="jira") == ("jira", "CW-12")
    assert read_ref("CW-12", has_connectwise=False, home="connectwise") == ("jira", "CW-12")
    assert read_ref("12", has_connectwise=True, home="jira") == ("connectwise", "12")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Outlook keeps asking for the password at Acme, ticket 48213", [("connectwise", "48213")]),
        ("see #48213 (or SHOP-12), case no. 7", [("connectwise", "48213"), ("jira", "SHOP-12"), ("connectwise", "7")]),
        (f"{SCREEN}?service_recid=48213.", [("connectwise", "48213")]),
        ("Error 1603 on 3 of 12 PCs with Office 365, KB5034441", []),
        ("room #4, ticketing 12, &#48213;", []),
        ("ticket #48213 and again ticket 48213", [("connectwise", "48213")]),
    ],
)
def test_a_text_names_a_ticket_only_where_it_says_so(text: str, found: list[tuple[str, str]]) -> None:
    assert refs_in(text, has_connectwise=True, home="connectwise") == found


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Outlook keeps asking at Acme, ticket 48213", "Outlook keeps asking at Acme"),
        ("Ticket 48213: Outlook asks", "Outlook asks"),
        ("Outlook (#48213) asks", "Outlook asks"),
        ("VPN drops, see CW-48213.", "VPN drops"),
        ("Who took ticket 48213 away?", "Who took ticket 48213 away?"),
        ("Outlook asks, ticket 48214", "Outlook asks, ticket 48214"),
        ("ticket 48213", "ticket 48213"),
    ],
)
def test_a_line_loses_the_ticket_at_its_ends_and_nothing_else(text: str, left: str) -> None:
    assert without_ref(text, "connectwise", "48213") == left


@given(st.text(max_size=60))
def test_any_text_can_be_looked_through(text: str) -> None:
    for name, ticket_id in refs_in(text, has_connectwise=True, home="connectwise"):
        assert (name, ticket_id) == read_ref(ticket_id, has_connectwise=True, home="connectwise")


async def test_a_ticket_is_looked_for_where_it_can_be(homes: Homes) -> None:
    providers = homes.providers
    assert await providers.read("#48213") == TicketRef("connectwise", "48213")
    assert (await providers.linked("48213")).company == "Acme Corp"
    assert await providers.mentioned("at Acme, ticket 48213") == TicketRef("connectwise", "48213")
    assert await providers.mentioned("no ticket") is None
    homes.setting[0] = "jira"
    assert await providers.read("CW-1") == TicketRef("jira", "CW-1")
    assert [ticket.provider for ticket in await providers.search("outlook")] == ["jira", "connectwise"]
    with pytest.raises(InvalidInputError, match="is not a ticket"):
        await providers.read("the printer <!channel>")

    async def automatic() -> str | None:
        return None

    only_jira = PsaProviders([providers.provider("jira")], automatic)
    assert await only_jira.home() == "jira"
    assert await only_jira.mentioned("ticket 48213") is None
    with pytest.raises(NotConfiguredError, match="not connected"):
        await only_jira.read("48213")
    with pytest.raises(NotConfiguredError):
        only_jira.provider("connectwise")
