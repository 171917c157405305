"""What Slack says of people."""

from __future__ import annotations

from services.accounts.types import SlackProfile
from services.slack.api import Method, SlackApi


class SlackProfiles:
    """Profiles from `users.info`."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    async def profile(self, slack_user_id: str) -> SlackProfile:
        """Return what Slack says of the user; raises `VendorError`."""
        user = (await self._api.call(Method.USERS_INFO, user=slack_user_id))["user"]
        profile = user.get("profile") or {}
        return SlackProfile(
            slack_user_id=slack_user_id,
            display_name=profile.get("display_name") or user.get("real_name") or user.get("name") or slack_user_id,
            email=profile.get("email") or None,
            time_zone=user.get("tz") or "",
            is_workspace_admin=bool(user.get("is_admin") or user.get("is_owner")),
            is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
            has_left=bool(user.get("deleted")),
        )
