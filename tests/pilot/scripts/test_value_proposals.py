"""A model finds values that rules did not; none is taken that stands nowhere in what is known."""

from __future__ import annotations

import pytest

from db.engine import Database
from sandbox.models.scripts import Script
from services.ai import AiTasks
from services.ai.tasks.script_values import (
    ProposedValue,
    ScriptValues,
    ScriptValuesInput,
    WantedValue,
    problem_with,
)
from services.pilot.scripts.builtin import builtin_templates
from services.pilot.scripts.prefill import prefill, sources_of
from services.pilot.scripts.value_proposals import proposed_values
from services.settings import Settings
from tests.pilot.scripts.conftest import NOW
from tests.pilot.scripts.test_prefill import session
from tests.sandbox.models.running import model_sandbox

KNOWN = session("BADGE-01 is stuck in Windows", "The print server is print01.acme.local", problem="nobody prints")
SPOOLER = next(each for each in builtin_templates() if each.id == "builtin:restart-print-spooler")


@pytest.mark.requirement("FLP-5.1")
async def test_what_rules_leave_open_a_model_proposes_and_the_form_says_so(database: Database, in_account: str) -> None:
    fields = prefill(SPOOLER.parameters, KNOWN)
    assert [each.chosen.value if each.chosen else None for each in fields] == ["print01.acme.local", None]
    async with model_sandbox() as (sandbox, url):
        answer = {"values": [{"name": "printer", "value": "BADGE-01"}]}
        sandbox.models.add_script(Script(when=["print spooler"], steps=[{"answer": answer}]))
        settings = Settings(_env_file=None, anthropic_api_key="sandbox-key", anthropic_base_url=f"{url}/anthropic")
        ai = AiTasks(settings, database, lambda: NOW)
        proposed = await proposed_values(ai, SPOOLER, KNOWN, fields)
        await ai.close()
    fields = prefill(SPOOLER.parameters, KNOWN, proposed=proposed)
    assert [each.chosen.words for each in fields if each.chosen] == ["from fact F2", "proposed, stands in F1"]
    sources = sources_of(fields, {"print_server": "print02", "printer": "BADGE-01"}, typed="typed by Luca")
    assert sources == {"print_server": "typed by Luca", "printer": "proposed, stands in F1"}


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ([("printer", "badge-01")], ""),
        ([("printer", "BADGE-02")], "stands nowhere"),
        ([("other", "BADGE-01")], "must name fields"),
        ([("printer", "BADGE-01"), ("printer", "BADGE-01")], "at most once"),
        ([("printer", " ")], "is empty"),
    ],
)
def test_values_that_are_made_up_are_refused(values: list[tuple[str, str]], problem: str) -> None:
    wanted = (WantedValue(name="printer", type="text", label="Printer"),)
    data = ScriptValuesInput(script="Restart", wanted=wanted, known={"F1": "BADGE-01 is stuck"})
    given = ScriptValues(values=[ProposedValue(name=name, value=value) for name, value in values])
    found = problem_with(data, given)
    assert problem in found
    assert bool(found) is bool(problem)
