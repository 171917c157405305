"""The help desk that the people of the Endpoint team also run: customers, boards and tickets in ConnectWise."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from sandbox.connectwise.model import Contact, Ticket
from sandbox.connectwise.state import ConnectWiseState
from sandbox.core import Sandbox
from sandbox.world.clock import Calendar
from sandbox.world.people import Story, World

PLAN = Path(__file__).with_name("psa.yml")
OUTLOOK, OTHER_BOARD = 48213, 48198
HELP_DESK = ("New", "In Progress", "Waiting on client", "Escalated", "Resolved", "Closed")
NETWORK_OPERATIONS = ("Unassigned", "Investigating", "Vendor case open", "Monitoring", "Restored")
Json = dict[str, Any]


def make_psa(sandbox: Sandbox, world: World, calendar: Calendar) -> list[Story]:
    """Fill ConnectWise; return what is worth finding in it."""
    state = sandbox.connectwise
    plan = yaml.safe_load(PLAN.read_text())
    contacts = {each["name"]: _customer(state, each) for each in plan["companies"]}
    for person in world.people:
        if person.team == "Endpoint":
            first_name, _, last_name = person.name.partition(" ")
            state.add_member(person.key, first_name, last_name, person.email)
    boards = {
        "desk": state.add_board("Help Desk", *HELP_DESK, closed=("Closed",), inactive=("Pending (old)",)),
        "network": state.add_board("Network Operations", *NETWORK_OPERATIONS, closed=("Restored",)),
    }
    for each in plan["tickets"]:
        at, contact = each["at"], contacts[each["at"]["company"]]
        ticket = state.add_ticket(
            boards[at["board"]],
            contact.company,
            each["summary"],
            number=each["number"],
            status=at["status"],
            contact=contact,
            owner=state.member(each["owner"]) if "owner" in each else None,
            priority=at["priority"],
            entered=calendar.now - timedelta(days=each["days_ago"]),
            by=contact.name,
        )
        for note in each.get("notes", []):
            _note(state, calendar, world, ticket, note)
    return [
        _story(
            state.ticket(OUTLOOK),
            "outlook-password",
            "Outlook keeps asking for the password at Acme Corp: begin with /pilot",
        ),
        _story(
            state.ticket(OTHER_BOARD),
            "other-board",
            "A ticket of another board does not take the help desk's statuses",
        ),
    ]


def _customer(state: ConnectWiseState, plan: Json) -> Contact:
    """Add a customer and its people; return who calls."""
    company = state.add_company(plan["identifier"], plan["name"])
    caller, *_ = [state.add_contact(company, name) for name in plan["contacts"]]
    return caller


def _note(state: ConnectWiseState, calendar: Calendar, world: World, ticket: Ticket, plan: Json) -> None:
    name = ticket.contact.name if plan["by"] == "client" and ticket.contact else world.person(plan["by"]).name
    note = state.add_note(ticket, plan["text"], [plan["kind"]], by=name)
    note.created = ticket.updated = calendar.now - timedelta(days=plan["days_ago"])


def _story(ticket: Ticket, story_id: str, what: str) -> Story:
    facts = {
        "ticket": ticket.id,
        "board": ticket.board.name,
        "status": ticket.status.name,
        "company": ticket.company.name,
    }
    return Story(story_id, "pilot", what, f"ConnectWise #{ticket.id}", facts)
