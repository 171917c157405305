"""Arguments that are the same for everybody, though they look like a path or are called name."""

from __future__ import annotations

import re

from services.pilot.scripts.constants import Constant
from services.pilot.scripts.looks import hinted
from services.pilot.scripts.types import Language

_SWITCH = re.compile(r"/[A-Za-z?][\w-]*(?::[\w-]*)?")
_PROCESS_COMMANDS = frozenset(
    ("get-process", "stop-process", "wait-process", "debug-process", "gps", "ps", "spps", "kill")
)


def is_switch(language: Language, constant: Constant) -> bool:
    """Tell whether an argument is a switch of a Windows program (`/reset`) rather than a folder of that name."""
    is_given = not constant.is_assigned and not hinted(constant.name.lstrip("-"), constant.value or "")
    could_be = language is Language.POWERSHELL or (language is Language.PYTHON and not constant.command)
    return is_given and could_be and bool(_SWITCH.fullmatch(constant.value or ""))


def is_process(constant: Constant) -> bool:
    """Tell whether it is the name of a process, which belongs to a program and not to a site."""
    is_name = constant.name.lstrip("-").lower() in ("name", "processname", "")
    return is_name and constant.command.lower() in _PROCESS_COMMANDS
