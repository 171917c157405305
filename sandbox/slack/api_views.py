"""views.*"""

from __future__ import annotations

from sandbox.slack.api import Call, method
from sandbox.slack.errors import SlackError
from sandbox.slack.model import Json

TRIGGER_ERRORS = "duplicate_external_id exchanged_trigger_id expired_trigger_id invalid_trigger_id view_too_large"


def _view(call: Call) -> Json:
    view = call.structure("view", dict)
    return view or {}


def _trigger(call: Call) -> str:
    trigger_id = call.text("trigger_id") or call.text("interactivity_pointer")
    if not trigger_id:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: trigger_id"])
    return trigger_id


@method("views.open", required="view", tier=4, errors=TRIGGER_ERRORS)
def views_open(call: Call) -> Json:
    """Open a modal."""
    return {"view": call.state.views.open(_trigger(call), _view(call))}


@method("views.push", required="view", tier=4, errors=f"{TRIGGER_ERRORS} not_found push_limit_reached")
def views_push(call: Call) -> Json:
    """Put a modal on top."""
    return {"view": call.state.views.push(_trigger(call), _view(call))}


@method("views.update", required="view", tier=4, errors="duplicate_external_id hash_conflict not_found view_too_large")
def views_update(call: Call) -> Json:
    """Replace the content of a modal."""
    view_id, external_id = call.text("view_id"), call.text("external_id")
    if not view_id and not external_id:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: view_id"])
    updated = call.state.views.update(_view(call), view_id=view_id, external_id=external_id, hash_=call.text("hash"))
    return {"view": updated}


@method("views.publish", required="user_id view", tier=4, errors="duplicate_external_id hash_conflict view_too_large")
def views_publish(call: Call) -> Json:
    """Set a person's Home tab."""
    user = call.text("user_id")
    if user not in call.state.users:
        raise SlackError("invalid_arguments", ["[ERROR] invalid `user_id` [json-pointer:/user_id]"])
    return {"view": call.state.views.publish(user, _view(call), call.text("hash"))}
