"""What the script of a session's suggested fix does to a machine: its own script, or that of its template."""

from __future__ import annotations

from services.errors import NotFoundError
from services.pilot.scripts.library import ScriptTemplates, risk_of
from services.pilot.scripts.risk import assess
from services.pilot.scripts.types import Language, RiskReport
from services.pilot.types import Session


class FixRisks:
    """Risks of suggested fixes of the current account."""

    def __init__(self, library: ScriptTemplates) -> None:
        self._library = library

    async def of(self, session: Session) -> RiskReport | None:
        """Return what the active fix's script does, None without one; of a template it is what its form says."""
        fix = session.active_fix
        if fix is None:
            return None
        if fix.script_body:
            try:
                return assess(Language(fix.script_language.lower()), fix.script_body)
            except ValueError:
                return None
        if fix.template_id is None:
            return None
        try:
            return risk_of(await self._library.named(fix.template_id) or await self._library.get(fix.template_id))
        except NotFoundError:
            return None
