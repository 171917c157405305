"""Jira Cloud, REST v3."""

from __future__ import annotations

from services.settings import Settings
from services.vendors.circuit import OnCircuit
from services.vendors.http import Policy
from services.vendors.jira.base import JIRA_POLICY, JiraLimits, jira_http
from services.vendors.jira.comments import JiraComments
from services.vendors.jira.history import done_for
from services.vendors.jira.issues import JiraIssues
from services.vendors.jira.marks import JiraMarks
from services.vendors.jira.metadata import JiraMetadata
from services.vendors.jira.search import JiraSearch

__all__ = ["JIRA_POLICY", "JiraClient", "JiraLimits", "done_for"]


class JiraClient(JiraSearch, JiraIssues, JiraMarks, JiraComments, JiraMetadata):
    """All calls to Jira that FlowPilot makes; every one raises the `VendorError` kinds."""

    @classmethod
    def from_settings(
        cls, settings: Settings, *, policy: Policy = JIRA_POLICY, on_circuit: OnCircuit | None = None
    ) -> JiraClient:
        """Make a client for the site in the settings."""
        token = settings.jira_api_token.get_secret_value()
        http = jira_http(settings.jira_url, settings.jira_email, token, policy=policy, on_circuit=on_circuit)
        return cls(http, credentials=(settings.jira_email, token))
