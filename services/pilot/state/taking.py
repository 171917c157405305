"""A fix that is taken: the decision on it, and the script that goes on the record with it, in one change."""

from __future__ import annotations

from dataclasses import replace

from services.pilot.state.moment import Moment
from services.pilot.state.proposals import add_script, decide_fix, fix_of
from services.pilot.types import FixDecision, NewScript, Session


def take_fix(
    session: Session, moment: Moment, fix_id: str, decision: FixDecision, script: NewScript | None = None
) -> Session:
    """Record a decision together with the script that was taken.

    The same decision once more changes nothing, unless it comes from somebody who has seen the first one: then
    another script was made on purpose.
    """
    fix = fix_of(session, fix_id)
    has_seen = moment.seen_version is not None and moment.seen_version >= fix.changed_in
    is_repeated = fix.user_decision is decision and not has_seen
    decided = decide_fix(session, moment, fix_id, decision)
    if script is None or is_repeated:
        return decided
    return add_script(decided, moment, replace(script, fix_id=fix_id))
