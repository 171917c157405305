"""The part of GitHub's search that finds pull requests."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.github.errors import invalid
from sandbox.github.model import PullRequest
from sandbox.github.store import GithubStore

MOST_CHARACTERS = 256
Test = Callable[[PullRequest], bool]
SORTS: dict[str, Callable[[PullRequest], Any]] = {
    "created": lambda pull: (pull.created, pull.id),
    "updated": lambda pull: (pull.updated, pull.id),
    "comments": lambda pull: (len(pull.comments), pull.id),
}


def find(store: GithubStore, query: str) -> list[PullRequest]:
    """Return what a search finds, sorted as it says (newest first); GithubError 422 for what GitHub refuses."""
    words = re.findall(r'(?:[\w-]+:)?(?:"[^"]*"|\S+)', query)
    if not words or len(query) > MOST_CHARACTERS:
        raise invalid("Search", "q", "missing" if not words else "invalid", "The search is longer than 256 characters.")
    names: set[str] = set()
    tests: list[Test] = []
    sort, direction = "created", "desc"
    for word in words:
        negated = word.startswith("-")
        name, colon, value = word.lstrip("-").partition(":")
        value = value.strip('"')
        if not colon:
            tests.append(_flipped(_contains(word.strip('"')), negated))
        elif name == "repo":
            names.add(value.casefold())
        elif name == "sort":
            sort, _, given = value.partition("-")
            direction = given or "desc"
        else:
            tests.append(_flipped(_qualifier(name, value), negated))
    repositories = [r for key, r in store.repositories.items() if not names or key in names]
    if names and not repositories:
        said = (
            "The listed users and repositories cannot be searched either because the resources do not exist or you do "
            "not have permission to view them."
        )
        raise invalid("Search", "q", "invalid", said)
    if sort not in SORTS or direction not in ("asc", "desc"):
        raise invalid("Search", "sort", "invalid")
    found = [p for r in repositories for p in r.pulls.values() if all(test(p) for test in tests)]
    return sorted(found, key=SORTS[sort], reverse=direction == "desc")


def _flipped(test: Test, negated: bool) -> Test:
    return (lambda pull: not test(pull)) if negated else test


def _contains(word: str) -> Test:
    return lambda pull: word.casefold() in f"{pull.title} {pull.body}".casefold()


def _qualifier(name: str, value: str) -> Test:
    if name in ("created", "updated", "merged", "closed"):
        return _when(name, value)
    if name in ("is", "type", "state"):
        return _is(value)
    if name == "author":
        login = value.removeprefix("app/").removeprefix("@").casefold()
        return lambda pull: pull.author.login.casefold().removesuffix("[bot]") == login.removesuffix("[bot]")
    if name == "head":
        return lambda pull: pull.head_ref.startswith(value)
    if name == "base":
        return lambda pull: pull.base_ref == value
    if name == "draft" and value in ("true", "false"):
        return lambda pull: pull.draft == (value == "true")
    if name == "review-requested":
        return lambda pull: any(account.login.casefold() == value.casefold() for account in pull.requested)
    raise invalid("Search", "q", "invalid", f"{name}:{value} is not supported here")


def _is(value: str) -> Test:
    tests: dict[str, Test] = {
        "pr": lambda pull: True,
        "issue": lambda pull: False,
        "open": lambda pull: pull.is_open,
        "closed": lambda pull: not pull.is_open,
        "merged": lambda pull: pull.merged is not None,
        "unmerged": lambda pull: pull.merged is None,
        "draft": lambda pull: pull.draft,
    }
    if value not in tests:
        raise invalid("Search", "q", "invalid", f"is:{value} is not supported here")
    return tests[value]


def _when(name: str, value: str) -> Test:
    def at(pull: PullRequest) -> datetime | None:
        moment: datetime | None = getattr(pull, name)
        return moment

    low, dots, high = value.partition("..")
    if dots:
        start, end = _instant(low), _instant(high, is_end=True)
        return lambda pull: (moment := at(pull)) is not None and start <= moment <= end
    match = re.fullmatch(r"(>=|<=|>|<|)(.+)", value)
    assert match is not None
    sign, moment_text = match.groups()
    instant = _instant(moment_text, is_end=sign in (">", "<="))
    compare: dict[str, Callable[[datetime], bool]] = {
        ">=": lambda moment: moment >= instant,
        ">": lambda moment: moment > instant,
        "<=": lambda moment: moment <= instant,
        "<": lambda moment: moment < instant,
        "": lambda moment: instant <= moment <= _instant(moment_text, is_end=True),
    }
    return lambda pull: (moment := at(pull)) is not None and compare[sign](moment)


def _instant(text: str, *, is_end: bool = False) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("Search", "q", "invalid", f"{text} is not a recognized date/time format.") from None
    if is_end and len(text) == len("2026-01-01"):
        moment += timedelta(days=1) - timedelta(seconds=1)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
