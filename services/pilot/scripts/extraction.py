"""Turn a concrete script into a template: literals become typed parameters, and secrets leave it.

The body with the original values is the original script, byte for byte; with the original secrets as well if it had
any. A literal that cannot be put back exactly stays as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from services.errors import InvalidInputError
from services.pilot.scripts.constants import Constant, constants_of
from services.pilot.scripts.lexing import Kind
from services.pilot.scripts.looks import INSIDE, hinted, is_everywhere, is_named, looks_like, type_of_constant
from services.pilot.scripts.naming import Names, choices_of
from services.pilot.scripts.param_block import taken_by
from services.pilot.scripts.placeholders import PLACEHOLDER, Spot, spots
from services.pilot.scripts.quoting import in_code, in_string
from services.pilot.scripts.same_everywhere import is_process, is_switch
from services.pilot.scripts.secrets import is_secret, secret_ranges
from services.pilot.scripts.types import Language, Parameter, ParameterType
from services.pilot.scripts.values import clean_value

MAX_SCRIPT_CHARACTERS = 40_000
MAX_PARAMETERS = 20
"""More than fit into one modal are no longer a form; the surest are taken."""
INSIDE_RANK = 4
"""Of a value inside a longer text: the least sure."""
_SETTINGS = frozenset({ParameterType.NUMBER, ParameterType.BOOLEAN})
"""What a script's author chose as its default; a default that names a person or a machine is of one case."""
_REMOTE = frozenset({"ssh", "scp", "sftp", "rsync", "ssh-copy-id"})


@dataclass(frozen=True)
class Extraction:
    """A template made of a script. `secrets` are what stood in the place of secret parameters: never store them."""

    language: Language
    body: str
    parameters: tuple[Parameter, ...]
    values: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class _Candidate:
    """A range of the script that may become a parameter; the lower the rank, the surer."""

    start: int
    end: int
    raw: str
    value: str
    type: ParameterType
    constant: Constant
    rank: int
    owner: str = ""
    """The script's own parameter whose default it is, where equal values mean different things."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Tell values apart; a secret by how it is written."""
        return self.type, self.raw if self.type is ParameterType.SECRET else self.value, self.owner


def extract(language: Language, script: str) -> Extraction:
    """Return the template of a script; `InvalidInputError` when it is too long or a secret cannot be taken out."""
    if len(script) > MAX_SCRIPT_CHARACTERS:
        raise InvalidInputError(f"The script has more than {MAX_SCRIPT_CHARACTERS:,} characters.")
    constants = constants_of(language, script)
    ranges = secret_ranges(script)
    owners = {each.default: each.name for each in taken_by(language, script) if each.default is not None}
    plain = _owned(list(_plain(language, constants, ranges, owners)), owners)
    found = _without_overlaps([*_secrets(script, constants, ranges), *plain, *_in_comments(constants, plain)])
    dropped: set[tuple[str, str, str]] = set()
    while True:
        candidates = _limited(found)
        extraction = _build(language, script, candidates)
        refused = _refused(extraction, candidates)
        if not refused:
            break
        dropped |= refused
        # of a text that cannot be a parameter as a whole, what stands in it may be one
        within = [inner for each in found if each.key in refused for inner in _within(each)]
        found = _without_overlaps([each for each in (*found, *within) if each.key not in dropped])
    _check_secrets(extraction.body, extraction.secrets)
    return extraction


def restored(extraction: Extraction) -> str:
    """Return the original script: the template with the values and secrets that it was made of."""
    parts: list[str] = []
    position = 0
    for spot in spots(extraction.language, extraction.body, extraction.parameters):
        name = spot.parameter.name
        raw = extraction.secrets.get(name) or _written(extraction.language, spot, extraction.values[name])
        parts += [extraction.body[position : spot.start], raw]
        position = spot.end
    return "".join([*parts, extraction.body[position:]])


def _written(language: Language, spot: Spot, value: str) -> str:
    if spot.kind is Kind.COMMENT:
        return value
    if spot.style:
        return in_string(language, spot.style, value)
    return in_code(language, spot.parameter.type, value, is_bare=spot.is_bare)


