"""What people typed into a form of a template, and what is wrong with it, at the field."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from blocks.pilot import template_forms as forms
from handlers.request import Request
from handlers.router import errors
from services.errors import FlowPilotError
from services.pilot.scripts.checking import InvalidTemplateError
from services.pilot.scripts.parameter_lines import parameters_of
from services.pilot.scripts.types import Language, TemplateDraft

BLOCKS = {"name": forms.NAME, "parameters": forms.PARAMETERS, "body": forms.BODY}


def typed_draft(request: Request, language: Language, body: str) -> TemplateDraft:
    """Return the template that the form describes; `body` is what it stands for where nobody edited it."""
    typed = request.input(forms.BODY)
    # Slack may take blanks off the ends of what is typed
    is_same = typed is None or typed.strip() == body.strip()
    return TemplateDraft(
        name=(request.input(forms.NAME) or "").strip(),
        language=language,
        body=body if is_same else f"{typed.rstrip()}\n",
        parameters=parameters_of(request.input(forms.PARAMETERS) or ""),
        description=(request.input(forms.DESCRIPTION) or "").strip(),
        symptoms=forms.symptoms_of(request.input(forms.SYMPTOMS) or ""),
    )


async def problems_with(
    request: Request, draft: Callable[[], Awaitable[TemplateDraft]], own_id: str = ""
) -> dict[str, Any] | None:
    """Say at the field what is wrong with a template, a name that is taken included; None when it can be saved."""
    try:
        await request.services.script_templates.check(await draft(), own_id)
    except InvalidTemplateError as error:
        return errors(**{_block(request, BLOCKS[error.part]): _words(error)})
    except FlowPilotError as error:
        return errors(**{forms.NAME: _words(error)})
    return None


def _block(request: Request, block_id: str) -> str:
    """Return a block that the form has: a long script is not in it."""
    return block_id if block_id != forms.BODY or request.input(forms.BODY) is not None else forms.PARAMETERS


def _words(error: FlowPilotError) -> str:
    return f"{error.message} {error.hint}".strip()
