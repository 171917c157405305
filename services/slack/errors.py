"""What Slack refused, in plain words."""

from __future__ import annotations

from services.errors import VendorAuthError, VendorError, VendorNotFoundError, VendorRejectedError

VENDOR = "Slack"


class SlackPostError(VendorError):
    """A message, view or file did not get into Slack (or nobody knows: `outcome_unknown`)."""

    def __init__(self, message: str, *, hint: str = "", code: str = "", outcome_unknown: bool = False) -> None:
        super().__init__(VENDOR, message, hint=hint, outcome_unknown=outcome_unknown)
        self.code = code


class SlackRefusedError(SlackPostError, VendorRejectedError):
    """Slack understood and said no; `code` is its word for it."""


class SlackNotFoundError(SlackRefusedError, VendorNotFoundError):
    """Slack knows no such channel, message or person, or FlowPilot may not see it."""


AUTH_CODES = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"}
)
NOT_FOUND_CODES = frozenset(
    {"channel_not_found", "user_not_found", "message_not_found", "thread_not_found", "not_found", "users_not_found"}
)
PLAIN = {
    "channel_not_found": ("FlowPilot cannot see that channel.", "Invite it there: `/invite @FlowPilot`."),
    "not_in_channel": ("FlowPilot is not in that channel.", "Invite it there: `/invite @FlowPilot`."),
    "is_archived": ("That channel is archived.", "Unarchive it or choose another one."),
    "user_not_in_channel": ("That person is not in the channel.", ""),
    "user_not_found": ("Slack knows no such person.", ""),
    "message_not_found": ("That message is gone.", ""),
    "cannot_reply_to_message": ("That thread is gone.", ""),
    "cant_update_message": ("That message is not FlowPilot's to change.", ""),
    "edit_window_closed": ("That message is too old to be changed.", ""),
    "trigger_expired": ("That took too long to open.", "Click again."),
    "expired_trigger_id": ("That took too long to open.", "Click again."),
    "exchanged_trigger_id": ("That form was opened already.", "Click again if you closed it."),
    "hash_conflict": ("Somebody changed this in the meantime.", "Close it and open it again."),
    "messages_tab_disabled": ("FlowPilot's Messages tab is switched off.", "An admin can switch it on in App Home."),
    "restricted_action": ("This workspace does not let apps post there.", "Ask a workspace admin."),
    "used_url": ("There is no more room for answers to that click.", "Run it again."),
    "expired_url": ("That click is more than 30 minutes old.", "Run it again."),
}


def refusal(code: str, messages: list[str], needed_scope: str = "") -> VendorError:
    """Return the error for Slack's error code; `messages` are its explanations, for the log and for us."""
    if code in AUTH_CODES:
        hint = "Check SLACK_BOT_TOKEN and that the app is still installed."
        return VendorAuthError(VENDOR, f"Slack refused FlowPilot's token ({code}).", hint=hint)
    if code == "missing_scope":
        hint = "Reinstall the Slack app with the current manifest.yml."
        return VendorAuthError(VENDOR, f"FlowPilot lacks the Slack scope {needed_scope or 'for this'}.", hint=hint)
    kind = SlackNotFoundError if code in NOT_FOUND_CODES else SlackRefusedError
    if code in PLAIN:
        message, hint = PLAIN[code]
        return kind(message, hint=hint, code=code)
    detail = f": {'; '.join(messages)}" if messages else ""
    return kind(f"Slack refused ({code}{detail})."[:500], code=code)
