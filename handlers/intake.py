"""Everything that comes from Slack enters here: sorted, acknowledged, handled once, answered."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from prometheus_client import Counter, Histogram
from slack_bolt.async_app import AsyncApp
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from db.tenancy import account_scope
from handlers.answering import PATIENCE_S, Answering
from handlers.errors import GONE_BUTTON, GONE_FORM, GONE_SHORTCUT, explain
from handlers.request import Delivery, Kind, Request
from handlers.responders import TALK, responder_for
from handlers.router import Route, Router, errors
from handlers.sorting import sort
from handlers.work import WorkPool
from services.commands.types import Reply
from services.settings import hidden_from_bolt
from services.slack.dedupe import Deliveries
from services.slack.sender import BotIdentity

if TYPE_CHECKING:
    from services.container import Services

log = structlog.get_logger(__name__)
DELIVERIES = Counter("flowpilot_slack_deliveries", "Payloads from Slack", ["kind", "outcome"])
SECONDS = Histogram("flowpilot_handler_seconds", "Time from receipt to answer", ["kind"])

IN_ACK_S = 2.0
# looking a child up by its labels costs more than counting
TAKEN = {kind: DELIVERIES.labels(kind.value, "taken") for kind in Kind}
SECONDS_OF = {kind: SECONDS.labels(kind.value) for kind in Kind}
KEPT_ABOUT_SELF = frozenset({"member_joined_channel", "member_left_channel"})
VALIDATIONS_KEPT = 1_000
GONE = {Kind.ACTION: GONE_BUTTON, Kind.VIEW: GONE_FORM, Kind.SHORTCUT: GONE_SHORTCUT}
T = TypeVar("T")


class Intake(AsyncMiddleware):
    """Bolt's one middleware of ours. It answers every payload, so that Bolt's listeners never run.

    The acknowledgement waits for nothing but a modal's validation or a select's options, both bounded.
    """

    def __init__(self, services: Services, router: Router, *, patience_s: float = PATIENCE_S) -> None:
        self.services = services
        self.router = router
        self.identity: BotIdentity | None = None
        self.pool = WorkPool(services.settings.max_concurrent_tasks)
        self._deliveries = Deliveries(services.database, services.now)
        self._patience_s = patience_s
        self._validations: OrderedDict[str, asyncio.Task[dict[str, Any] | None]] = OrderedDict()

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - Bolt's name for it
    ) -> BoltResponse | None:
        """Take up a payload and return its acknowledgement; what is not for handlers goes on to Bolt."""
        try:
            delivery = sort(req.body)
            if delivery is not None:
                return await self._take(delivery)
        except Exception:
            # acknowledged all the same: the next delivery of what cannot be read would not be read either
            log.exception("payload could not be taken up", type=str(req.body.get("type")))
            return BoltResponse(status=200)
        if req.mode == "http":
            return await next()
        log.info("payload of an unknown type", type=str(req.body.get("type")))
        return BoltResponse(status=200)

    async def _take(self, delivery: Delivery) -> BoltResponse:
        if self._is_about_self(delivery):
            return BoltResponse(status=200)
        route = self.router.find(delivery.kind, delivery.id)
        if delivery.kind is Kind.OPTIONS:
            return _acknowledgement(await self._options(delivery, route))
        if delivery.kind is Kind.VIEW and route is not None and route.validate is not None:
            answer = await self._validated(delivery, route)
            if answer is not None:
                return _acknowledgement(answer)
        if route is None and delivery.kind in (Kind.EVENT, Kind.VIEW_CLOSED):
            DELIVERIES.labels(delivery.kind.value, "ignored").inc()
        elif delivery.delivery_id and self._deliveries.is_repeated(delivery.delivery_id):
            DELIVERIES.labels(delivery.kind.value, "repeated").inc()
        else:
            self._submit(delivery, route)
        return _acknowledgement({"response_action": "clear"} if route and route.closes_all else None)

    def _is_about_self(self, delivery: Delivery) -> bool:
        if self.identity is None or delivery.kind is not Kind.EVENT or delivery.id in KEPT_ABOUT_SELF:
            return False
        event = delivery.payload.get("event") or {}
        bot_id = event.get("bot_id")
        return delivery.user_id == self.identity.user_id or (bot_id is not None and bot_id == self.identity.bot_id)

    def _submit(self, delivery: Delivery, route: Route | None) -> None:
        TAKEN[delivery.kind].inc()
        answering = Answering(responder_for(delivery, self.services.slack), self._patience_s)
        self.pool.submit(
            lambda: self._work(delivery, route, answering),
            delivery.order_key,
            abandoned=lambda: answering.say_farewell(explain(asyncio.CancelledError(), "")),
            at_once=delivery.asks_to_stop,
        )

    async def _work(self, delivery: Delivery, route: Route | None, answering: Answering) -> None:
        """Handle one delivery; whatever happens, the person gets an answer."""
        reference = secrets.token_hex(6)
        # the task has a context of its own, so there is nothing to reset
        structlog.contextvars.bind_contextvars(
            correlation_id=reference, kind=delivery.kind.value, route=delivery.id, user=delivery.user_id
        )
        try:
            with SECONDS_OF[delivery.kind].time():
                reply = await self._handle(delivery, route, answering, reference)
        except asyncio.CancelledError as error:
            await answering.say_farewell(explain(error, reference))
            raise
        except Exception as error:  # noqa: BLE001 - shown or logged by `explain`: nothing raises out of here
            reply = explain(error, reference)
            if delivery.kind is Kind.EVENT and delivery.id not in TALK:
                reply = None  # nobody asked, so nobody is told; it is in the log
        await answering.finish(reply)

    async def _handle(
        self, delivery: Delivery, route: Route | None, answering: Answering, reference: str
    ) -> Reply | None:
        if delivery.delivery_id and not await self._deliveries.claim(delivery.delivery_id):
            DELIVERIES.labels(delivery.kind.value, "repeated").inc()
            return None
        if route is None:
            log.info("nobody handles this")
            return Reply(GONE.get(delivery.kind, f"FlowPilot has no command {delivery.id}."))
        if route.handler is None:
            return None
        return await self._as_member(delivery, route.handler, answering, reference)

    async def _as_member(
        self,
        delivery: Delivery,
        handler: Callable[[Request], Awaitable[T]],
        answering: Answering | None,
        reference: str,
    ) -> T:
        """Call `handler` as the member behind the delivery, in their account."""
        account, member = await self.services.accounts.identify(delivery.team_id, delivery.user_id)
        responder = answering or responder_for(delivery, self.services.slack)
        with account_scope(account.id):
            return await handler(Request(self.services, account, member, delivery, reference, responder))

    async def _options(self, delivery: Delivery, route: Route | None) -> Mapping[str, Any]:
        if route is not None and route.options is not None:
            try:
                async with asyncio.timeout(IN_ACK_S):
                    return await self._as_member(delivery, route.options, None, secrets.token_hex(6))
            except Exception:
                log.exception("options could not be given", route=delivery.id)
        return {"options": []}

    async def _validated(self, delivery: Delivery, route: Route) -> dict[str, Any] | None:
        """Return the answer that keeps the modal open, or None; a second delivery gets what the first got."""
        task = self._validations.get(delivery.delivery_id)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._validate(delivery, route))
            self._validations[delivery.delivery_id] = task
            if len(self._validations) > VALIDATIONS_KEPT:
                self._validations.popitem(last=False)
        return await asyncio.shield(task)

    async def _validate(self, delivery: Delivery, route: Route) -> dict[str, Any] | None:
        reference = secrets.token_hex(6)
        if route.validate is None:
            return None
        try:
            async with asyncio.timeout(IN_ACK_S):
                answer = await self._as_member(delivery, route.validate, None, reference)
            return dict(answer) if answer is not None else None
        except Exception as error:  # noqa: BLE001 - shown in the modal
            return _keep_open(delivery, explain(error, reference).text)


def _keep_open(delivery: Delivery, text: str) -> dict[str, Any]:
    """Show an error under the modal's first input, so that nothing typed is lost; a modal without one shows only it."""
    blocks = delivery.view.get("blocks") or []
    block_id = next((block["block_id"] for block in blocks if block.get("type") == "input"), None)
    if block_id is not None:
        return errors(**{block_id: text[:1000]})
    return {
        "response_action": "update",
        "view": {
            "type": "modal",
            "callback_id": "error",
            "title": {"type": "plain_text", "text": "FlowPilot"},
            "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}}],
        },
    }


def _acknowledgement(body: Mapping[str, Any] | None) -> BoltResponse:
    return BoltResponse(status=200, body=json.dumps(body) if body else "")


def build_slack_app(services: Services, intake: Intake) -> AsyncApp:
    """Return the Bolt app: it receives, verifies signatures and parses; `intake` does the rest.

    In the place of `before_authorize` our middleware runs after the signature check and before Bolt's own
    authorisation, which would call auth.test; accounts say who may come in.
    """
    logger = logging.getLogger("flowpilot.slack")
    # at DEBUG the socket client prints whole payloads
    logger.setLevel(max(logging.INFO, logging.getLogger().level))
    with hidden_from_bolt():
        return AsyncApp(
            name="flowpilot",
            logger=logger,
            client=services.slack.api.client,
            signing_secret=services.settings.slack_signing_secret.get_secret_value(),
            process_before_response=True,
            before_authorize=intake,
            attaching_function_token_enabled=False,
            ssl_check_enabled=False,
        )
