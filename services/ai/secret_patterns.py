"""What secrets look like in text: known token shapes, assignments, headers, key blocks.

Shapes follow the vendors' published token formats. Everything here is a pattern; no real value is stored.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

MINIMUM_ENTROPY = 2.8
"""Bits per character below which an assigned value is a word, not a secret (`changeme` has 2.75)."""

MINIMUM_LONE_ENTROPY = 4.3
"""The same for a long string that nothing names a secret."""


def entropy(text: str) -> float:
    """Return Shannon's entropy of the characters, in bits per character."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values()) if text else 0.0


_FILLER = re.compile(
    r"(?i)(?:^|[^a-z])(?:example|sample|placeholder|redacted|your|dummy|changeme|xxx+|null|none|true|false|undefined)"
    r"(?:$|[^a-z])|\*{4,}|x{6,}|\.\.\.|^\$\{?|^<|^\{\{|^%[({]|\$\{|\(\)|::|->|^process\.|^self\.|^os\.|^env\."
)


def _is_sequence(text: str) -> bool:
    steps = [ord(b) - ord(a) for a, b in pairwise(text)]
    return bool(steps) and sum(1 for step in steps if step in (0, 1)) > len(steps) * 0.85


_CODE = re.compile(
    r"[A-Za-z_]\w{0,40}(?:\.[A-Za-z_]\w{0,40})+|[a-z\d]+(?:-[a-z]+)*=[a-z]+|\S+\.(?:pem|p12|jks|crt|com|net|org|png|json)"
    r"|\S*SNAPSHOT\S*|\w+(?:-\w+)*-API(?:-KEY)?|[A-Za-z_]+\d{0,2}[A-Za-z_]*(?:_\d{1,3}){0,3}"
)
"""Values that are code: attribute paths, build flavours, file names, versions, plain identifiers."""


def looks_secret(value: str) -> bool:
    """Tell whether an assigned value can be a secret: mixed and unpredictable, no placeholder, no code."""
    if _FILLER.search(value) or _is_sequence(value) or entropy(value) < MINIMUM_ENTROPY or _CODE.fullmatch(value):
        return False
    return (bool(re.search(r"\d", value)) and bool(re.search(r"[A-Za-z]", value))) or (
        value.isdigit() and len(value) >= 12
    )


def _looks_password(value: str) -> bool:
    return not _FILLER.search(value) and not _is_sequence(value) and len(set(value)) > 3


def _looks_assigned_password(value: str) -> bool:
    return (
        _looks_password(value)
        and bool(re.search(r"\d|[^\w.-]", value))
        and not re.match(r"[\w.]+\.[A-Za-z]\w*$", value)
    )


def _looks_user_and_password(value: str) -> bool:
    user, _, password = value.replace('"', "").replace("'", "").partition(":")
    return any(looks_secret(part) for part in (user, password)) or (len(set(password)) > 12 and "_" not in password)


def _looks_random(value: str) -> bool:
    """Tell whether a lone string is a random token and no path, name, digest or identifier."""
    kinds = (r"[a-z]", r"[A-Z]", r"\d")
    if not all(re.search(kind, value) for kind in kinds) or re.search(r"[a-z]{8,}|[A-Z]{8,}|/[a-z]+/", value):
        return False
    return not _FILLER.search(value) and entropy(value) >= MINIMUM_LONE_ENTROPY


def _any_token(value: str) -> bool:
    return not re.search(r"(?i)x{6,}|\*{4,}|\.\.\.|example", value) and len(set(value)) > 5


@dataclass(frozen=True)
class SecretPattern:
    """A regular expression whose group `value` (or whole match) is a secret if `accepts` agrees."""

    expression: re.Pattern[str]
    accepts: Callable[[str], bool] = bool


def _token(*shapes: str) -> SecretPattern:
    return SecretPattern(re.compile(rf"(?<![A-Za-z0-9])(?P<value>{'|'.join(shapes)})"), _any_token)


