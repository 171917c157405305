"""ConnectWise PSA (Manage), REST 3.0: service tickets, their notes, and the statuses of their boards."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from services.errors import InvalidInputError
from services.settings import Settings
from services.vendors.circuit import OnCircuit
from services.vendors.http import Policy, VendorHttp
from services.vendors.problems import Effect
from services.vendors.reading_once import held, hold, let_go
from services.vendors.values import clean, parse_time

VENDOR = "ConnectWise"
API = "/v4_6_release/apis/3.0"
VERSION = "2025.16"
"""The API version that is asked for, so that the server's next one changes nothing here."""
CONNECTWISE_POLICY = Policy(calls=10, per_s=1.0, in_flight=2)
"""ConnectWise publishes no limit; two calls at once and its own 429 are what integrators live with."""
SCREEN = "/services/system_io/Service/fv_sr100_request.rails"
PER_PAGE = 250
MAX_PAGES = 40
TICKET_FIELDS = "id,summary,board,status,company,contact,contactName,owner,priority,closedFlag,_info"
TICKET_PARAMS = {"fields": TICKET_FIELDS}


class NoteFlag(StrEnum):
    """Where a note stands on the ticket; ConnectWise wants at least one."""

    DISCUSSION = "detailDescriptionFlag"
    INTERNAL = "internalAnalysisFlag"
    RESOLUTION = "resolutionFlag"


@dataclass(frozen=True, slots=True)
class ConnectWiseStatus:
    """A status of one board."""

    id: int
    name: str
    is_closed: bool
    is_inactive: bool


@dataclass(frozen=True, slots=True)
class ConnectWiseTicket:
    """A service ticket; its status is one of its board's."""

    id: int
    summary: str
    board_id: int
    board: str
    status_id: int
    status: str
    company: str
    contact: str
    owner: str
    priority: str
    is_closed: bool
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConnectWiseNote:
    """A note on a ticket."""

    id: int
    text: str
    flags: frozenset[NoteFlag]


class ConnectWiseClient:
    """The calls to ConnectWise that FlowPilot makes; every one raises the `VendorError` kinds."""

    def __init__(self, http: VendorHttp) -> None:
        self._http = http

    @classmethod
    def from_settings(
        cls, settings: Settings, *, policy: Policy = CONNECTWISE_POLICY, on_circuit: OnCircuit | None = None
    ) -> ConnectWiseClient | None:
        """Make a client with the keys in the settings; None where no server is set."""
        if not settings.connectwise_url:
            return None
        private_key = settings.connectwise_private_key.get_secret_value()
        public_key = settings.connectwise_public_key.get_secret_value()
        keys = f"{settings.connectwise_company}+{public_key}:{private_key}"
        basic = base64.b64encode(keys.encode()).decode()
        http = VendorHttp(
            VENDOR,
            api_url(settings.connectwise_url),
            headers={
                "Authorization": f"Basic {basic}",
                "clientId": settings.connectwise_client_id,
                "Accept": f"application/vnd.connectwise.com+json; version={VERSION}",
            },
            policy=policy,
            auth_hint=(
                "Check CONNECTWISE_COMPANY, CONNECTWISE_PUBLIC_KEY and CONNECTWISE_PRIVATE_KEY (System > Members > API "
                "Members > API Keys), and CONNECTWISE_CLIENT_ID (developer.connectwise.com > ClientID)."
            ),
            secrets=(private_key, public_key, basic),
            on_circuit=on_circuit,
        )
        return cls(http)

    @property
    def is_resting(self) -> bool:
        """Tell whether ConnectWise has failed so often that it is not asked for a while."""
        return self._http.is_resting

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    def ticket_url(self, ticket_id: int) -> str:
        """Return where people see a ticket."""
        return f"{site_url(self._http.base_url)}{SCREEN}?service_recid={ticket_id}"

    async def version(self) -> str:
        """Return the server's version; raises `VendorAuthError` with what to do when the keys are refused."""
        return str((await self._http.request("GET", "/system/info"))["version"])

    async def ticket(self, ticket_id: int) -> ConnectWiseTicket:
        """Read a ticket; `VendorNotFoundError` when there is none."""
        return _ticket(await self._read(_path(ticket_id), TICKET_PARAMS, missing=f"ticket {ticket_id}"))

    async def search(self, text: str, *, limit: int = 20) -> list[ConnectWiseTicket]:
        """Return open tickets whose summary or company holds the words, or that have the number; the newest first."""
        words = quotable(text)
        conditions = f'summary contains "{words}" or company/name contains "{words}"'
        if words.isdigit():
            conditions += f" or id = {int(words)}"
        params = {
            "conditions": f"closedFlag = false and ({conditions})" if words else "closedFlag = false",
            "orderBy": "id desc",
            "fields": TICKET_FIELDS,
            "pageSize": limit,
        }
        return [_ticket(raw) for raw in await self._http.request("GET", "/service/tickets", params=params)]

    async def statuses(self, board_id: int) -> list[ConnectWiseStatus]:
        """Return a board's statuses in their order, inactive ones too."""
        path = f"/service/boards/{int(board_id)}/statuses"
        params = {"orderBy": "sortOrder", "fields": "id,name,inactive,closedStatus"}
        return [
            ConnectWiseStatus(
                int(raw["id"]), clean(raw["name"]), bool(raw.get("closedStatus")), bool(raw.get("inactive"))
            )
            for raw in await self._pages(path, params, missing=f"board {board_id}")
        ]

    async def set_status(self, ticket_id: int, status_id: int) -> None:
        """Give a ticket a status of its board. What the ticket has afterwards is for a read to tell."""
        change = [{"op": "replace", "path": "status/id", "value": int(status_id)}]
        path = _path(ticket_id)
        let_go(path)
        raw = await self._http.request(
            "PATCH", path, effect=Effect.REPEATABLE, body=change, missing=f"ticket {ticket_id}"
        )
        if isinstance(raw, Mapping) and raw.get("status"):
            hold(path, TICKET_PARAMS, raw)

    async def notes(self, ticket_id: int) -> list[ConnectWiseNote]:
        """Return a ticket's notes, the oldest first."""
        params = {"orderBy": "id asc"}
        found = await self._pages(_path(ticket_id, "/notes"), params, missing=f"ticket {ticket_id}")
        return [_note(raw) for raw in found]

    async def note(self, ticket_id: int, note_id: int) -> ConnectWiseNote:
        """Read a note; `VendorNotFoundError` when it is gone."""
        path = _path(ticket_id, f"/notes/{int(note_id)}")
        return _note(await self._read(path, {}, missing=f"note {note_id} on ticket {ticket_id}"))

    async def add_note(self, ticket_id: int, text: str, flag: NoteFlag) -> ConnectWiseNote:
        """Put a note on a ticket, once: never sent again after it may have arrived."""
        body = {"text": text, **{each.value: each is flag for each in NoteFlag}}
        path = _path(ticket_id, "/notes")
        let_go(path)
        raw = await self._http.request("POST", path, effect=Effect.ONCE, body=body, missing=f"ticket {ticket_id}")
        note = _note(raw)
        hold(f"{path}/{note.id}", {}, raw)
        return note

    async def delete_note(self, ticket_id: int, note_id: int) -> None:
        """Take a note off a ticket; `VendorNotFoundError` when it was not there."""
        let_go(_path(ticket_id, "/notes"))
        await self._http.request(
            "DELETE",
            _path(ticket_id, f"/notes/{int(note_id)}"),
            effect=Effect.REPEATABLE,
            missing=f"note {note_id} on ticket {ticket_id}",
            gone_is_done=True,
        )

    async def _pages(self, path: str, params: Mapping[str, Any], *, missing: str) -> list[Any]:
        found: list[Any] = []
        for page in range(1, MAX_PAGES + 1):
            paged = {**params, "page": page, "pageSize": PER_PAGE}
            part = await self._read(path, paged, missing=missing)
            found += part
            if len(part) < PER_PAGE:
                break
        return found

    async def _read(self, path: str, params: Mapping[str, Any], *, missing: str) -> Any:
        answer = held(path, params)
        if answer is None:
            answer = await self._http.request("GET", path, params=params, missing=missing)
            hold(path, params, answer)
        return answer


