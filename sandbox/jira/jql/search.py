"""Run a parsed query: a predicate, the smallest set of issues to try it on, and an order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sandbox.jira.jql.dates import date_function, instant
from sandbox.jira.jql.fields import Field, Fields
from sandbox.jira.jql.syntax import Clause, Compound, Empty, Function, JqlError, Listed, Node, Operand, Query
from sandbox.jira.model import Issue
from sandbox.jira.store import JiraStore

Predicate = Callable[[Issue], bool]
LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and when."""

    account_id: str
    zone: ZoneInfo
    now: datetime


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query ready to run."""

    matches: Predicate
    candidates: Callable[[], Iterable[Issue]]
    order: Callable[[list[Issue]], list[Issue]]

    def run(self) -> list[Issue]:
        """Return the issues found, in order."""
        return self.order([issue for issue in self.candidates() if self.matches(issue)])


def compile_query(query: Query, store: JiraStore, asker: Asker) -> Compiled:
    """Check a query against the site and make it runnable; JqlError lists all that is wrong."""
    compiler = _Compiler(store, asker)
    matches: Predicate = compiler.node(query.where) if query.where is not None else lambda issue: True
    sorters: list[tuple[Callable[[Issue], object], bool]] = []
    for by in query.order_by:
        try:
            field = compiler.fields.get(by.field)
        except JqlError:
            compiler.errors.append(f"Not able to sort using field '{by.field}'.")
            continue
        sorters.append((_rank(field), by.descending))
    if compiler.errors:
        raise JqlError(*dict.fromkeys(compiler.errors))
    return Compiled(matches, compiler.candidates(query.where), lambda found: _sorted(found, sorters))


def _rank(field: Field) -> Callable[[Issue], object]:
    rank = field.rank or (lambda issue: str(next(iter(field.values(issue)), "")))
    if field.kind != "date":
        return rank

    def dated(issue: Issue) -> object:
        value = rank(issue)
        return LAST if value is None else _moment(value)

    return dated


def _sorted(found: list[Issue], sorters: list[tuple[Callable[[Issue], object], bool]]) -> list[Issue]:
    found.sort(key=lambda issue: issue.id, reverse=True)
    for rank, descending in reversed(sorters):
        found.sort(key=rank, reverse=descending)  # type: ignore[arg-type]
    return found


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    assert isinstance(value, date)
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


class _Compiler:
    def __init__(self, store: JiraStore, asker: Asker) -> None:
        self.store = store
        self.asker = asker
        self.fields = Fields(store)
        self.errors: list[str] = []

    def node(self, node: Node) -> Predicate:
        if isinstance(node, Clause):
            try:
                return self._clause(node)
            except JqlError as error:
                self.errors.extend(error.messages)
                return lambda issue: False
        inner = [self.node(clause) for clause in node.clauses]
        if node.operator == "not":
            only = inner[0]
            return lambda issue: not only(issue)
        if node.operator == "and":
            return lambda issue: all(test(issue) for test in inner)
        return lambda issue: any(test(issue) for test in inner)

    def candidates(self, where: Node | None) -> Callable[[], Iterable[Issue]]:
        """Return the issues of the named keys, parents or projects when all matches must lie in them."""
        clauses = where.clauses if isinstance(where, Compound) and where.operator == "and" else (where,)
        for name in ("key", "id", "parent", "project"):
            for clause in clauses:
                if isinstance(clause, Clause) and clause.operator in ("=", "in"):
                    field = self.fields.get(clause.field)
                    if field.name == name and not isinstance(clause.operand, Empty):
                        ids, has_empty = self._ids(field, clause.operand)
                        if not has_empty:
                            return self._of(name, ids)
        return lambda: self.store.issues.values()

    def _of(self, name: str, ids: set[object]) -> Callable[[], Iterable[Issue]]:
        store = self.store
        if name == "project":
            return lambda: (i for key in sorted(map(str, ids)) for i in store.by_project.get(key, {}).values())
        numbers = sorted(i for i in ids if isinstance(i, int))
        if name == "parent":
            return lambda: (child for i in numbers for child in store.children.get(i, {}).values())
        return lambda: (store.issues[i] for i in numbers if i in store.issues)

    def _clause(self, clause: Clause) -> Predicate:
        field = self.fields.get(clause.field)
        operator, operand = clause.operator, clause.operand
        if operator not in field.operators:
            raise JqlError(f"The operator '{operator}' is not supported by the '{clause.field}' field.")
        if isinstance(operand, Empty) and operator in ("=", "!=", "is", "is not"):
            empty = operator in ("=", "is")
            return lambda issue: (not field.values(issue)) == empty
        if field.kind == "text":
            return self._text(field, operator, operand)
        if field.kind == "date":
            return self._date(field, operator, operand)
        if operator in ("<", "<=", ">", ">="):
            return self._ordered(field, operator, operand)
        ids, has_empty = self._ids(field, operand)
        if operator in ("=", "in"):
            return lambda issue: any(v in ids for v in field.values(issue)) or (has_empty and not field.values(issue))
        return lambda issue: bool(field.values(issue)) and not any(v in ids for v in field.values(issue))

    def _ids(self, field: Field, operand: Operand) -> tuple[set[object], bool]:
        items = operand.items if isinstance(operand, Listed) else (operand,)
        ids: set[object] = set()
        has_empty = False
        for item in items:
            if isinstance(item, Empty):
                has_empty = True
            elif isinstance(item, Function):
                ids.update(self._function(field, item))
            elif field.name == "resolution" and item.text.casefold() == "unresolved":
                has_empty = True
            else:
                ids.update(field.resolve(item.text))
        return ids, has_empty

    def _function(self, field: Field, call: Function) -> Iterable[object]:
        name = call.name.casefold()
        if name == "currentuser" and field.name in ("assignee", "reporter", "creator"):
            return [self.asker.account_id]
        if name == "subtaskissuetypes" and field.name == "issuetype":
            return [t.name for t in self.store.types.values() if t.subtask]
        if name == "standardissuetypes" and field.name == "issuetype":
            return [t.name for t in self.store.types.values() if not t.subtask]
        if name == "linkedissues" and field.name == "key":
            return self._linked(call)
        raise JqlError(f"Unable to find JQL function '{call.name}({', '.join(call.arguments)})'.")

    def _linked(self, call: Function) -> list[object]:
        issue = self.store.find(call.arguments[0]) if call.arguments else None
        if issue is None:
            raise JqlError(f"Issue '{', '.join(call.arguments)}' could not be found in function 'linkedIssues'.")
        wanted = {name.casefold() for name in call.arguments[1:]}
        found: list[object] = []
        for link in issue.links:
            description = link.type.outward if link.source == issue.id else link.type.inward
            if not wanted or description.casefold() in wanted:
                found.append(link.target if link.source == issue.id else link.source)
        return found

    def _date(self, field: Field, operator: str, operand: Operand) -> Predicate:
        items = operand.items if isinstance(operand, Listed) else (operand,)
        moments = {self._instant(field, item) for item in items if not isinstance(item, Empty)}
        if operator in ("=", "in"):
            return lambda issue: any(_moment(v) in moments for v in field.values(issue))
        if operator in ("!=", "not in"):
            return lambda issue: any(_moment(v) not in moments for v in field.values(issue))
        limit = moments.pop()
        rank = field.rank
        assert rank is not None
        compare = _COMPARISONS[operator]

        def test(issue: Issue) -> bool:
            value = rank(issue)
            return value is not None and compare(_moment(value), limit)

        return test

    def _instant(self, field: Field, item: Operand) -> datetime:
        if isinstance(item, Function):
            moment = date_function(item, self.asker.now, self.asker.zone)
            if moment is None:
                raise JqlError(f"Unable to find JQL function '{item.name}({', '.join(item.arguments)})'.")
            return moment
        assert not isinstance(item, Listed | Empty)
        return instant(item.text, field.name, self.asker.now, self.asker.zone)

    def _ordered(self, field: Field, operator: str, operand: Operand) -> Predicate:
        (issue_id,) = self._ids(field, operand)[0]
        assert isinstance(issue_id, int)
        assert field.rank is not None
        rank = field.rank
        limit = rank(self.store.issues[issue_id])
        compare = _COMPARISONS[operator]
        return lambda issue: issue.project is self.store.issues[issue_id].project and compare(rank(issue), limit)

    def _text(self, field: Field, operator: str, operand: Operand) -> Predicate:
        if isinstance(operand, Listed | Function | Empty):
            raise JqlError(f"The operator '{operator}' of the '{field.name}' field takes a text.")
        patterns = _patterns(operand.text)

        def found(issue: Issue) -> bool:
            texts = [str(text).casefold() for text in field.values(issue)]
            return all(any(p.search(text) for text in texts) for p in patterns)

        return found if operator == "~" else lambda issue: not found(issue)


_COMPARISONS: dict[str, Callable[[object, object], bool]] = {
    "<": lambda a, b: a < b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}


def _patterns(text: str) -> list[re.Pattern[str]]:
    """Return one pattern per word or quoted phrase; all have to be there, `*` is a wildcard."""
    terms = re.findall(r'"([^"]+)"|(\S+)', text.casefold())
    patterns = []
    for phrase, word in terms:
        term = phrase or word.strip("+~")
        words = r"\W+".join(re.escape(part).replace(r"\*", r"\w*") for part in re.split(r"[^\w*]+", term) if part)
        patterns.append(re.compile(rf"(?<!\w){words}(?!\w)" if words else re.escape(term)))
    return patterns