_VENDORS = (
    "adafruit|adobe|airtable|algolia|alibaba|artifactory|asana|atlassian|aws|azure|beamer|bitbucket|bittrex|clickhouse"
    "|cloudflare|codecov|cohere|coinbase|confluent|contentful|databricks|datadog|discord|droneci|dropbox|etsy|facebook"
    "|fastly|finicity|finnhub|flickr|freshbooks|freemius|github|gitlab|gitter|gocardless|grafana|heroku|hubspot"
    "|intercom|jfrog|jira|kraken|kucoin|launchdarkly|linear|linkedin|lob|looker|mailchimp|mailgun|mapbox|mattermost"
    "|maxmind|messagebird|meraki|netlify|new[-_ ]?relic|nytimes|okta|openshift|plaid|planetscale|privateai|rapidapi"
    "|sendbird|sendgrid|sentry|shopify|sidekiq|slack|snyk|sonar|sourcegraph|square|squarespace|stripe|sumo|telegram"
    "|travis|trello|twilio|twitch|twitter|typeform|vault|yandex|zendesk"
)
_NAMES = (
    r"api|auth(?:entication|orization)?|access|client|consumer|credentials?|creds|license|key|pass(?:word|wd|phrase)?"
    r"|private|pwd|secret|signature|signing|token|bearer|webhook|dsn"
)
_SUFFIX = r"(?:[\W_]?(?:token|key|secret|value|string|pass(?:word)?|live|prod|test|hash|data|\d{1,3})){0,4}"
_GLUE = (
    r"[\"'`\]\)]{0,3}(?:\s+string)?\s{0,3}(?:=>|:{0,3}=|[?.]=|={1,3}|:|>|\|\||,)\s{0,5}(?:\w{1,12}\()?[\"'`\s\\]{0,8}"
)

