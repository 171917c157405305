"""FlowPilot sessions: a problem worked on in a thread, from what is known to a resolved ticket."""
