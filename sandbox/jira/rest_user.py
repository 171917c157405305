"""Accounts."""

from __future__ import annotations

from aiohttp import web

from sandbox.jira.errors import JiraError
from sandbox.jira.http import JiraCall, Route, answer, page_bean
from sandbox.jira.model import User


def routes() -> list[Route]:
    """Return what to serve."""
    return [
        ("GET", "myself", myself),
        ("GET", "user", user),
        ("GET", "user/email", email),
        ("GET", "user/search", search),
        ("GET", "user/assignable/search", assignable),
        ("GET", "user/bulk", bulk),
        ("GET", "users/search", everyone),
    ]


async def myself(call: JiraCall) -> web.StreamResponse:
    shown = {**(call.render.user(call.actor) or {}), "locale": "en_US", "expand": "groups,applicationRoles"}
    return answer(shown)


def _user(call: JiraCall) -> User:
    account = call.text("accountId")
    if not account:
        raise JiraError(400, "Either the `accountId`, `username` or `key` query parameters need to be provided.")
    found = call.state.users.get(account)
    if found is None:
        raise JiraError(404, "Specified user does not exist or you do not have required permissions")
    return found


async def user(call: JiraCall) -> web.StreamResponse:
    return answer(call.render.user(_user(call).account_id))


async def email(call: JiraCall) -> web.StreamResponse:
    found = _user(call)
    return answer({"accountId": found.account_id, "email": found.email})


def _matching(call: JiraCall) -> list[User]:
    query, account = call.text("query").casefold(), call.text("accountId")
    if not call.query.keys() & {"query", "accountId", "property"}:
        raise JiraError(400, "The query, accountId or property parameter must be provided.")
    people = [u for u in call.state.users.values() if u.active]
    if account:
        return [u for u in people if u.account_id == account]
    return [u for u in people if _matches(u, query)]


def _matches(user: User, query: str) -> bool:
    words = [user.name.casefold(), *user.name.casefold().split(), user.email.casefold()]
    return user.account_id.casefold() == query or any(word.startswith(query) for word in words)


def _slice(call: JiraCall, users: list[User]) -> list[object]:
    start, size = call.number("startAt", 0), min(call.number("maxResults", 50), 1000)
    return [call.render.user(u.account_id) for u in users[start : start + size]]


async def search(call: JiraCall) -> web.StreamResponse:
    return answer(_slice(call, _matching(call)))


async def assignable(call: JiraCall) -> web.StreamResponse:
    if key := call.text("issueKey"):
        call.state.issue(key)
    elif key := call.text("project"):
        call.state.project(key)
    else:
        raise JiraError(400, "Either the project or the issueKey query parameter must be provided.")
    people = [u for u in call.state.users.values() if u.active and u.account_type == "atlassian"]
    account, query = call.text("accountId"), call.text("query").casefold()
    chosen = [u for u in people if (not account or u.account_id == account) and (not query or _matches(u, query))]
    return answer(_slice(call, chosen))


async def bulk(call: JiraCall) -> web.StreamResponse:
    accounts = call.query.get("accountId", [])
    if not accounts:
        raise JiraError(400, "The accountId query parameter must be provided.")
    found = [call.state.users[a] for a in dict.fromkeys(accounts) if a in call.state.users]
    head, shown = page_bean(call, found, default=10, most=200)
    return answer({**head, "values": [call.render.user(u.account_id) for u in shown]})


async def everyone(call: JiraCall) -> web.StreamResponse:
    return answer(_slice(call, list(call.state.users.values())))