def api_url(url: str) -> str:
    """Return the API's base address of a server; one that names the API already stays as it is."""
    base = url.rstrip("/")
    return base if "/apis/" in base else f"{base}{API}"


def site_url(url: str) -> str:
    """Return where people use the server whose API is at `url`: the cloud's API has a host name of its own."""
    base = url.partition("/apis/")[0]
    host = urlsplit(base).netloc
    return base.replace("//api-", "//", 1) if re.fullmatch(r"api-\w+\.myconnectwise\.net", host) else base


def quotable(text: str) -> str:
    """Return words for a quoted value in conditions, whose grammar knows no way to write a quote."""
    return " ".join(re.sub(r"[\"'\\\[\]%]", " ", text).split())


def _path(ticket_id: int, rest: str = "") -> str:
    if int(ticket_id) <= 0:
        raise InvalidInputError(f"{ticket_id} is not a ticket number.", hint="One looks like 48213.")
    return f"/service/tickets/{int(ticket_id)}{rest}"


def _ticket(raw: Mapping[str, Any]) -> ConnectWiseTicket:
    board, status = raw.get("board") or {}, raw.get("status") or {}
    updated = (raw.get("_info") or {}).get("lastUpdated")
    return ConnectWiseTicket(
        id=int(raw["id"]),
        summary=clean(raw.get("summary")),
        board_id=int(board.get("id") or 0),
        board=clean(board.get("name")),
        status_id=int(status.get("id") or 0),
        status=clean(status.get("name")),
        company=clean((raw.get("company") or {}).get("name")),
        contact=clean((raw.get("contact") or {}).get("name") or raw.get("contactName")),
        owner=clean((raw.get("owner") or {}).get("name")),
        priority=clean((raw.get("priority") or {}).get("name")),
        is_closed=bool(raw.get("closedFlag")),
        updated_at=parse_time(updated) if updated else None,
    )


def _note(raw: Mapping[str, Any]) -> ConnectWiseNote:
    flags = frozenset(flag for flag in NoteFlag if raw.get(flag.value))
    return ConnectWiseNote(int(raw["id"]), clean(raw.get("text")), flags)
