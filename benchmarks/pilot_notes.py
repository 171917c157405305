"""Whether notes say only what is recorded, and all of it, and how quick their previews are. JSON on standard output.

    python -m benchmarks.pilot_notes

Runs the sessions of `pilot_sessions/`, both kinds of note, through the rules and through four scripted models over HTTP
(the sandbox's Anthropic). The judge knows only the claims that were marked by hand. `as the model said it` judges the
models' answers before they are held against the record, to show what there is to catch and that the judge sees it.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from benchmarks.pilot_note_judge import Verdict, is_supported, judge
from benchmarks.pilot_note_models import MODELS
from benchmarks.pilot_note_previews import cached_preview_ms, note_of_500_facts_ms
from benchmarks.pilot_note_sessions import Case, Said, load_cases
from db.engine import Database
from db.migrate import upgrade
from db.tenancy import account_scope
from sandbox.models.scripts import Script
from sandbox.models.state import ModelState
from services.ai import AiTasks
from services.clock import utc_now
from services.pilot.notes import (
    Cites,
    Note,
    NoteKind,
    NoteWriter,
    Origin,
    adf,
    markdown,
    note_to_json,
    plain,
    slack_sections,
    write_note,
)
from services.settings import Settings
from tests.conftest import make_account
from tests.sandbox.models.running import model_sandbox

ROUNDS = 300
_LABELS = re.compile(r"(?:\s*\[(?:P|[FXSL]\d+)\])+$")


def read_note(note: Note) -> list[Said]:
    """Read a note's text as a person would: headings, lines, labels."""
    sentences: list[Said] = []
    heading = ""
    for line in plain(note, Cites.ALL).split("\n"):
        if line.startswith("- "):
            labels = _LABELS.search(line)
            cites = tuple(re.findall(r"\[([^\]]+)\]", labels[0])) if labels else ()
            sentences.append(Said(heading, _LABELS.sub("", line[2:]), cites))
        elif any(line == section.heading for section in note.sections):
            heading = line
    return sentences


def renderings(note: Note) -> list[str]:
    """Return everything that leaves a note."""
    documents = [json.dumps(adf(note), ensure_ascii=False), json.dumps(note_to_json(note), ensure_ascii=False)]
    slack = [section.text for section in slack_sections(note)]
    return [markdown(note, Cites.ALL), plain(note), *documents, *slack]


def judge_note(case: Case, note: Note) -> Verdict:
    """Judge a note as it reads."""
    return judge(read_note(note), case.expected, renderings(note))


def summary(verdicts: list[Verdict]) -> dict[str, Any]:
    """Add verdicts up."""
    facts = sum(verdict.facts for verdict in verdicts)
    return {
        "notes": len(verdicts),
        "sentences": sum(verdict.sentences for verdict in verdicts),
        "unsupported": sum(len(verdict.unsupported) for verdict in verdicts),
        "facts": facts,
        "omitted_share": round(sum(len(verdict.omitted) for verdict in verdicts) / facts, 4),
        "secrets_leaked": sum(len(verdict.leaked) for verdict in verdicts),
        "causes_missing": sum(verdict.cause_missing for verdict in verdicts),
    }


@asynccontextmanager
async def running_model() -> AsyncIterator[tuple[AiTasks, ModelState]]:
    """Yield AI tasks that talk to the sandbox's Anthropic."""
    async with model_sandbox() as (sandbox, url):
        with tempfile.TemporaryDirectory() as folder:
            database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'notes.sqlite'}")
            await upgrade(database)
            settings = Settings(
                _env_file=None,
                anthropic_api_key="sandbox-key",
                anthropic_base_url=f"{url}/anthropic",
                model_monthly_budget_usd=1_000_000,
            )
            ai = AiTasks(settings, database, utc_now)
            with account_scope(await make_account(database)):
                yield ai, sandbox.models
            await ai.close()
            await database.close()


async def by_models(cases: list[Case]) -> dict[str, Any]:
    """Write all notes by each scripted model."""
    report: dict[str, Any] = {}
    async with running_model() as (ai, state):
        writer = NoteWriter(ai)
        for name, script in MODELS.items():
            verdicts, raw, told, written = [], [], 0, 0
            for case in cases:
                for kind in NoteKind:
                    said = script(case, write_note(case.session, kind))
                    answer = [{"section": each.section, "text": each.text, "cites": list(each.cites)} for each in said]
                    scripted = Script(when=[r"Task: pilot\.note"], steps=[{"answer": {"sentences": answer}}])
                    state.add_script(scripted)
                    note = await writer.write(case.session, kind)
                    state.scripts.remove(scripted)
                    verdicts.append(judge_note(case, note))
                    raw.append(judge(said, case.expected, [each.text for each in said]))
                    told += sum(each.origin is Origin.MODEL for _, each in note.all_sentences())
                    written += len(list(note.all_sentences()))
            shares = {"sentences_of_the_model": round(told / written, 3)}
            report[name] = summary(verdicts) | shares | {"as the model said it": summary(raw)}
    return report


async def preview_times(cases: list[Case]) -> dict[str, float]:
    """Return milliseconds of a note by rules, of one of 500 facts, and of previews with the version in SQLite."""
    writing = [_milliseconds(partial(write_note, case.session, NoteKind.RESOLUTION)) for case in cases]
    return {
        "written_again_by_rules_ms_median": round(statistics.median(writing), 3),
        "written_by_rules_500_facts_ms": round(note_of_500_facts_ms(), 1),
        **await cached_preview_ms(ROUNDS),
    }


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


async def main() -> None:
    """Print the report."""
    # standard output is for the report
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    cases = load_cases()
    rules = [judge_note(case, write_note(case.session, kind)) for case in cases for kind in NoteKind]
    bad = [(case, said) for case in cases for said in case.expected.bad]
    report = {
        "benchmark": "pilot_notes",
        "sessions": len(cases),
        "bad_sentences_marked_by_hand": len(bad),
        "of_these_the_judge_refuses": sum(not is_supported(said, case.expected) for case, said in bad),
        "rules": summary(rules),
        "models": await by_models(cases),
        "previews": await preview_times(cases),
    }
    print(json.dumps(report, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    asyncio.run(main())
