"""Two troubleshooting sessions as people have them in Slack, without a model: one resolved, one handed on."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from application.demo_check.report import HERE, Report, expect, expect_in
from sandbox.client import LOOK_EVERY_S, PATIENCE_S, Message, Person, SandboxClient, SandboxError, visible_text

WHERE = "#general"
PROBLEM, TICKET = "Outlook keeps asking for the password at Acme", 48213
SPEAKS_FOR_AN_OLD_PASSWORD = ("Works", "Modern window", "Not locked", "Only this machine", "Yes")
HANDED_ON, OTHER_TICKET = "VPN drops every ten minutes at Halcyon", 48209
OBSERVED = "It drops on the guest Wi-Fi of the third floor only"
TEMPLATE, FILL_IN = "Clear saved Office passwords of a user", "Fill in the script…"
MOST_QUESTIONS = 6
FACT = re.compile(r"`(F\d+)` (.+?)  _")
LITTLE_WORDS = frozenset({"a", "an", "and", "are", "did", "does", "is", "it", "that", "the", "was", "were"})
"""What a fact may say beyond the words of question and answer."""


async def sessions(report: Report, client: SandboxClient) -> None:
    """Resolve a ticket and escalate another; what is said of them is read back in ConnectWise itself."""
    priya = client.person("priya")
    budget = ""

    async def switch_off() -> dict[str, Any]:
        nonlocal budget
        budget = await _set_budget(priya, "0")
        return {"budget_was": budget}

    async def switch_on() -> dict[str, Any]:
        return {"budget_was": await _set_budget(priya, budget), "budget": budget}

    await report.step("without a budget models are not asked", switch_off)
    await report.step("a problem is worked in a thread and its ticket resolved", lambda: _resolved(client))
    await report.step("a problem is handed on with what is known", lambda: _escalated(client))
    await report.step("models have their budget again", switch_on)


async def _set_budget(admin: Person, dollars: str) -> str:
    """Set what models may cost a month, and return what it was: without any, rules lead the conversation."""
    await admin.types("/flowpilot settings", HERE)
    view = await _form(admin, "model_monthly_budget_usd")
    block = next(each for each in view["blocks"] if each.get("block_id") == "model_monthly_budget_usd")
    was = str(block["element"].get("initial_value", ""))
    await admin.submits(view, model_monthly_budget_usd=dollars)
    await admin.sees(r"Saved", HERE)
    return was


async def _form(person: Person, words: str) -> Message:
    """Wait until the form shows what is looked for, in the place of the hourglass."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            view = await person.modal()
            if words in str(view["blocks"]):
                return view
            await asyncio.sleep(LOOK_EVERY_S)


async def _opened(person: Person, problem: str, ticket: int) -> str:
    """Open a session and return its thread."""
    await person.types(f"/pilot {problem}, ticket {ticket}", WHERE)
    root = await person.sees(rf"{problem}.*{ticket}.*opened by", WHERE)
    return str(root["ts"])


async def _resolved(client: SandboxClient) -> dict[str, Any]:
    luca = client.person("luca")
    thread = await _opened(luca, PROBLEM, TICKET)
    answered, lane = await _answer_all(luca, thread)
    facts = dict(FACT.findall(visible_text(lane)))
    expect(len(facts), len(answered), "facts of as many answers")
    for text, (question, answer) in zip(facts.values(), answered, strict=True):
        said = _words(f"{question} {answer}") | LITTLE_WORDS
        expect(sorted(_words(text) - said), [], f"what {text!r} says beyond {question!r}: {answer!r}")
    await luca.clicks(FILL_IN, lane, WHERE)
    await luca.submits(await _form(luca, TEMPLATE))
    lane = await luca.sees("Decided: filled in from a template", WHERE, thread_ts=thread)
    await luca.clicks("Resolve…", lane, WHERE)
    await luca.submits(await _form(luca, "Status of the ticket"), status=_chosen("Resolved"))
    await luca.sees(r"Resolved\* by .*read back", WHERE, thread_ts=thread)
    note = await _note_of(client, TICKET, "Resolved", "What we confirmed")
    for number, text in facts.items():
        expect_in(text.rstrip("."), note)
        expect_in(number, note)
    return {"ticket": TICKET, "facts": list(facts.values()), "note": note[:200]}


async def _answer_all(person: Person, thread: str) -> tuple[list[tuple[str, str]], Message]:
    """Answer by the lane's buttons until it proposes a fix; return what was asked and answered, and the lane."""
    answered: list[tuple[str, str]] = []
    lane = await person.sees("Task lane.*• ", WHERE, thread_ts=thread)
    while FILL_IN not in visible_text(lane):
        if len(answered) == MOST_QUESTIONS:
            raise SandboxError(f"no fix after {answered}")
        question, option, action_id = _asked(lane)
        await person.clicks(action_id, lane, WHERE)
        answered.append((question, option))
        lane = await person.sees(rf"`F{len(answered)}`.*(• |{FILL_IN})", WHERE, thread_ts=thread)
    return answered, lane


def _asked(lane: Message) -> tuple[str, str, str]:
    """Return what the lane asks, the answer that speaks for an old password, and the button under it that says so."""
    question, offered = "", []
    for block in lane["blocks"]:
        if str((block.get("accessory") or {}).get("action_id", "")).startswith("pilot.item"):
            question = block["text"]["text"].removeprefix("• ").splitlines()[0]
        for element in block.get("elements", []):
            if str(element.get("action_id", "")).startswith("pilot.item"):
                offered.append(element["text"]["text"])
                if offered[-1] in SPEAKS_FOR_AN_OLD_PASSWORD:
                    return question, offered[-1], element["action_id"]
    raise SandboxError(f"none of the answers is known: {offered}" if offered else "the lane offers no answers")


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))


def _chosen(status: str) -> Message:
    return {"selected_option": {"text": {"type": "plain_text", "text": status}, "value": f"to:{status}"}}


async def _note_of(client: SandboxClient, number: int, status: str, heading: str) -> str:
    """Return the one note with that heading that ConnectWise has of a ticket, which must be in that status."""
    ticket = await client.get(f"connectwise/ticket/{number}")
    expect(ticket["status"], status, f"status of {number}")
    notes = [note for note in ticket["notes"] if heading in note["text"]]
    expect([note["author"] for note in notes], ["FlowPilot"], f"notes of {number} with {heading!r}")
    return str(notes[0]["text"])


async def _escalated(client: SandboxClient) -> dict[str, Any]:
    fatima = client.person("fatima")
    thread = await _opened(fatima, HANDED_ON, OTHER_TICKET)
    lane = await fatima.sees("Task lane.*Add a note", WHERE, thread_ts=thread)
    await fatima.clicks("Add a note", lane, WHERE)
    await fatima.submits(await fatima.modal(), text=OBSERVED)
    lane = await fatima.sees(f"`F1`.*{OBSERVED}", WHERE, thread_ts=thread)
    await fatima.clicks("Escalate…", lane, WHERE)
    await fatima.submits(await _form(fatima, "Status of the ticket"), status=_chosen("Escalated"))
    await fatima.sees(r"Escalated\* by .*is .*Escalated.* now", WHERE, thread_ts=thread)
    note = await _note_of(client, OTHER_TICKET, "Escalated", "What we've tried")
    expect_in(OBSERVED, note)
    return {"ticket": OTHER_TICKET, "note": note[:200]}
