"""ConnectWise's `conditions`: a subset of its grammar, and nothing outside it is let pass.

either    = both { "or" both }
both      = one { "and" one }
one       = "(" either ")" | field operator value | field [ "not" ] "in" "(" value { "," value } ")"
operator  = "=" | "!=" | "<" | "<=" | ">" | ">=" | [ "not" ] "contains" | [ "not" ] "like"
value     = "text" | 'text' | number | true | false | null | [date]
field     = name { "/" name }
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.connectwise.errors import ConnectWiseError, bad_request

Test = Callable[[dict[str, Any]], bool]
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|\[(?P<date>[^\]]*)\]|(?P<number>-?\d+(?:\.\d+)?)(?![\w/])"""
    r"""|(?P<sign><=|>=|!=|=|<|>|\(|\)|,)|(?P<word>[A-Za-z_][\w]*(?:/[A-Za-z_]\w*)*))"""
)
COMPARES: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(_folded(a) == _folded(b)),
    "!=": lambda a, b: bool(_folded(a) != _folded(b)),
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
WORDS = {"contains", "like", "in"}


def compiled(conditions: str) -> Test:
    """Return what tells whether an object fits; ConnectWiseError for what is not in the grammar."""
    if not conditions.strip():
        return lambda _: True
    parser = _Parser(_tokens(conditions))
    test = parser.either()
    if parser.tokens:
        raise _wrong(f"unexpected {parser.tokens[0][1]!r}")
    return test


def _wrong(what: str) -> ConnectWiseError:
    return bad_request(f"conditions is invalid: {what}")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise _wrong(f"unexpected {text[position:].strip()[:20]!r}")
        found.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens

    def either(self) -> Test:
        tests = [self._both()]
        while self._take_word("or"):
            tests.append(self._both())
        return lambda each: any(test(each) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take_word("and"):
            tests.append(self._one())
        return lambda each: all(test(each) for test in tests)

    def _one(self) -> Test:
        kind, text = self._next()
        if (kind, text) == ("sign", "("):
            test = self.either()
            self._expect(")")
            return test
        if kind != "word":
            raise _wrong(f"expected a field, not {text!r}")
        is_negated = self._take_word("not")
        found = self._comparison(text)
        return (lambda each: not found(each)) if is_negated else found

    def _comparison(self, field: str) -> Test:
        kind, sign = self._next()
        if kind == "sign" and sign in COMPARES:
            value, compare = self._value(), COMPARES[sign]
            return lambda each: _compared(compare, held(each, field), value)
        word = sign.lower()
        if kind != "word" or word not in WORDS:
            raise _wrong(f"expected an operator, not {sign!r}")
        if word == "in":
            values = self._list()
            return lambda each: any(_folded(held(each, field)) == _folded(value) for value in values)
        wanted = self._value()
        if not isinstance(wanted, str):
            raise _wrong(f"{word} needs text")
        return lambda each: _matches(word, str(held(each, field) or ""), wanted)

    def _list(self) -> list[Any]:
        self._expect("(")
        values = [self._value()]
        while self.tokens and self.tokens[0] == ("sign", ","):
            self._next()
            values.append(self._value())
        self._expect(")")
        return values

    def _value(self) -> Any:
        kind, text = self._next()
        if kind == "text":
            return text[1:-1]
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "date":
            return _instant(text)
        constants = {"true": True, "false": False, "null": None}
        if kind == "word" and text.lower() in constants:
            return constants[text.lower()]
        raise _wrong(f"expected a value, not {text!r}")

    def _next(self) -> tuple[str, str]:
        if not self.tokens:
            raise _wrong("it ends too early")
        return self.tokens.pop(0)

    def _take_word(self, word: str) -> bool:
        if self.tokens and self.tokens[0][0] == "word" and self.tokens[0][1].lower() == word:
            self.tokens.pop(0)
            return True
        return False

    def _expect(self, sign: str) -> None:
        if self._next() != ("sign", sign):
            raise _wrong(f"expected {sign!r}")


def held(each: Any, field: str) -> Any:
    """Return what an object has under a path such as board/name; ConnectWiseError for what nothing of its kind has."""
    for name in field.split("/"):
        if each is None:
            return None
        if not isinstance(each, dict) or name not in each:
            raise _wrong(f"{field} is not a field")
        each = each[name]
    return each


def _compared(compare: Callable[[Any, Any], bool], value: Any, wanted: Any) -> bool:
    if isinstance(wanted, datetime) and value is not None:
        value = _instant(value)
    try:
        return compare(value, wanted)
    except TypeError:
        return False


def _matches(word: str, value: str, wanted: str) -> bool:
    if word == "contains":
        return wanted.casefold() in value.casefold()
    # a like without a wildcard is an equals, whatever else a pattern may hold
    pattern = ".*".join(re.escape(part) for part in wanted.split("%"))
    return re.fullmatch(pattern, value, re.IGNORECASE | re.DOTALL) is not None


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _instant(text: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(str(text))
    except ValueError:
        raise _wrong(f"{text!r} is not a date") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
