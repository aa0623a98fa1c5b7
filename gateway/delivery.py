"""Has one carrier after another try, until one has taken the message on, or none may try any more."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from structlog.typing import FilteringBoundLogger

from serving.logs import where
from serving.timing import Patience

from .breaker import LONGEST_REST_SECONDS, Breaker
from .carriers import AnyCarrier
from .exchange import exchange
from .metrics import Metrics
from .stage import Stage
from .tracing import Tracer
from .transports.base import Message, Outcome, Receipt
from .wire import Wire

# A send needs so long at least, or what its carrier gives itself: none is started that can't have it.
LEAST_SECONDS = 2.0
# Statuses about the account or the carrier as a whole, as is any from 500 on. Other answers are about one
# message: who asks for messages could bring them about, and must not close the carrier for everybody.
OF_THE_CARRIER = frozenset({401, 402, 403, 425, 429})


class Ending(Enum):
    """How a delivery ended. Only of UNREACHED and MISCONFIGURED it is sure that nothing was sent."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    OPTED_OUT = "opted_out"
    UNREACHED = "unreached"
    MISCONFIGURED = "misconfigured"
    AMBIGUOUS = "ambiguous"
    DEADLINE = "deadline"


FINAL = {
    Outcome.ACCEPTED: Ending.ACCEPTED,
    Outcome.REFUSED: Ending.REFUSED,
    Outcome.OPTED_OUT: Ending.OPTED_OUT,
}


@dataclass(slots=True)
class Delivered:
    """`carrier`, `receipt` of the last try; `ambiguous`: some try may have been a send that nobody confirmed;
    `asked`: some carrier answered, or may have got the message; `wait`: seconds until a carrier may be tried
    again that rests or asked for it."""

    ending: Ending = Ending.UNREACHED
    carrier: str | None = None
    receipt: Receipt | None = None
    tries: int = 0
    ambiguous: bool = False
    asked: bool = False
    wait: float = 0.0

    def tried(self, carrier: str, receipt: Receipt) -> None:
        self.carrier, self.receipt, self.tries = carrier, receipt, self.tries + 1
        self.ambiguous |= receipt.outcome is Outcome.AMBIGUOUS
        unsent = receipt.outcome in (Outcome.RETRYABLE, Outcome.CONFIGURATION)
        self.asked |= receipt.status is not None or not unsent
        if receipt.outcome is Outcome.RETRYABLE:
            self.later(min(receipt.retry_after or 0.0, LONGEST_REST_SECONDS))

    def later(self, seconds: float) -> None:
        if seconds:
            self.wait = min(self.wait or seconds, seconds)


Send = Callable[[Message, float], Awaitable[Receipt]]


class Lane:
    """One carrier, and how it has been doing."""

    def __init__(
        self, name: str, timeout: float, send: Send, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = name
        self.timeout = timeout
        self.patience = Patience(timeout)
        self.send = send
        self.breaker = Breaker(now)


def lane(carrier: AnyCarrier, wire: Wire) -> Lane:
    """The carrier's lane: over HTTP, or through an SDK of its own."""
    if hasattr(carrier, "send"):
        return Lane(carrier.name, carrier.timeout, carrier.send)
    http = carrier
    return Lane(carrier.name, carrier.timeout, lambda message, _: exchange(wire, http, message))


class Delivery:
    """The stage's order of carriers, and its policy for tries that nobody can tell the end of."""

    def __init__(
        self,
        stage: Stage,
        lanes: Mapping[str, Lane],
        metrics: Metrics,
        tracer: Tracer,
        log: FilteringBoundLogger,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._routes = {
            country: [lanes[name] for name in names] for country, names in stage.carriers_by_country.items()
        }
        self._route = [lanes[name] for name in stage.carriers]
        self._policy = stage.delivery
        self._metrics = metrics
        self._tracer = tracer
        self._log = log
        self._now = now

    async def send(self, message: Message, deadline: float, request: str) -> Delivered:
        """Send it before the deadline, a moment of the monotonic clock; nothing is under way afterwards.
        `request` is the request's id, for the log."""
        done, configured = Delivered(), False
        for lane in self._routes.get(message.country, self._route):
            left = deadline - self._now()
            if left < min(lane.timeout, LEAST_SECONDS):
                done.ending = Ending.DEADLINE
                return done
            if not lane.breaker.enter():
                done.later(lane.breaker.wait)
                configured = True
                continue
            receipt = await self._try(lane, message, min(left, lane.timeout), request)
            done.tried(lane.name, receipt)
            if receipt.outcome in FINAL:
                done.ending, done.wait = FINAL[receipt.outcome], 0.0
                return done
            if receipt.outcome is Outcome.AMBIGUOUS:
                self._metrics.unknown(lane.name, self._policy)
                if self._policy == "at-most-once":
                    break
            configured |= receipt.outcome is not Outcome.CONFIGURATION
        done.ending = _failure(done, configured)
        return done

    async def _try(self, lane: Lane, message: Message, seconds: float, request: str) -> Receipt:
        began = self._now()
        try:
            with self._tracer.span(f"send {lane.name}") as span:
                receipt = await self._receipt(lane, message, seconds, request)
                span.set_attributes({"sms.carrier": lane.name, "sms.outcome": receipt.outcome.value})
        except asyncio.CancelledError:
            lane.breaker.left()
            raise
        _judge(lane.breaker, receipt)
        if receipt.outcome not in FINAL:
            told = {"carrier": lane.name, "outcome": receipt.outcome.value, "code": receipt.code}
            self._log.warning("carrier_failed", request=request, **told)
        self._metrics.sent(lane.name, receipt.outcome, self._now() - began)
        return receipt

    async def _receipt(self, lane: Lane, message: Message, seconds: float, request: str) -> Receipt:
        try:
            with lane.patience.wait() if seconds == lane.timeout else Patience(seconds).wait():
                return await lane.send(message, seconds)
        except TimeoutError:
            return Receipt(Outcome.AMBIGUOUS, code="timeout")
        except Exception as error:  # a carrier's fault must not keep the next one from trying
            told = {"carrier": lane.name, "error": type(error).__name__, "where": where(error)}
            self._log.error("carrier_broken", request=request, **told)
            return Receipt(Outcome.AMBIGUOUS, code="fault")


def _judge(breaker: Breaker, receipt: Receipt) -> None:
    """Tell the breaker how its carrier did, if the receipt says so at all."""
    status = receipt.status
    of_the_carrier = status is None or status in OF_THE_CARRIER or status >= 500
    if receipt.outcome in FINAL:
        breaker.succeeded()
    elif receipt.outcome is Outcome.AMBIGUOUS or (of_the_carrier and not receipt.late):
        breaker.failed(receipt.retry_after or 0.0)
    else:
        breaker.left()


def _failure(done: Delivered, configured: bool) -> Ending:
    if done.ambiguous:
        return Ending.AMBIGUOUS
    return Ending.UNREACHED if configured else Ending.MISCONFIGURED
