"""Tables by feature; importing this package registers all of them on `Base.metadata`."""

from db.models import accounts, agents, ai, alerts, effects, events, github, mirror, pilot, pm, tickets

__all__ = ["accounts", "agents", "ai", "alerts", "effects", "events", "github", "mirror", "pilot", "pm", "tickets"]
