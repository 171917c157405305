"""Propose a template for a concrete script: extracted by rules, named and described by a model where there is one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.ai import AiTasks
from services.ai.tasks.script_extraction import (
    EXTRACTION,
    ExtractedParameter,
    ExtractionInput,
    ExtractionNames,
    names_by_rules,
)
from services.ai.types import RULE_BASED
from services.errors import InvalidInputError
from services.pilot.scripts.checking import FORM_CHARACTERS, MAX_NAME_CHARACTERS
from services.pilot.scripts.extraction import Extraction, extract
from services.pilot.scripts.placeholders import PLACEHOLDER, problems_of
from services.pilot.scripts.types import Language, TemplateDraft


@dataclass(frozen=True)
class TemplateProposal:
    """A template as it could be saved; `values` are those of the script that it was made of, without secrets."""

    draft: TemplateDraft
    values: Mapping[str, str]
    answered_by: str


class TemplateProposals:
    """Makes proposals; a model sees the script only after its secrets and values were taken out."""

    def __init__(self, ai: AiTasks) -> None:
        self._ai = ai

    async def propose(self, language: Language, title: str, script: str, *, subject: str = "") -> TemplateProposal:
        """Return the template of a script; `InvalidInputError` when it is broken or a secret cannot leave it."""
        if problems := await asyncio.to_thread(problems_of, language, script, ()):
            raise InvalidInputError(
                f"No template can be made of this script: {problems[0]}.",
                hint="Use it as a one-off, or mend it.",
            )
        extraction = await asyncio.to_thread(extract, language, script)
        data = extraction_input(extraction, title)
        if len(extraction.body) <= FORM_CHARACTERS:
            answer = await self._ai.run(EXTRACTION, data, subject=subject)
            draft, values = named(extraction, title, answer.output)
            if len(draft.body) <= FORM_CHARACTERS:
                return TemplateProposal(draft, values, RULE_BASED if answer.is_rule_based else answer.answered_by)
        # a form does not show it, so that it is made anew when the form is sent: by rules it is the same each time
        draft, values = named(extraction, title, names_by_rules(data))
        return TemplateProposal(draft, values, RULE_BASED)


def extraction_input(extraction: Extraction, title: str) -> ExtractionInput:
    """Return what a model is shown."""
    return ExtractionInput(
        title=title,
        language=extraction.language.value,
        body=extraction.body,
        parameters=tuple(ExtractedParameter(name=each.name, type=each.type.value) for each in extraction.parameters),
    )


def named(extraction: Extraction, title: str, names: ExtractionNames) -> tuple[TemplateDraft, dict[str, str]]:
    """Return the template under the proposed names, and its values; names only, the script stays as it is."""
    proposed = {each.name: each for each in names.parameters}
    new = {
        each.name: proposed[each.name].new_name if each.name in proposed else each.name
        for each in extraction.parameters
    }
    body = PLACEHOLDER.sub(
        lambda match: f"{{{{{new[match[1]]}{match[2] or ''}}}}}" if match[1] in new else match[0], extraction.body
    )
    parameters = tuple(
        replace(each, name=new[each.name], label=proposed[each.name].label, help=proposed[each.name].help)
        if each.name in proposed
        else each
        for each in extraction.parameters
    )
    values = {new[name]: value for name, value in extraction.values.items()}
    name = " ".join(title.split())[:MAX_NAME_CHARACTERS] or "Script"
    return TemplateDraft(name, extraction.language, body, parameters, names.description, tuple(names.symptoms)), values
