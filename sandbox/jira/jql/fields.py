"""The fields JQL knows: what an issue holds in each, and how a query's value is understood."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sandbox.jira.adf import text_from_adf
from sandbox.jira.jql.syntax import JqlError
from sandbox.jira.model import Issue
from sandbox.jira.store import JiraStore

Kind = Literal["choice", "date", "text", "order"]
EQUALITY = frozenset({"=", "!=", "in", "not in"})
ORDERING = frozenset({">", ">=", "<", "<="})
EMPTINESS = frozenset({"is", "is not"})
MATCHING = frozenset({"~", "!~"})


@dataclass(frozen=True, slots=True)
class Field:
    """A searchable field.

    `values` gives what the issue holds (ids, dates or texts; nothing when empty), `resolve` the ids that a literal
    stands for and raises JqlError when it stands for nothing, `rank` what ORDER BY compares.
    """

    name: str
    kind: Kind
    operators: frozenset[str]
    values: Callable[[Issue], tuple[object, ...]]
    resolve: Callable[[str], Iterable[object]] = lambda text: (text,)
    rank: Callable[[Issue], object] | None = None


def _one(value: object | None) -> tuple[object, ...]:
    return () if value is None else (value,)


def _missing(value: str, field: str) -> JqlError:
    return JqlError(f"The value '{value}' does not exist for the field '{field}'.")


def _named(field: str, registry: dict[str, object]) -> Callable[[str], Iterable[object]]:
    def resolve(text: str) -> list[object]:
        wanted = text.casefold()
        found = [n for n, item in registry.items() if n.casefold() == wanted or getattr(item, "id", None) == text]
        if not found:
            raise _missing(text, field)
        return list(found)

    return resolve


def _epic_key(store: JiraStore, issue: Issue) -> tuple[object, ...]:
    parent = store.parent(issue)
    return (parent.id,) if parent is not None and parent.type.level > 0 else ()


class Fields:
    """All fields of one site, by lower-case name and alias."""

    def __init__(self, store: JiraStore) -> None:
        self._store = store
        self._by_name: dict[str, Field] = {}
        self._add_choices()
        self._add_people()
        self._add_issues()
        self._add_dates()
        self._add_texts()

    def get(self, name: str) -> Field:
        """Return a field by name; JqlError when there is none."""
        field = self._by_name.get(name.casefold())
        if field is None:
            raise JqlError(f"Field '{name}' does not exist or you do not have permission to view it.")
        return field

    def _add(self, field: Field, *aliases: str) -> None:
        for name in (field.name, *aliases):
            self._by_name[name.casefold()] = field

    def _choice(
        self,
        name: str,
        registry: dict[str, object],
        values: Callable[[Issue], tuple[object, ...]],
        *aliases: str,
        rank: Callable[[Issue], object] | None = None,
        ordered: bool = False,
    ) -> None:
        operators = EQUALITY | EMPTINESS | (ORDERING if ordered else frozenset())
        self._add(Field(name, "choice", operators, values, _named(name, registry), rank), *aliases)

    def _add_choices(self) -> None:
        store = self._store
        self._choice("issuetype", dict(store.types), lambda i: (i.type.name,), "type", rank=lambda i: i.type.name)
        self._choice("status", dict(store.statuses), lambda i: (i.status.name,), rank=lambda i: int(i.status.id))
        self._choice("priority", dict(store.priorities), lambda i: (i.priority.name,), rank=lambda i: -i.priority.rank)
        self._add(Field("statusCategory", "choice", EQUALITY, lambda i: (i.status.category.key,), _category))
        self._add(
            Field("project", "choice", EQUALITY | EMPTINESS, lambda i: (i.project.key,), self._project, lambda i: i.key)
        )
        self._add(Field("labels", "choice", EQUALITY | EMPTINESS, lambda i: i.labels, rank=lambda i: i.labels), "label")
        self._add(Field("component", "choice", EQUALITY | EMPTINESS, lambda i: i.components), "components")
        self._add(Field("fixVersion", "choice", EQUALITY | EMPTINESS, lambda i: i.fix_versions), "fixVersions")
        self._add(
            Field(
                "resolution",
                "choice",
                EQUALITY | EMPTINESS,
                lambda i: _one(i.resolution.name if i.resolution else None),
                _named("resolution", {**store.resolutions, "Unresolved": None}),
            )
        )

    def _add_people(self) -> None:
        operators = EQUALITY | EMPTINESS
        for name, attribute in (("assignee", "assignee"), ("reporter", "reporter"), ("creator", "reporter")):
            values: Callable[[Issue], tuple[object, ...]] = lambda i, a=attribute: _one(getattr(i, a))  # type: ignore[misc]  # noqa: E731
            self._add(Field(name, "choice", operators, values, self._person(name), self._person_rank(attribute)))

    def _person(self, field: str) -> Callable[[str], Iterable[object]]:
        def resolve(text: str) -> list[object]:
            wanted = text.casefold()
            users = self._store.users
            if text in users:
                return [text]
            found = [u.account_id for u in users.values() if wanted in (u.name.casefold(), u.email.casefold())]
            if not found:
                raise _missing(text, field)
            return list(found)

        return resolve

    def _person_rank(self, attribute: str) -> Callable[[Issue], object]:
        return lambda issue: self._store.user_name(getattr(issue, attribute)) or "\U0010ffff"

    def _add_issues(self) -> None:
        key = Field("key", "choice", EQUALITY | ORDERING | EMPTINESS, lambda i: (i.id,), self._issue("key"), _key_rank)
        self._add(key, "issuekey", "issue")
        self._add(Field("id", "choice", EQUALITY | ORDERING, lambda i: (i.id,), self._issue("id"), lambda i: i.id))
        self._add(Field("parent", "choice", EQUALITY | EMPTINESS, lambda i: _one(i.parent_id), self._issue("parent")))
        epic = Field(
            "Epic Link",
            "choice",
            EQUALITY | EMPTINESS,
            lambda i: () if i.type.subtask else _epic_key(self._store, i),
            self._issue("Epic Link"),
        )
        self._add(epic, "cf[10014]", "customfield_10014")

    def _issue(self, field: str) -> Callable[[str], Iterable[object]]:
        def resolve(text: str) -> list[object]:
            found = self._store.find(text)
            if found is None:
                raise JqlError(f"An issue with key '{text}' does not exist for field '{field}'.")
            return [found.id]

        return resolve

    def _project(self, text: str) -> list[object]:
        wanted = text.casefold()
        projects = self._store.projects.values()
        found = [p.key for p in projects if wanted in (p.key.casefold(), p.name.casefold()) or p.id == text]
        if not found:
            raise _missing(text, "project")
        return list(found)

    def _add_dates(self) -> None:
        getters: dict[str, Callable[[Issue], datetime | None]] = {
            "created": lambda i: i.created,
            "updated": lambda i: i.updated,
            "resolved": lambda i: i.resolved,
            "statusCategoryChangedDate": lambda i: i.status_changed,
        }
        aliases = {"created": ("createdDate",), "updated": ("updatedDate",), "resolved": ("resolutiondate",)}
        operators = EQUALITY | EMPTINESS | ORDERING
        for name, get in getters.items():
            values: Callable[[Issue], tuple[object, ...]] = lambda i, g=get: _one(g(i))  # type: ignore[misc]  # noqa: E731
            self._add(Field(name, "date", operators, values, rank=get), *aliases.get(name, ()))
        self._add(Field("due", "date", operators, lambda i: _one(i.due), rank=lambda i: i.due), "duedate")

    def _add_texts(self) -> None:
        operators = MATCHING | EMPTINESS
        self._add(Field("summary", "text", operators, lambda i: (i.summary,), rank=lambda i: i.summary.casefold()))
        self._add(Field("description", "text", operators, lambda i: _one(text_from_adf(i.description) or None)))
        self._add(Field("comment", "text", MATCHING, lambda i: tuple(text_from_adf(c.body) for c in i.comments)))
        self._add(Field("text", "text", MATCHING, _all_text))


def _all_text(issue: Issue) -> tuple[object, ...]:
    comments = (text_from_adf(comment.body) for comment in issue.comments)
    return (issue.summary, text_from_adf(issue.description), *comments)


def _key_rank(issue: Issue) -> tuple[str, int]:
    return issue.project.key, issue.number


def _category(text: str) -> list[object]:
    names = {"to do": "new", "in progress": "indeterminate", "done": "done", "2": "new", "4": "indeterminate"}
    names |= {"3": "done", "new": "new", "indeterminate": "indeterminate"}
    found = names.get(text.casefold())
    if found is None:
        raise _missing(text, "statusCategory")
    return [found]
