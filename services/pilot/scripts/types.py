"""Script templates, their typed parameters, what they do, and where values come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

SECRET_PREFIX = "secret:"  # noqa: S105 the form of a reference, no password


class Language(StrEnum):
    """What scripts are written in."""

    POWERSHELL = "powershell"
    BASH = "bash"
    PYTHON = "python"

    @property
    def label(self) -> str:
        """Name it for people."""
        return {"powershell": "PowerShell", "bash": "Bash", "python": "Python"}[self.value]


class ParameterType(StrEnum):
    """What a parameter holds; a secret holds a reference such as `secret:acme-admin`, never the secret."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    PATH = "path"
    HOST = "host"
    EMAIL = "email"
    USER = "user"
    SECRET = "secret"  # noqa: S105 the name of a kind, no password


class Risk(StrEnum):
    """What a script can do to a machine, from the least to the worst."""

    READ_ONLY = "read_only"
    CHANGES = "changes"
    UNKNOWN = "unknown"
    DESTRUCTIVE = "destructive"

    @property
    def rank(self) -> int:
        """Order risks; the worst of its parts is a script's."""
        return list(Risk).index(self)

    @property
    def label(self) -> str:
        """Say it to people."""
        return {
            Risk.READ_ONLY: "Reads only",
            Risk.CHANGES: "Changes settings",
            Risk.UNKNOWN: "Unknown risk",
            Risk.DESTRUCTIVE: "High risk",
        }[self]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a template; `name` is what stands between `{{` and `}}` in the body."""

    name: str
    type: ParameterType
    label: str = ""
    help: str = ""
    default: str = ""
    options: tuple[str, ...] = ()
    is_required: bool = True

    @property
    def title(self) -> str:
        """Name it for people."""
        return self.label or self.name.replace("_", " ").capitalize()

    @property
    def is_secret(self) -> bool:
        """Tell whether its value is a reference to a secret."""
        return self.type is ParameterType.SECRET

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {
            "name": self.name,
            "type": self.type.value,
            "label": self.label,
            "help": self.help,
            "default": self.default,
            "options": list(self.options),
            "is_required": self.is_required,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Parameter:
        """Read what `to_json` made, or a template's YAML."""
        return cls(
            name=str(stored["name"]),
            type=ParameterType(stored["type"]),
            label=str(stored.get("label", "")),
            help=str(stored.get("help", "")),
            default=str(stored.get("default", "")),
            options=tuple(str(option) for option in stored.get("options", ())),
            is_required=bool(stored.get("is_required", True)),
        )


@dataclass(frozen=True)
class Provenance:
    """Where a template comes from."""

    session_id: str | None = None
    member_id: int | None = None
    ticket_ref: str | None = None


@dataclass(frozen=True)
class TemplateDraft:
    """A template as somebody wants to save it."""

    name: str
    language: Language
    body: str
    parameters: tuple[Parameter, ...] = ()
    description: str = ""
    symptoms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Template:
    """A script with typed parameters; `is_builtin` ones come with FlowPilot and belong to no account."""

    id: str
    name: str
    description: str
    symptoms: tuple[str, ...]
    language: Language
    body: str
    parameters: tuple[Parameter, ...]
    risk: Risk
    changes: str
    rollback: str
    source: Provenance = field(default_factory=Provenance)
    is_builtin: bool = False
    retired_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True)
class Usage:
    """How often a template was filled in, and when last."""

    count: int = 0
    last_at: datetime | None = None


class DraftStatus(StrEnum):
    """Where a draft template stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True)
class PendingDraft:
    """A script of a session that may become a template."""

    id: str
    session_id: str
    fix_id: str | None
    title: str
    language: Language
    body: str
    parameters: tuple[Parameter, ...]
    status: DraftStatus
    created_at: datetime
    decided_by_member_id: int | None = None
    decided_at: datetime | None = None
    description: str = ""
    symptoms: tuple[str, ...] = ()

    @property
    def template(self) -> TemplateDraft:
        """Return the template that comes of it as it is."""
        return TemplateDraft(self.title, self.language, self.body, self.parameters, self.description, self.symptoms)


@dataclass(frozen=True)
class RiskFinding:
    """One thing that a script does; `line` counts from 1."""

    line: int
    command: str
    risk: Risk
    does: str
    inverse: str = ""


@dataclass(frozen=True)
class RiskReport:
    """What a script does. `unknown` are commands that no catalogue lists, `hides` how it hides what it does."""

    risk: Risk
    findings: tuple[RiskFinding, ...]
    unknown: tuple[str, ...]
    hides: tuple[str, ...]
    changes: str
    rollback: str


@dataclass(frozen=True)
class Script:
    """A script made of a template; `parameters` are as a session stores them, secrets as references."""

    language: Language
    body: str
    parameters: tuple[Mapping[str, Any], ...]
    report: RiskReport
