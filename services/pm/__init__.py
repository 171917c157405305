"""Project management: projects, teams, time tracking; each further feature has a package of its own."""

from services.pm.service import ProjectManagement

__all__ = ["ProjectManagement"]
