r"""Markers in what a model says: find them while the text still comes in, and lose nothing of it.

The grammar (EBNF):

    reply     = { code | marker | character } ;
    marker    = "[" , kind , { blank , attribute } , [ blank ] , "]" , body , "[/" , kind , "]" ;
    kind      = "PROMOTE" | "QUESTION" | "CHECK" | "ACTION" | "SUGGEST_FIX" ;
    attribute = name , "=" , '"' , { "\" , ( '"' | "\" ) | character - '"' } , '"' ;
    name      = letter , { letter | "_" } ;                        (* small letters *)
    body      = { code | character } ;                             (* at most 20,000 characters, not only blanks *)
    code      = inline | fence ;
    inline    = backticks , { character - newline } , backticks ;  (* as many on both sides, on one line *)
    fence     = opening , { line } , ( closing | end of reply ) ;

A fence opens with three or more backticks that the same line does not close, or with three or more tildes at a line's
start, and closes at a line that begins with as many of the same and holds nothing else but a marker's end. The
attributes that a kind has are in `ATTRIBUTES`; `options` are separated by `|`, `facts` are numbers such as `F1, F3`.

What breaks a rule (an attribute that is not there, a body without an end, a marker inside another's body) comes out as
`Malformed`, to be shown as text. What only looks similar (`[NOTE]`, `[question]`, anything in code) is text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.pilot.marker_tokens import Close, Code, Head, Plain, Token, Tokens

LONGEST_BODY = 20_000
"""Characters between a marker's head and its end; a model that never ends one is not waited for longer."""


class MarkerKind(StrEnum):
    """What a marker asks for."""

    PROMOTE = "PROMOTE"
    QUESTION = "QUESTION"
    CHECK = "CHECK"
    ACTION = "ACTION"
    SUGGEST_FIX = "SUGGEST_FIX"


ATTRIBUTES: Mapping[MarkerKind, tuple[frozenset[str], frozenset[str]]] = {
    MarkerKind.PROMOTE: (frozenset({"id"}), frozenset()),
    MarkerKind.QUESTION: (frozenset(), frozenset({"options", "detail"})),
    MarkerKind.CHECK: (frozenset(), frozenset({"options", "detail"})),
    MarkerKind.ACTION: (frozenset(), frozenset({"detail"})),
    MarkerKind.SUGGEST_FIX: (frozenset({"title"}), frozenset({"cause", "facts", "template"})),
}
"""Of each kind: the attributes that it must have, and those that it may have."""


@dataclass(frozen=True)
class Text:
    """What is to be shown as it is."""

    source: str


@dataclass(frozen=True)
class Malformed:
    """What looks like a marker and is none: to be shown as text."""

    source: str


@dataclass(frozen=True)
class Marker:
    """A well-formed marker; `source` is how it was written."""

    kind: MarkerKind
    attributes: Mapping[str, str]
    body: str
    source: str


Event = Text | Malformed | Marker


@dataclass
class _Open:
    """A marker whose end has not come yet."""

    head: Head
    parts: list[str] = field(default_factory=list)
    length: int = 0
    is_spoilt: bool = False


class MarkerStream:
    """Read a text that comes in chunks: `feed` returns what is certain by now, `finish` the rest.

    However the text is cut, the events are the same (`merged` joins the pieces of text between two markers), and their
    sources one after the other are the text.
    """

    def __init__(self) -> None:
        self._tokens = Tokens(frozenset(MarkerKind))
        self._open: _Open | None = None

    def feed(self, chunk: str) -> list[Event]:
        """Return the events that `chunk` completes."""
        return self._events(self._tokens.feed(chunk))

    def finish(self) -> list[Event]:
        """Return what was still waiting for its end."""
        events = self._events(self._tokens.finish())
        if self._open is not None:
            events += _as_text(self._open)
            self._open = None
        return merged(events)

    @property
    def fence_end(self) -> str:
        """Return what would close the fenced code that the text is in the midst of, "" where it is in none."""
        return self._tokens.fence_end

    def _events(self, tokens: Iterable[Token]) -> list[Event]:
        events: list[Event] = []
        for token in tokens:
            events += self._outside(token) if self._open is None else self._inside(self._open, token)
        return merged(events)

    def _outside(self, token: Token) -> list[Event]:
        match token:
            case Head(source=source, attributes=attributes):
                if attributes is None or not _fits(token):
                    return [Malformed(source)]
                self._open = _Open(token)
                return []
            case Close(source=source):
                return [Malformed(source)]
            case Plain(source=source) | Code(source=source):
                return [Text(source)]

    def _inside(self, opened: _Open, token: Token) -> list[Event]:
        if isinstance(token, Close) and token.kind == opened.head.kind:
            self._open = None
            return [_ended(opened, token)]
        room = LONGEST_BODY - opened.length
        if len(token.source) > room:
            self._open = None
            if isinstance(token, Plain):
                opened.parts.append(token.source[:room])
                rest = token.source[room:]
                return [*_as_text(opened), Text(rest)]
            return [*_as_text(opened), *self._outside(token)]
        opened.parts.append(token.source)
        opened.length += len(token.source)
        if isinstance(token, Close) or (isinstance(token, Head) and token.attributes is not None):
            opened.is_spoilt = True
        return []


def parse(text: str) -> list[Event]:
    """Return the events of a whole text."""
    stream = MarkerStream()
    return merged([*stream.feed(text), *stream.finish()])


def merged(events: Iterable[Event]) -> list[Event]:
    """Join neighbouring pieces of text, and of malformed text, into one."""
    joined: list[Event] = []
    for event in events:
        last = joined[-1] if joined else None
        if isinstance(event, Text) and isinstance(last, Text):
            joined[-1] = Text(last.source + event.source)
        elif isinstance(event, Malformed) and isinstance(last, Malformed):
            joined[-1] = Malformed(last.source + event.source)
        else:
            joined.append(event)
    return joined


def shown_text(events: Iterable[Event]) -> str:
    """Return what people see of a text: all of it but the markers that were understood."""
    return "".join(event.source for event in events if not isinstance(event, Marker))


def _fits(head: Head) -> bool:
    needed, allowed = ATTRIBUTES[MarkerKind(head.kind)]
    given = frozenset(head.attributes or ())
    return needed <= given <= needed | allowed


def _ended(opened: _Open, end: Close) -> Event:
    body = "".join(opened.parts)
    source = f"{opened.head.source}{body}{end.source}"
    if opened.is_spoilt or not body.strip():
        return Malformed(source)
    return Marker(MarkerKind(opened.head.kind), opened.head.attributes or {}, body.strip(), source)


def _as_text(opened: _Open) -> list[Event]:
    return [Malformed(f"{opened.head.source}{''.join(opened.parts)}")]
