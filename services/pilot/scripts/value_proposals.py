"""Let a model look for values that rules did not find; what it says counts only where it stands in what is known."""

from __future__ import annotations

from collections.abc import Sequence

from services.ai import AiTasks
from services.ai.tasks.script_values import SCRIPT_VALUES, ScriptValuesInput, WantedValue
from services.pilot.scripts.prefill import Prefilled, told
from services.pilot.scripts.types import ParameterType, Template
from services.pilot.types import Session

_NEVER = frozenset({ParameterType.SECRET, ParameterType.BOOLEAN})
MOST_CHARACTERS = 20_000


async def proposed_values(
    ai: AiTasks, template: Template, session: Session, fields: Sequence[Prefilled]
) -> dict[str, str]:
    """Return a model's values by parameter for the fields that nothing was chosen for; {} without a model."""
    wanted = tuple(
        WantedValue(
            name=each.parameter.name,
            type=each.parameter.type.value,
            label=each.parameter.title,
            help=each.parameter.help,
            options=each.parameter.options,
        )
        for each in fields
        if each.chosen is None and each.parameter.type not in _NEVER
    )
    if not wanted:
        return {}
    known: dict[str, str] = {}
    room = MOST_CHARACTERS
    for reference, text in told(session):
        if len(text) <= room:
            room -= len(text)
            known[reference] = text
    data = ScriptValuesInput(script=template.name, wanted=wanted, known=known)
    answer = await ai.run(SCRIPT_VALUES, data, subject=session.id)
    return {each.name: each.value.strip() for each in answer.output.values}