def _secrets(script: str, constants: list[Constant], ranges: list[tuple[int, int]]) -> Iterator[_Candidate]:
    covered: list[tuple[int, int]] = []
    for constant in constants:
        if constant.kind is not Kind.COMMENT and is_secret(constant, ranges):
            start, end = _secret_place(constant, ranges)
            covered.append((start, end))
            yield _Candidate(start, end, script[start:end], "", ParameterType.SECRET, constant, 0)
    for start, end in ranges:
        if not any(a < end and start < b for a, b in covered):
            constant = Constant(start, end, script[start:end], None, "", Kind.COMMENT)
            yield _Candidate(start, end, script[start:end], "", ParameterType.SECRET, constant, 0)


def _secret_place(constant: Constant, ranges: list[tuple[int, int]]) -> tuple[int, int]:
    """Return what is replaced: the secret itself where its surroundings expand, else the literal with its quotes."""
    inside = [(a, b) for a, b in ranges if constant.start <= a and b <= constant.end]
    if constant.kind is Kind.EXPANDED and inside:
        return inside[0][0], inside[-1][1]
    return constant.outer if constant.outer[1] else (constant.start, constant.end)


def _owned(candidates: list[_Candidate], owners: Mapping[tuple[int, int], str]) -> list[_Candidate]:
    """Let each of the script's own parameters keep its default: two that are 30 are not one."""
    seen: set[tuple[str, str, str]] = set()
    found: list[_Candidate] = []
    for each in candidates:
        owner = owners.get(_place(each.constant), "")
        is_apart = each.type in _SETTINGS or each.key in seen
        found.append(replace(each, owner=owner) if owner and is_apart else each)
        seen |= {each.key} if owner else set()
    return found


def _place(constant: Constant) -> tuple[int, int]:
    """Return where the literal stands with its quotes."""
    return constant.outer if constant.outer[1] else (constant.start, constant.end)


def _plain(
    language: Language,
    constants: list[Constant],
    ranges: list[tuple[int, int]],
    owners: Mapping[tuple[int, int], str],
) -> Iterator[_Candidate]:
    assigned = Counter(constant.name for constant in constants if constant.is_assigned)
    for constant in constants:
        if constant.kind is Kind.COMMENT or constant.value is None or is_secret(constant, ranges):
            continue
        candidate = _whole(language, constant, assigned, is_default=_place(constant) in owners)
        if candidate is not None:
            yield candidate
        elif len(constant.value) > 3:
            yield from _inside(constant)


def _in_comments(constants: list[Constant], plain: list[_Candidate]) -> Iterator[_Candidate]:
    """Yield what comments say of values that are parameters anyway."""
    types = {each.value: each.type for each in plain}
    for constant in constants:
        if constant.kind is Kind.COMMENT:
            yield from (replace(each, type=types[each.value]) for each in _inside(constant) if each.value in types)


def _whole(language: Language, constant: Constant, assigned: Counter[str], *, is_default: bool) -> _Candidate | None:
    value = constant.value or ""
    name = constant.name.lstrip("-")
    type_ = looks_like(value) or (hinted(name, value) if name and not is_everywhere(value) else None)
    rank = 1
    if is_switch(language, constant) or is_process(constant):
        type_ = None
    elif (
        type_ is None and is_named(constant.name) and re.search(r"\w", value) and not value.startswith(("-", "$", "*"))
    ):
        type_, rank = ParameterType.TEXT, 3
    if is_default:
        type_ = type_ or type_of_constant(name, value)
    elif constant.is_assigned and assigned[constant.name] == 1 and not _is_counter(constant):
        type_, rank = type_ or type_of_constant(name, value), 2
    is_remote = constant.command in _REMOTE and "@" in value
    is_same_anywhere = is_everywhere(value) and not is_default
    if type_ is None or is_remote or constant.is_part or is_same_anywhere or not value.strip():
        return None
    if type_ is ParameterType.BOOLEAN:
        value = value.lstrip("$").lower()
    return _Candidate(constant.start, constant.end, constant.raw, value, type_, constant, rank)


def _is_counter(constant: Constant) -> bool:
    return constant.value in ("0", "1", "") or constant.name.startswith(("$", "_")) or constant.name in ("PATH", "IFS")


def _within(candidate: _Candidate) -> Iterator[_Candidate]:
    is_whole = candidate.rank < INSIDE_RANK and candidate.type is not ParameterType.SECRET
    return _inside(candidate.constant) if is_whole else iter(())


