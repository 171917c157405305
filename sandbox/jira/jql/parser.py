"""Read JQL into its syntax tree."""

from __future__ import annotations

from sandbox.jira.jql.syntax import (
    Clause,
    Compound,
    Empty,
    Function,
    JqlError,
    Listed,
    Node,
    Operand,
    OrderBy,
    Query,
    Token,
    Value,
    place,
    tokenize,
)

OPERATORS = "'=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'"
RESERVED = frozenset({"AND", "OR", "NOT", "IN", "IS", "ORDER", "BY", "EMPTY", "NULL", "ASC", "DESC", "WAS", "CHANGED"})
MAX_ORDER_FIELDS = 7


def parse(text: str) -> Query:
    """Return the syntax tree; JqlError in Jira's words with line and character."""
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokenize(text)
        self._next = 0

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._token
        if token.kind != "end":
            self._next += 1
        return token

    def _took(self, *words: str) -> bool:
        ahead = self._tokens[self._next : self._next + len(words)]
        if [self._key(token) for token in ahead] != list(words):
            return False
        self._next += len(words)
        return True

    @staticmethod
    def _key(token: Token) -> str:
        return token.text if token.kind == "symbol" else token.word

    def query(self) -> Query:
        where = None
        if self._token.kind != "end" and self._token.word != "ORDER":
            where = self._or()
        order: tuple[OrderBy, ...] = ()
        if self._took("ORDER", "BY"):
            order = self._order()
        if self._token.kind != "end":
            raise self._error("either 'OR' or 'AND'")
        return Query(where, order)

    def _or(self) -> Node:
        clauses = [self._and()]
        while self._took("OR"):
            clauses.append(self._and())
        return clauses[0] if len(clauses) == 1 else Compound("or", tuple(clauses))

    def _and(self) -> Node:
        clauses = [self._not()]
        while self._took("AND"):
            clauses.append(self._not())
        return clauses[0] if len(clauses) == 1 else Compound("and", tuple(clauses))

    def _not(self) -> Node:
        if self._took("NOT") or self._took("!"):
            return Compound("not", (self._not(),))
        if self._took("("):
            inner = self._or()
            if not self._took(")"):
                raise self._error("')'")
            return inner
        return self._clause()

    def _clause(self) -> Clause:
        token = self._take()
        if token.kind == "end":
            raise JqlError("Error in the JQL Query: Expecting a field name at the end of the query.")
        if token.kind == "symbol" or token.word in RESERVED:
            self._next -= 1
            raise self._error("a field name")
        operator = self._operator()
        return Clause(token.text, operator, self._operand(operator))

    def _operator(self) -> str:
        for words in (("NOT", "IN"), ("IS", "NOT"), ("IN",), ("IS",)):
            if self._took(*words):
                return " ".join(words).lower()
        if self._token.kind == "symbol" and self._token.text in ("=", "!=", "<", ">", "<=", ">=", "~", "!~"):
            return self._take().text
        if self._token.kind == "end":
            raise JqlError(
                "Error in the JQL Query: Expecting operator before the end of the query. "
                f"The valid operators are {OPERATORS}."
            )
        raise JqlError(
            f"Error in the JQL Query: Expecting operator but got '{self._token.text}'. "
            f"The valid operators are {OPERATORS}. {place(self._text, self._token.position)}"
        )

    def _operand(self, operator: str) -> Operand:
        if operator in ("in", "not in") and self._took("("):
            items = [self._single()]
            while self._took(","):
                items.append(self._single())
            if not self._took(")"):
                raise self._error("',' or ')'")
            return Listed(tuple(items))
        operand = self._single()
        if operator in ("is", "is not") and not isinstance(operand, Empty):
            raise JqlError(f"Error in the JQL Query: The operator '{operator}' only takes EMPTY or NULL.")
        return operand

    def _single(self) -> Value | Function | Empty:
        token = self._take()
        if token.word in ("EMPTY", "NULL"):
            return Empty()
        if token.kind == "end":
            raise JqlError(
                "Error in the JQL Query: Expecting either a value, list or function at the end of the query."
            )
        if token.kind == "symbol" or token.word in RESERVED:
            hint = f" You must surround '{token.text}' in quotation marks to use it as a value." if token.word else ""
            raise JqlError(
                f"Error in the JQL Query: Expecting either a value, list or function but got '{token.text}'.{hint} "
                f"{place(self._text, token.position)}"
            )
        if self._took("("):
            return Function(token.text, self._arguments())
        return Value(token.text)

    def _arguments(self) -> tuple[str, ...]:
        arguments: list[str] = []
        while not self._took(")"):
            if self._token.kind in ("end", "symbol"):
                raise self._error("')'")
            arguments.append(self._take().text)
            self._took(",")
        return tuple(arguments)

    def _order(self) -> tuple[OrderBy, ...]:
        fields: list[OrderBy] = []
        while True:
            token = self._take()
            if token.kind in ("end", "symbol"):
                raise JqlError("Error in the JQL Query: Expecting a field name at the end of the query.")
            descending = self._took("DESC")
            if not descending:
                self._took("ASC")
            fields.append(OrderBy(token.text, descending))
            if not self._took(","):
                break
        if len(fields) > MAX_ORDER_FIELDS:
            raise JqlError(f"The maximum number of fields allowed in the ORDER BY clause is {MAX_ORDER_FIELDS}.")
        return tuple(fields)

    def _error(self, expected: str) -> JqlError:
        if self._token.kind == "end":
            return JqlError(f"Error in the JQL Query: Expecting {expected} before the end of the query.")
        got, where = self._token.text, place(self._text, self._token.position)
        return JqlError(f"Error in the JQL Query: Expecting {expected} but got '{got}'. {where}")
