"""How well the agents do, measured from what is recorded here (PM-7.2)."""
