"""api.test, auth.test, apps.connections.open, team, bots and users."""

from __future__ import annotations

from sandbox.slack.api import Call, method
from sandbox.slack.errors import SlackError
from sandbox.slack.model import APP_ID, BOT_ID, BOT_USER_ID, TEAM_DOMAIN, TEAM_ID, TEAM_NAME, Json, User


def _shown(call: Call, user: User) -> Json:
    return user.to_slack(call.state.clock.now(), with_email=call.has_scope("users:read.email"))


@method("api.test", tier=4, token="none")  # noqa: S106
def api_test(call: Call) -> Json:
    """Say back what was said; fail when asked to."""
    if error := call.text("error"):
        raise SlackError(error, args=call.arguments)
    return {"args": call.arguments}


@method("auth.test", tier=5)
def auth_test(call: Call) -> Json:
    """Say who the token is."""
    return {
        "url": f"https://{TEAM_DOMAIN}.slack.com/",
        "team": TEAM_NAME,
        "user": call.state.users[BOT_USER_ID].name,
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", tier=3, token="app")  # noqa: S106
def connections_open(call: Call) -> Json:
    """Hand out the address of a socket, good once."""
    base = call.state.base_url.replace("http", "ws", 1)
    return {"url": f"{base}/slack/socket?ticket={call.state.hub.issue_ticket()}&app_id={APP_ID}"}


@method("team.info", scopes="team:read", tier=3, errors="team_not_found")
def team_info(call: Call) -> Json:
    """Describe the workspace."""
    if call.text("team", TEAM_ID) != TEAM_ID:
        raise SlackError("team_not_found")
    team = {"id": TEAM_ID, "name": TEAM_NAME, "domain": TEAM_DOMAIN, "email_domain": "", "icon": {}}
    return {"team": {**team, "url": f"https://{TEAM_DOMAIN}.slack.com/"}}


@method("bots.info", scopes="users:read", tier=3, errors="bot_not_found")
def bots_info(call: Call) -> Json:
    """Describe the app's bot."""
    if call.text("bot", BOT_ID) != BOT_ID:
        raise SlackError("bot_not_found")
    profile = call.state.messages.bot_profile()
    return {"bot": {k: profile[k] for k in ("id", "deleted", "name", "updated", "app_id", "user_id", "icons")}}


@method("users.info", required="user", scopes="users:read", tier=4, errors="user_not_found")
def users_info(call: Call) -> Json:
    """Describe a person."""
    user = _shown(call, call.state.user(call.text("user")))
    return {"user": user | ({"locale": "en-US"} if call.flag("include_locale") else {})}


@method("users.list", scopes="users:read", tier=2, errors="invalid_cursor")
def users_list(call: Call) -> Json:
    """List everybody."""
    users, metadata = call.page(list(call.state.users.values()), default=1000)
    members = [_shown(call, user) for user in users]
    return {"members": members, "cache_ts": call.state.now_s(), "response_metadata": metadata}


@method("users.lookupByEmail", required="email", scopes="users:read.email", tier=3, errors="users_not_found")
def users_lookup_by_email(call: Call) -> Json:
    """Find a person by e-mail address."""
    email = call.text("email").lower()
    user = next((u for u in call.state.users.values() if u.email.lower() == email and not u.deleted), None)
    if user is None:
        raise SlackError("users_not_found")
    return {"user": _shown(call, user)}


@method("users.profile.get", scopes="users.profile:read", tier=4, errors="user_not_found")
def users_profile_get(call: Call) -> Json:
    """Return a person's profile."""
    return {"profile": _shown(call, call.state.user(call.text("user", BOT_USER_ID)))["profile"]}


@method("users.getPresence", scopes="users:read", tier=3)
def users_get_presence(call: Call) -> Json:
    """Say whether somebody is there."""
    user = call.text("user", BOT_USER_ID)
    if user not in call.state.users:
        raise SlackError("invalid_arguments", ["[ERROR] unknown user [json-pointer:/user]"])
    return {"presence": "active"}
