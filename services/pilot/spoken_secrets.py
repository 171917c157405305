"""How people say passwords, keys and codes at a help desk; each find is checked, so that hosts and versions stay.

What vendors' tokens look like is in `services.ai.secret_patterns`; this is for what people choose and dictate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_NO_SECRET = re.compile(
    r"(?i)[\d.,:/-]+(?:[ap]m|[kmgt]i?b|ms|s|h|th|st|nd|rd|%)?|kb\d{6,}|v?\d+(?:\.\w+)+|[\w.+-]+@[\w-]+(?:\.[a-z]{2,})+"
    r"|\w+://.*|[a-z]:\\.*|\\\\.*|\[.*\]|secret:.*|0x[0-9a-f]+|(?:md|sha|aes|wpa|ntlmv?|tls|ipv|dhcpv)-?\d+"
    r"|(?:windows|office|microsoft|m|iphone|ipad|galaxy|exchange|server|sql|outlook|word|excel|ios|macos|usb|port|id"
    r"|error|event|code)-?\d+"
)
_NAMED = (
    r"(?:pass(?:word|wort|code|phrase)|pass|pwd?|psk|community(?: string)?|kennwort|mot de passe|contraseña|senha"
    r"|(?:wi-?fi|wlan|network|guest|pre-?shared) key|كلمة (?:المرور|السر)"
    r"|(?:key|code) (?:for|of|to) (?:the )?(?:\w+ )?(?:wi-?fi|wlan|network|safe|alarm|door))"
)
_LINKS = (
    r"(?:\s+(?:is|was|now|to|of|set|reset|changed|temporarily|still|currently|it|ist|lautet|est|es|é|هي|هو"
    r"|for\s+\S{1,40})|\s*[:=])*"
)
_QUOTE = r"[\s\"'`“‘(]*"
_VALUE = r"(?P<value>[^\s\"'`“”‘’)]{4,64})"
_CODE = (
    r"(?:(?:mfa|otp|2fa|totp)(?:[\s-]+(?:pass)?(?:code|pin))?|(?:one-time|verification|authenticator|security|recovery"
    r"|backup|sign-?in|login|texted|sms|safe|alarm|door|gate|entry|unlock)[\s-]+(?:pass)?(?:code|key|pin))"
)
_LOGIN = (
    r"(?:credentials?|creds|log-?ins?(?: (?:info|data|details))?|account(?: data)?|administrator|admin|root"
    r"|user(?:name)?)"
)
_DETERMINERS = r"(?:(?:the|a|an|his|her|their|my|its|our|new|old|temporary|temp|local|admin|shared|user'?s?)\s+)*"

PASSWORD = re.compile(rf"(?i)\b{_NAMED}\b")
_WORD = re.compile(r"(?<!\S)[\"'`“‘(]*(?P<value>[^\s\"'`“”‘’()]{7,64})")
_IN_A_WORD = re.compile(r"\w[!$^]\w|\w@\w.*[!$^#]|\w#[^\W\d]")


def looks_typed(value: str) -> bool:
    """Tell whether a word beside "password" can be one: letters with digits, or signs that words do not have."""
    if _NO_SECRET.fullmatch(value):
        return False
    mixed = bool(re.search(r"\d", value)) and bool(re.search(r"[^\W\d_]", value))
    return mixed or re.search(r"[!@#$%^&*?+=~]", value.rstrip("?")) is not None


def looks_chosen(value: str) -> bool:
    """Tell it of a word anywhere in a text about passwords: capitals, small letters and digits, or digits and signs."""
    if len(value) < 8 or not looks_typed(value) or re.search(r"[\\/:=<>|]", value):
        return False
    kinds = [re.search(kind, value) is not None for kind in (r"\d", r"[a-zà-ÿ]", r"[A-ZÀ-Þ]", r"[!#$%^&*?+~]")]
    return kinds[0] and sum(kinds) >= 3


def looks_strong(value: str) -> bool:
    """Tell it of a word that nothing else in the text calls a secret: letters, digits, and a sign amid them."""
    if _NO_SECRET.fullmatch(value) or re.search(r"[\\/=<>|:*{}%&;]", value):
        return False
    return all(re.search(kind, value) for kind in (r"\d", r"[^\W\d_]")) and _IN_A_WORD.search(value) is not None


def _looks_long(value: str) -> bool:
    return len(value) >= 6 and looks_typed(value)


def _says_more(value: str) -> bool:
    return re.search(r"[\d!#$%^&*?+=~]", value) is not None and not _NO_SECRET.fullmatch(value)


def _is_code(value: str) -> bool:
    return len(re.sub(r"\D", "", value)) >= 4 and not re.fullmatch(r"(?:19|20)\d\d(?:-?\d\d){0,2}", value)


def _any(_: str) -> bool:
    return True


_SAID_OF_PASSWORDS = re.compile(
    r"about|accepted|again|always|also|blank|correct|different|empty|enough|everywhere|fine|good|incorrect|invalid|just"
    r"|known|long|lost|lower|mine|never|none|nothing|okay|often|only|refused|required|right|same|secret|secure|short"
    r"|shown|simple|somewhere|still|strong|that|theirs|there|this|today|twice|unknown|unsafe|upper|valid|weak|what"
    r"|wrong|yesterday|yours|abgelaufen|falsch|gleich|richtig|incorrect[ao]|expirado|expiré|.*(?:ed|ing|[ai]ble|ten)"
)


def _names_no_state(value: str) -> bool:
    """Tell whether the only word after “the password is” can be the password: nothing that one says of passwords."""
    word = value.casefold()
    return word.isalpha() and not _SAID_OF_PASSWORDS.fullmatch(word)


SPOKEN: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (re.compile(r"\b(?P<value>\d{6}(?:-\d{6}){7})\b"), _any),  # BitLocker's recovery password
    (re.compile(r"\b(?P<value>[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4})\b"), _any),  # Microsoft's product keys
    (re.compile(rf"(?i)\b{_NAMED}\b{_LINKS}{_QUOTE}{_VALUE}"), looks_typed),
    (
        re.compile(
            rf"(?i)\b{_NAMED}(?:\s+(?:is|was|ist|lautet|est|es|é)(?:\s+now)?|\s+(?:is |was )?(?:re)?set to"
            rf"|\s+(?:is |was )?changed to|\s*[:=]){_QUOTE}(?P<value>[^\W\d_]{{4,64}})"
            r"(?=[\"'`”’).,;!]*(?:\s*$|[.,;!\n]))"
        ),
        _names_no_state,
    ),
    (re.compile(rf"(?i)\b{_NAMED}\b[^\"'“‘\n]{{0,20}}[\"'“‘](?P<value>[^\"'“”‘’\n]{{4,64}})[\"'”’]"), _says_more),
    (
        re.compile(
            r"(?i)(?<!\S)[\"'`“‘(]?(?P<value>[^\s\"'`“”‘’(]{4,64})[\"'`”’)]?\s+(?:is|was|as|for)\s+"
            rf"{_DETERMINERS}{_NAMED}\b"
        ),
        looks_typed,
    ),
    # not in an address: https://login.example.com/v2
    (re.compile(rf"(?i)(?<![/.@-])\b{_LOGIN}\s*[:=]?\s*[\w.@\\-]{{2,60}}\s*[/|]\s*{_VALUE}"), looks_typed),
    (re.compile(rf"(?i)(?<![/.@-])\b{_LOGIN}\s*[:/]\s*{_VALUE}"), looks_typed),
    (
        re.compile(
            rf"(?i)\b(?:log|sign)\w*[ -](?:in|on|into)\b[^.!?\n]{{0,40}}?\bwith\s+(?:\S+\s+and\s+)?{_QUOTE}{_VALUE}"
        ),
        _looks_long,
    ),
    (re.compile(rf"(?i)/user:\S+\s+{_VALUE}"), looks_typed),
    (re.compile(r"(?i)convertto-securestring\s+(?:-string\s+)?[\"'](?P<value>[^\"'\n]{3,64})"), _any),
    (
        re.compile(
            r"(?i)\b(?:mysql\w*|mariadb|sshpass|plink|psexec)\b[^\n|;]{0,200}?\s-pw?\s?(?P<value>[^\s-]\S{3,63})"
        ),
        _any,
    ),
    (re.compile(r"(?i)\b(?:token|api[ -]?key)\s+(?P<value>[A-Za-z0-9_-]{16,200})\b"), looks_typed),
    (re.compile(r"(?i)\bsecret answer(?:\s+is|\s*:)?\s+(?P<value>[^\n.;,]{3,64})"), _any),
    (re.compile(r"(?i)\bpin\b(?:\s+(?:is|was|now|to|set|code)|\s*[:=])*\s*[\"'`]?(?P<value>\d{4,8})\b"), _any),
    (
        re.compile(rf"(?i)\b{_CODE}\b[^.\n\d]{{0,25}}(?P<value>\d[\d -]{{2,11}}\d)(?![\w-])"),
        _is_code,
    ),
)


def ended(value: str) -> str:
    """Leave out the punctuation that ends the sentence, not the secret."""
    return value.rstrip(".,;:)\"'`”’")


def spoken(text: str) -> Iterator[tuple[int, int]]:
    """Return where secrets stand in what somebody said."""
    everywhere = [(_WORD, looks_strong), *([(_WORD, looks_chosen)] if PASSWORD.search(text) else [])]
    for expression, accepts in (*SPOKEN, *everywhere):
        for match in expression.finditer(text):
            if accepts(ended(match["value"])):
                yield match.start("value"), match.start("value") + len(ended(match["value"]))
