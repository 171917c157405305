"""The services of FlowPilot sessions."""

from __future__ import annotations

from functools import partial
from typing import TypedDict

from application.composing.core import Core
from blocks.pilot import draw_lane, draw_lost, draw_root
from services.accounts.settings import TICKET_HOME
from services.pilot.answers import PilotAnswers
from services.pilot.fix_risk import FixRisks
from services.pilot.links import SessionLinks
from services.pilot.notes import NotePreviews, NoteWriter
from services.pilot.psa import ConnectWisePsa, JiraPsa, PsaProvider, PsaProviders, TicketWriteBack
from services.pilot.psa.ending import SessionEndings
from services.pilot.scripts.drafts import TemplateDrafts
from services.pilot.scripts.library import ScriptTemplates
from services.pilot.scripts.paths import FixPaths
from services.pilot.scripts.proposing import TemplateProposals
from services.pilot.sessions import PilotSessions
from services.pilot.similar import SimilarCases
from services.pilot.surface import Drawing, PilotLanes
from services.pilot.talking import PilotTalks


class PilotServices(TypedDict):
    """Fields of `Services`."""

    psa: PsaProviders
    ticket_write_back: TicketWriteBack
    session_endings: SessionEndings
    session_links: SessionLinks
    pilot: PilotSessions
    pilot_talks: PilotTalks
    pilot_answers: PilotAnswers
    pilot_lanes: PilotLanes
    note_previews: NotePreviews
    script_templates: ScriptTemplates
    template_drafts: TemplateDrafts
    fix_paths: FixPaths


def pilot_services(core: Core) -> PilotServices:
    """Build them; a session that changes has its lane drawn anew."""
    database, accounts, audit, now = core.database, core.accounts, core.audit, core.now
    homes: list[PsaProvider] = [JiraPsa(core.vendors.jira, core.effects)]
    if core.vendors.connectwise is not None:
        homes.append(ConnectWisePsa(core.vendors.connectwise, core.effects))
    psa = PsaProviders(homes, partial(accounts.get_setting, TICKET_HOME))
    pilot, write_back = PilotSessions(database, audit, now), TicketWriteBack(database, psa)
    templates = ScriptTemplates(database, accounts, audit, now)
    drawing = Drawing(draw_lane, draw_root, draw_lost, FixRisks(templates).of, core.ai.costs)
    lanes = PilotLanes(pilot, core.slack, accounts, drawing)
    pilot.on_change(lanes.changed)
    drafts = TemplateDrafts(database, accounts, audit, templates, TemplateProposals(core.ai), now)
    return PilotServices(
        psa=psa,
        ticket_write_back=write_back,
        session_endings=SessionEndings(pilot, write_back),
        session_links=SessionLinks(database, audit, now, core.settings.public_url),
        pilot=pilot,
        pilot_talks=PilotTalks(pilot, core.ai, SimilarCases(pilot, templates, now), templates),
        pilot_answers=PilotAnswers(database, now),
        pilot_lanes=lanes,
        note_previews=NotePreviews(pilot, NoteWriter(core.ai)),
        script_templates=templates,
        template_drafts=drafts,
        fix_paths=FixPaths(pilot, accounts, templates, drafts),
    )