SECRET_PATTERNS: tuple[SecretPattern, ...] = (
    SecretPattern(
        re.compile(
            r"-----BEGIN[ A-Z0-9_-]{0,60}PRIVATE KEY(?: BLOCK)?-----[\s\S]{20,20000}?"
            r"(?:-----END[ A-Z0-9_-]{0,60}KEY(?: BLOCK)?-----|\Z)"
        )
    ),
    SecretPattern(re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"]{0,100}:(?P<value>[^\s/@'\"]{3,200})@")),
    SecretPattern(re.compile(r"\bhooks\.slack\.com/(?:services|workflows|triggers)/(?P<value>[\w/+-]{30,90})")),
    SecretPattern(re.compile(r"https?://[\w.-]{1,80}\.webhook\.office\.com/(?P<value>[\w@/-]{40,300})")),
    SecretPattern(re.compile(r"\bey[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_/\\-]{10,}(?:\.[A-Za-z0-9_/\\=-]{0,})?")),
    SecretPattern(re.compile(r"\bZXlK[A-Za-z0-9+/]{60,}={0,2}")),
    _token(
        r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{5,11}-?){3,6}",
        r"ops_eyJ[A-Za-z0-9+/]{40,}={0,3}",
        r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b",
        r"ABSK[A-Za-z0-9+/]{60,}={0,2}",
        r"bedrock-api-key-[\w+/=]{10,}",
        r"AGE-SECRET-KEY-1[A-Z0-9]{50,}",
        r"AIza[\w-]{35}",
        r"GOCSPX-[\w-]{20,}",
        r"ya29\.[\w-]{20,}",
        r"(?:AKC|cmVmd)[A-Za-z0-9]{50,}",
        r"ATATT3[A-Za-z0-9_\-=]{30,}",
        r"CFPAT-[\w-]{40,}",
        r"v1\.0-[a-f0-9]{24}-[a-f0-9]{100,}",
        r"dapi[a-f0-9]{32}",
        r"do[opr]_v1_[a-f0-9]{40,}",
        r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._]{30,}",
        r"EZ[AT]K[A-Za-z0-9]{40,}",
        r"EAA[MC][A-Za-z0-9]{40,}",
        r"FLW(?:PUB|SEC)K[_-]TEST-[A-Za-z0-9]{12,}(?:-X)?",
        r"(?:fo1_[\w-]{40,}|fm[12][ar]?_[A-Za-z0-9+/]{60,}={0,3})",
        r"gh[pousr]_[A-Za-z0-9]{30,}",
        r"github_pat_\w{60,}",
        r"gl(?:pat|cbt|dt|oas|ft|imt|agent|ptt|rt|soat|ffct|rtr)-[\w.-]{16,}",
        r"GR1348941[\w-]{20}",
        r"_gitlab_session=[0-9a-z]{32}",
        r"(?:glc_|glsa_)[A-Za-z0-9+/_]{30,}={0,2}",
        r"eyJrIjoi[A-Za-z0-9+/]{60,}={0,2}",
        r"(?:pat|sat)\.[A-Za-z0-9]{22}\.[a-f0-9]{24}\.[A-Za-z0-9]{20}",
        r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,}",
        r"HRKU-[\w-]{30,}",
        r"hvs\.[\w-]{60,}|hvb\.[\w-]{100,}|s\.[A-Za-z0-9]{24}\b",
        r"(?:hf_|api_org_)[A-Za-z]{34}",
        r"ico-[A-Za-z0-9]{32}",
        r"s-s4t2(?:ud|af)-[a-f0-9]{64}",
        r"lin_(?:api|oauth)_[A-Za-z0-9]{32,}",
        r"[a-f0-9]{32}-us\d{1,2}\b",
        r"(?:key|pubkey)-[a-f0-9]{32}\b",
        r"pk\.[A-Za-z0-9]{60}\.[A-Za-z0-9]{22}",
        r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk",
        r"NRAK-[A-Za-z0-9]{27}|NRJS-[a-f0-9]{19}|NRII-[\w-]{32}",
        r"npm_[A-Za-z0-9]{36}",
        r"ntn_[0-9]{11}[A-Za-z0-9]{35}",
        r"API-[A-Z0-9]{26}\b",
        r"(?:sk-(?:ant|proj|svcacct|admin|or)-[\w-]{20,}|sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20})",
        r"sha256~[\w-]{43}",
        r"pplx-[A-Za-z0-9]{48}",
        r"pscale_(?:tkn|oauth|pw)_[\w=.-]{30,}",
        r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}",
        r"pn[ub]_[A-Za-z0-9]{36}",
        r"fp_[A-Za-z0-9_-]{1,40}_[0-9a-f]{32}_[0-9a-f]{64}",
        r"pul-[a-f0-9]{40}",
        r"pypi-AgEI[\w-]{50,}",
        r"rdme_[a-z0-9]{70}",
        r"rubygems_[a-f0-9]{48}",
        r"tk-us-[\w-]{48}",
        r"SG\.[A-Za-z0-9=_.-]{60,}|xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}",
        r"sntry[su]_[A-Za-z0-9+/=_]{60,}",
        r"sm_(?:aat|pat|sat)_[A-Za-z0-9]{16}",
        r"shippo_(?:live|test)_[a-f0-9]{40}",
        r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}",
        r"xox[abceoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}|xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]+|xoxe-\d-[A-Z0-9]{100,}",
        r"sgp_[A-Fa-f0-9_]{40,}|slk_[a-f0-9]{64}",
        r"(?:EAAA|sq0[a-z]{3}-)[\w-]{22,}",
        r"(?:[rs]k|whsec|rk)_(?:test|live|prod)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/]{24,}",
        r"tfp_[A-Za-z0-9_.=-]{59}",
        r"\d{5,16}:A[\w-]{34}\b",
        r"SK[a-f0-9]{32}\b",
        r"t1\.[A-Z0-9a-z_-]+={0,2}\.[A-Z0-9a-z_-]{86}={0,2}",
        r"AQVN[\w-]{35,38}|YC[\w-]{38}",
        r"tfe?\.[A-Za-z0-9_-]{60,}",
        r"live_[a-f0-9]{35}|test_[a-f0-9]{35}|(?:live|test)_pub_[a-f0-9]{31}|duffel_(?:test|live)_[\w=-]{43}",
        r"dnkey-[\w=-]{26}-[\w=-]{52}",
        r"sl\.[\w=-]{100,}",
        r"(?:PSCRT|PRVTK|CLOJARS_)[A-Za-z0-9_-]{20,}",
        r"v\d\.\d-[a-f0-9]{24}-[a-f0-9]{140,}",
        r"tk_[A-Za-z0-9]{30,}|nfp_[A-Za-z0-9]{30,}|dckr_pat_[\w-]{20,}|figd_[\w-]{30,}|vercel_[A-Za-z0-9_]{20,}",
    ),
    SecretPattern(
        re.compile(
            r"(?i)(?:proxy-)?authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?"
            r"(?:[a-z][a-z-]{3,15}\s+)?(?P<value>[^\s\"'<>{}$]{8,2000})"
        ),
        _looks_password,
    ),
    SecretPattern(re.compile(r"(?i)\bbearer\s+(?P<value>[\w.~+/-]{16,2000}=*)"), looks_secret),
    SecretPattern(
        re.compile(
            r"(?i)\bx-[a-z0-9-]{0,40}(?:key|token|secret|auth)[a-z-]{0,12}:\s{0,3}(?P<value>[^\s\"'<>{}$]{8,500})"
        ),
        _looks_password,
    ),
    SecretPattern(
        re.compile(
            r"(?i)\bcurl\b[\s\S]{0,400}?\s(?:-u|--user)[\s=]{0,3}(?P<value>[\"']?[^\s:\"']{0,80}[\"']?:[\"']?[^\s\"'$<\[]{0,100})"
        ),
        _looks_user_and_password,
    ),
    SecretPattern(
        re.compile(r"(?i)\bBUNDLE_\w{1,60}__COM\w{0,20}[\"']?[\s:=>?.]{1,6}[\"']?(?P<value>[a-f0-9]{8}:[a-f0-9]{8})"),
    ),
    SecretPattern(re.compile(r"(?i)https?://(?P<value>[a-f0-9]{8}:[a-f0-9]{8})@")),
    SecretPattern(
        re.compile(
            r"(?i)<add\s+key\s*=\s*[\"'](?:cleartextpassword|password)[\"']\s+value\s*=\s*[\"'](?P<value>[^\"'%]{5,200})[\"']"
        ),
        _looks_password,
    ),
    SecretPattern(
        re.compile(
            rf"(?i)(?<![A-Za-z])[\w.-]{{0,40}}(?:pass(?:word|wd|phrase|code)|pwd)(?:{_GLUE}|\s+(?:is|was)[:\s]+[\"'`]?)"
            r"(?P<value>[^\s\"'`<>,;(){}\[\]]{6,120})"
        ),
        _looks_assigned_password,
    ),
    SecretPattern(
        re.compile(
            rf"(?i)(?<![A-Za-z])(?!\w{{0,30}}public)[\w.-]{{0,40}}(?:{_NAMES}){_SUFFIX}{_GLUE}(?P<value>[\w.=+/~-]{{10,250}}={{0,3}})"
        ),
        looks_secret,
    ),
    SecretPattern(
        re.compile(rf"(?i)(?:{_VENDORS})[\w.\-\[\]\"' ]{{0,40}}{_GLUE}(?P<value>[\w.=+/~-]{{10,250}}={{0,3}})"),
        looks_secret,
    ),
    SecretPattern(re.compile(r"(?<![\w/+=.-])(?P<value>[A-Za-z0-9+/_-]{40,200}={0,2})(?![\w/+=-])"), _looks_random),
)