def _inside(constant: Constant) -> Iterator[_Candidate]:
    taken: list[tuple[int, int]] = []
    if constant.command in _REMOTE and (match := re.fullmatch(r"([\w.-]+@)([\w.-]+)(:.*)?", constant.raw)):
        start = constant.start + match.start(2)
        yield _Candidate(start, start + len(match[2]), match[2], match[2], ParameterType.HOST, constant, 1)
        return
    for expression, type_ in INSIDE:
        for match in expression.finditer(constant.raw):
            if any(match.start() < end and match.end() > start for start, end in taken) or is_everywhere(match[0]):
                continue
            if looks_like(match[0]) is None:
                continue
            taken.append(match.span())
            start, end = constant.start + match.start(), constant.start + match.end()
            yield _Candidate(start, end, match[0], match[0], type_, constant, INSIDE_RANK)


def _without_overlaps(candidates: list[_Candidate]) -> list[_Candidate]:
    taken: list[_Candidate] = []
    for each in sorted(candidates, key=lambda one: (one.rank, one.start)):
        if all(each.end <= other.start or each.start >= other.end for other in taken):
            taken.append(each)
    return taken


def _limited(candidates: list[_Candidate]) -> list[_Candidate]:
    """Keep the surest values; all secrets stay."""
    ranks: dict[tuple[str, str, str], int] = {}
    for each in candidates:
        ranks[each.key] = min(each.rank, ranks.get(each.key, each.rank))
    best = set(sorted(ranks, key=lambda key: ranks[key])[:MAX_PARAMETERS])
    return sorted((each for each in candidates if each.rank == 0 or each.key in best), key=lambda each: each.start)


def _build(language: Language, script: str, candidates: list[_Candidate]) -> Extraction:
    names = Names(reserved={match[1] for match in PLACEHOLDER.finditer(script)})
    telling: dict[tuple[str, str, str], Constant] = {}
    for each in sorted(candidates, key=lambda one: (not one.constant.is_assigned, not one.constant.name)):
        telling.setdefault(each.key, each.constant)
    parameters: dict[str, Parameter] = {}
    values: dict[str, str] = {}
    secrets: dict[str, str] = {}
    parts: list[str] = []
    position = 0
    for each in candidates:
        name = names.of(each.key, telling[each.key].name, telling[each.key].command)
        parts += [script[position : each.start], _placeholder(language, each, name)]
        position = each.end
        if name not in parameters:
            options = choices_of(language, script, telling[each.key].name, each.value)
            type_ = ParameterType.CHOICE if options else each.type
            default = each.value if options or (each.owner and each.type in _SETTINGS) else ""
            parameters[name] = Parameter(name, type_, default=default, options=options)
        if each.type is ParameterType.SECRET:
            secrets[name] = each.raw
        else:
            values[name] = each.value
    body = "".join([*parts, script[position:]])
    return Extraction(language, body, tuple(parameters.values()), values, secrets)


def _placeholder(language: Language, candidate: _Candidate, name: str) -> str:
    constant = candidate.constant
    is_word = language is Language.POWERSHELL and constant.kind is Kind.WORD and not constant.style
    is_text = candidate.type not in (ParameterType.NUMBER, ParameterType.BOOLEAN, ParameterType.SECRET)
    return f"{{{{{name}:bare}}}}" if is_word and is_text else f"{{{{{name}}}}}"


def _refused(extraction: Extraction, candidates: list[_Candidate]) -> set[tuple[str, str, str]]:
    """Return the values that cannot be parameters in one of their places; they stay literals in all of them."""
    refused: set[tuple[str, str, str]] = set()
    places = spots(extraction.language, extraction.body, extraction.parameters)
    for candidate, spot in zip(candidates, places, strict=True):
        if candidate.type is ParameterType.SECRET:
            if spot.problem or spot.kind is Kind.LITERAL:
                raise InvalidInputError(
                    "A secret stands where nothing can take its place: "
                    f"line {extraction.body.count(chr(10), 0, spot.start) + 1}.",
                    hint="Put it into a variable of its own, or take it out.",
                )
        elif spot.problem or not _goes_back(extraction.language, candidate, spot):
            refused.add(candidate.key)
    return refused


def _goes_back(language: Language, candidate: _Candidate, spot: Spot) -> bool:
    try:
        is_clean = clean_value(spot.parameter, candidate.value) == candidate.value
        return is_clean and _written(language, spot, candidate.value) == candidate.raw
    except InvalidInputError:
        return False


def _check_secrets(body: str, secrets: Mapping[str, str]) -> None:
    for name, secret in secrets.items():
        bare = secret.strip("'\"")
        if len(bare) > 5 and bare in body:
            raise InvalidInputError(f"The secret of “{name}” stands in the script in a second way.", hint="Remove it.")
