"""The gateway's figures, in Prometheus' text format. Labels are few and fixed: no number, no text."""

from collections.abc import Callable, Mapping
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from .answers import STATUS
from .breaker import Breaker
from .transports.base import Outcome

SECONDS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 8, 15, 20)


class Metrics:
    """One set for each gateway, so that two in one process don't mix."""

    def __init__(self, breakers: Mapping[str, Breaker], in_flight: Callable[[], float]) -> None:
        self.store_is_up = True
        self._registry = CollectorRegistry()
        requests = Counter(
            "sms_requests", "Requests by what was answered.", ["answer"], registry=self._registry
        )
        # All of them from the start: a rate needs the zero before the first.
        self.answers = {reason: requests.labels(reason) for reason in STATUS}
        sends = Counter(
            "sms_sends", "Tries by carrier and outcome.", ["carrier", "outcome"], registry=self._registry
        )
        self._sends = {(name, o): sends.labels(name, o.value) for name in breakers for o in Outcome}
        seconds = Histogram(
            "sms_send_seconds",
            "How long a try took.",
            ["carrier"],
            registry=self._registry,
            buckets=SECONDS,
        )
        self._seconds = {name: seconds.labels(name) for name in breakers}
        self._ambiguous = Counter(
            "sms_ambiguous",
            "Tries of which nobody knows whether they sent.",
            ["carrier", "policy"],
            registry=self._registry,
        )
        self.replays = Counter("sms_replays", "Repeats answered without an SMS.", registry=self._registry)
        # Looked up when somebody asks, which is seldom beside requests.
        store_up = Gauge(
            "sms_store_up", "0 while limits can't be counted and nothing is sent.", registry=self._registry
        )
        store_up.set_function(lambda: self.store_is_up)
        resting = Gauge(
            "sms_breaker_open", "1 while a carrier is left alone.", ["carrier"], registry=self._registry
        )
        for name, breaker in breakers.items():
            resting.labels(name).set_function(partial(getattr, breaker, "is_open"))
        flight = Gauge("sms_in_flight", "Requests under way.", registry=self._registry)
        flight.set_function(in_flight)

    def sent(self, carrier: str, outcome: Outcome, seconds: float) -> None:
        """A try ended, after so many seconds."""
        self._sends[carrier, outcome].inc()
        self._seconds[carrier].observe(seconds)

    def unknown(self, carrier: str, policy: str) -> None:
        """A try ended, and nobody knows whether it sent."""
        self._ambiguous.labels(carrier, policy).inc()

    def page(self) -> bytes:
        """The exposition, text format 0.0.4."""
        return generate_latest(self._registry)
