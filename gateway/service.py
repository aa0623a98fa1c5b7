"""`POST /sms`: from a request to an answer, step by step; the bearer first, a carrier last."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from math import ceil

from starlette.types import Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from serving.bodies import BodyError, expect_type, read_body
from serving.logs import where
from serving.numbers import last_digits
from serving.store import StoreDownError

from .answers import BODY_FAULTS, Answer, Reason
from .bearer import Bearer, Judge, UnauthorizedError
from .budgets import Budgets, Spent
from .delivery import Delivered, Delivery, Ending
from .drain import Drain
from .metrics import Metrics
from .names import Names
from .orders import Order, OrderError, parse_order
from .recipients import Recipient, Recipients
from .replay import Replays, State, Ticket
from .stage import Stage
from .texts import Texts
from .tracing import Tracer
from .transports.base import Message
from .windows import FullError

# Auth0 is promised an answer within 20 seconds; the last one is for the store and the way back.
DEADLINE_SECONDS = 19.0
STORE_AGAIN_SECONDS = 5
# How long an attempt of which nobody knows is remembered where at most one SMS may be sent.
UNKNOWN_SECONDS = 600

ENDINGS: dict[Ending, Reason] = {
    Ending.ACCEPTED: "accepted",
    Ending.REFUSED: "refused_by_carrier",
    Ending.OPTED_OUT: "opted_out",
    Ending.UNREACHED: "carriers_unavailable",
    Ending.MISCONFIGURED: "misconfigured",
    Ending.AMBIGUOUS: "carriers_unavailable",
    Ending.DEADLINE: "deadline",
}
IDS = random.Random()  # noqa: S311 # seeded by the system; an id has to be new, not secret
TAKEN_ON = (State.OURS, State.ABANDONED)


class RefusedError(Exception):
    """The request gets this answer. `detail` is for the log."""

    def __init__(self, reason: Reason, detail: str | None = None, close: bool = False) -> None:
        super().__init__(reason)
        self.answer = Answer(reason, close=close)
        self.detail = detail


@dataclass(slots=True)
class Request:
    """One request on its way through. `began` and `deadline` are moments of the monotonic clock."""

    began: float
    deadline: float
    id: str = field(default_factory=lambda: f"{IDS.getrandbits(64):016x}")
    facts: dict[str, str | int | bool | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Sms:
    """The endpoint, as an ASGI application. `shielded`: its server may cancel a request whose caller hung up;
    ours doesn't, and is spared a task for each request."""

    stage: Stage
    judge: Judge
    recipients: Recipients
    texts: Texts
    names: Names
    budgets: Budgets
    replays: Replays
    delivery: Delivery
    metrics: Metrics
    tracer: Tracer
    drain: Drain
    log: FilteringBoundLogger
    shielded: bool = True
    now: Callable[[], float] = time.monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = self.now()
        request = Request(began, began + DEADLINE_SECONDS)
        with self.drain, self.tracer.span("sms", scope["headers"]) as span:
            answer = await self._answer(request, scope, receive)
            span.set_attributes({"sms.answer": answer.reason, "sms.request": request.id})
            self._tell(request, answer)
            await answer.send(send, request.id)

    def _tell(self, request: Request, answer: Answer) -> None:
        self.metrics.answers[answer.reason].inc()
        milliseconds = round((self.now() - request.began) * 1000)
        write = self.log.info if answer.status == 200 else self.log.warning
        write("sms", request=request.id, answer=answer.reason, ms=milliseconds, **request.facts)

    async def _answer(self, request: Request, scope: Scope, receive: Receive) -> Answer:
        try:
            bearer = self._bearer(scope)
            order = await self._order(scope, receive)
            recipient, message = self._message(request, order)
            ticket = self._ticket(request, bearer, message)
            return await self._once(request, ticket, recipient, message, order.address)
        except RefusedError as refused:
            request.facts["reason"] = refused.detail
            return refused.answer
        except StoreDownError:
            self.metrics.store_is_up = False
            self.log.error("store_down", on="send", request=request.id)
            return Answer("limits_unavailable", retry_after=STORE_AGAIN_SECONDS)
        except Exception as error:  # a fault of ours is told to the log, and to nobody else
            self.log.error("failed", request=request.id, error=type(error).__name__, where=where(error))
            return Answer("internal", close=True)

    def _bearer(self, scope: Scope) -> Bearer:
        if self.drain.draining:
            raise RefusedError("draining", close=True)
        if scope["method"] != "POST":
            raise RefusedError("method_not_allowed", close=True)
        try:
            return self.judge.bearer(scope["headers"])
        except UnauthorizedError as error:
            # The body stays unread: whoever has no token doesn't get to send one.
            raise RefusedError("unauthorized", error.reason, close=True) from None

    async def _order(self, scope: Scope, receive: Receive) -> Order:
        try:
            expect_type(scope["headers"], b"application/json")
            return parse_order(await read_body(scope["headers"], receive))
        except BodyError as error:
            raise RefusedError(BODY_FAULTS[error.status], close=error.close) from None
        except OrderError:
            raise RefusedError("bad_request") from None

    def _message(self, request: Request, order: Order) -> tuple[Recipient, Message]:
        found = self.recipients.find(order.recipient)
        if not isinstance(found, Recipient):
            raise RefusedError(found)
        request.facts |= {
            "number": found.name[:16],
            "number_end": last_digits(found.number),
            "country": found.country,
        }
        senders = self.stage.senders
        if order.sender is not None and order.sender not in senders:
            raise RefusedError("sender_refused")
        fault = self.texts.fault(order.text)
        if fault is not None:
            raise RefusedError("body_refused", fault)
        # A reference: the same for copies within one window of the clock. A copy on the other side of a
        # window's edge has another, so no carrier can be relied on to tell a repeat by it.
        moment = int(time.time() // self.stage.replay_seconds)
        key = self.names.of("key", found.number, f"{moment}:{order.text}")
        sender = order.sender or (senders[0] if senders else None)
        return found, Message(found.number, order.text, sender, found.country, key)

    def _ticket(self, request: Request, bearer: Bearer, message: Message) -> Ticket:
        jti = self.names.of("jti", bearer.jti) if bearer.jti is not None else None
        digest = self.names.of("message", message.to, message.text)
        return Ticket.of(digest, jti, bearer.seconds, request.id)

    async def _once(
        self, request: Request, ticket: Ticket, recipient: Recipient, message: Message, address: str | None
    ) -> Answer:
        """Send it, unless a copy was sent just now; a copy under way is waited for."""
        pending = ceil(DEADLINE_SECONDS) + 1
        while (state := await self.replays.claim(ticket, pending)) not in TAKEN_ON:
            self.metrics.store_is_up = True
            if state is State.FOREIGN:
                raise RefusedError("unauthorized", "token of another message", close=True)
            if state is State.ACCEPTED:
                self.metrics.replays.inc()
                request.facts["replay"] = True
                return Answer("accepted")
            left = request.deadline - self.now()
            if state is State.UNKNOWN or not await self.replays.changed(ticket, left):
                request.facts["replay"] = True
                return Answer("deadline")
        self.metrics.store_is_up = True
        if state is State.ABANDONED and await self._gives_up(request, ticket):
            return Answer("deadline")
        coroutine = self._send(request, ticket, recipient, message, address)
        if not self.shielded:
            return await coroutine
        sending = asyncio.ensure_future(coroutine)
        try:
            # Whoever hangs up leaves a send under way alone, and it is still remembered.
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            self.drain.hold(sending)
            raise

    async def _gives_up(self, request: Request, ticket: Ticket) -> bool:
        """The last try died with its gateway: nobody knows what it sent, which is counted. Whether that ends
        the matter, because one SMS at most is wanted."""
        self.metrics.unknown("unknown", self.stage.delivery)
        # Now, not with the answer: this gateway may be killed as well.
        self.log.warning("abandoned", request=request.id, ambiguous=True)
        if self.stage.delivery != "at-most-once":
            return False
        request.facts["replay"] = True
        await self._remember(self.replays.settle(ticket, State.UNKNOWN, UNKNOWN_SECONDS))
        return True

    async def _send(
        self, request: Request, ticket: Ticket, recipient: Recipient, message: Message, address: str | None
    ) -> Answer:
        try:
            spent = await self.budgets.spend(recipient, address)
        except FullError as full:
            await self._remember(self.replays.release(ticket))
            request.facts["limit"] = full.kind
            return Answer("limited", retry_after=full.wait)
        except StoreDownError:
            await self._remember(self.replays.release(ticket))
            raise
        done = await self.delivery.send(message, request.deadline, request.id)
        await self._settle(ticket, done, spent)
        request.facts |= {"tries": done.tries, "carrier": done.carrier, "ambiguous": done.ambiguous}
        if done.receipt is not None:
            request.facts |= {"outcome": done.receipt.outcome.value, "code": done.receipt.code}
            request.facts["reference"] = done.receipt.reference
        return _answer(done)

    async def _settle(self, ticket: Ticket, done: Delivered, spent: Spent) -> None:
        if done.ending is Ending.ACCEPTED:
            await self._remember(self.replays.settle(ticket, State.ACCEPTED, self.stage.replay_seconds))
        elif done.ambiguous and self.stage.delivery == "at-most-once":
            await self._remember(self.replays.settle(ticket, State.UNKNOWN, UNKNOWN_SECONDS))
        else:
            await self._remember(self.replays.release(ticket))
        # After a carrier's answer the message counts, or whoever gets it refused could ask without end.
        if not done.asked:
            await self._remember(self.budgets.give_back(spent))

    async def _remember(self, question: Awaitable[None]) -> None:
        """What was done is done and has its answer, even if the store went away meanwhile."""
        try:
            await question
        except StoreDownError:
            self.metrics.store_is_up = False
            self.log.error("store_down", on="remember")


def _answer(done: Delivered) -> Answer:
    if done.ending is Ending.AMBIGUOUS and done.receipt is not None and done.receipt.code == "timeout":
        return Answer("deadline")
    reason = ENDINGS[done.ending]
    return Answer(reason, retry_after=ceil(done.wait) or None)
