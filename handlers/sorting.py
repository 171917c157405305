"""Sort Slack's payloads: what kind, what it is routed by, who and where."""

from __future__ import annotations

from handlers.request import Delivery, Kind, Payload

PLAIN_SUBTYPES = frozenset({None, "file_share", "thread_broadcast", "bot_message", "me_message"})


def sort(payload: Payload) -> Delivery | None:
    """Return the delivery that `payload` is, or None for what is not for handlers (url_verification, unknown types)."""
    if "command" in payload:
        return _command(payload)
    match payload.get("type"):
        case "event_callback":
            return _event(payload)
        case "block_actions":
            return _action(payload)
        case "view_submission":
            return _view(payload, Kind.VIEW)
        case "view_closed":
            return _view(payload, Kind.VIEW_CLOSED)
        case "block_suggestion":
            return _interaction(payload, Kind.OPTIONS, str(payload.get("action_id", "")))
        case "shortcut" | "message_action":
            return _interaction(payload, Kind.SHORTCUT, str(payload.get("callback_id", "")))
    return None


def _command(payload: Payload) -> Delivery:
    trigger_id = payload.get("trigger_id") or ""
    return Delivery(
        kind=Kind.COMMAND,
        id=payload["command"],
        payload=payload,
        team_id=payload.get("team_id") or "",
        user_id=payload.get("user_id") or "",
        delivery_id=trigger_id,
        channel=payload.get("channel_id"),
        text=payload.get("text") or "",
        trigger_id=trigger_id,
        response_url=payload.get("response_url") or "",
    )


def _event(payload: Payload) -> Delivery:
    event = payload.get("event") or {}
    kind = str(event.get("type", ""))
    subtype = event.get("subtype")
    if kind == "message" and subtype not in PLAIN_SUBTYPES:
        kind = f"message.{subtype}"
    elif kind == "message" and event.get("channel_type") in ("channel", "group", "mpim"):
        # what people say to each other in a channel is nobody's business here, but for threads that are sessions
        kind = "message.thread" if event.get("thread_ts") else "message.channel"
    changed = event.get("message") or event.get("previous_message") or {}
    user = event.get("user") or changed.get("user") or ""
    item = event.get("item") or {}
    return Delivery(
        kind=Kind.EVENT,
        id=kind,
        payload=payload,
        team_id=payload.get("team_id") or "",
        user_id=user if isinstance(user, str) else str(user.get("id", "")),
        delivery_id=payload.get("event_id") or "",
        channel=_channel_id(event.get("channel") or item.get("channel")),
        message_ts=event.get("ts") or item.get("ts"),
        thread_ts=event.get("thread_ts"),
        text=event.get("text") or "",
        view=event.get("view") or {},
    )


def _channel_id(channel: object) -> str | None:
    if isinstance(channel, dict):
        return channel.get("id")
    return channel if isinstance(channel, str) else None


def _action(payload: Payload) -> Delivery | None:
    actions = payload.get("actions") or []
    return _interaction(payload, Kind.ACTION, str(actions[0].get("action_id", ""))) if actions else None


def _view(payload: Payload, kind: Kind) -> Delivery:
    return _interaction(payload, kind, str((payload.get("view") or {}).get("callback_id", "")))


def _interaction(payload: Payload, kind: Kind, routed_by: str) -> Delivery:
    base, _, suffix = routed_by.partition(":")
    user, team = payload.get("user") or {}, payload.get("team") or {}
    container, message = payload.get("container") or {}, payload.get("message") or {}
    view = payload.get("view") or {}
    trigger_id = payload.get("trigger_id") or ""
    closing = f"{view.get('id')}:{view.get('hash')}" if kind is Kind.VIEW_CLOSED else ""
    urls = payload.get("response_urls") or [{}]
    message_ts = container.get("message_ts") or message.get("ts") or payload.get("message_ts")
    thread_ts = container.get("thread_ts") or message.get("thread_ts")
    return Delivery(
        kind=kind,
        id=base,
        suffix=suffix,
        payload=payload,
        team_id=team.get("id") or user.get("team_id") or "",
        user_id=user.get("id") or "",
        delivery_id="" if kind is Kind.OPTIONS else trigger_id or closing,
        channel=(payload.get("channel") or {}).get("id") or container.get("channel_id"),
        message_ts=message_ts,
        # a message that others have answered is not in its own thread: nobody looks there for what a click says
        thread_ts=thread_ts if thread_ts != message_ts else None,
        trigger_id=trigger_id,
        response_url=payload.get("response_url") or urls[0].get("response_url") or "",
        view=view,
    )
