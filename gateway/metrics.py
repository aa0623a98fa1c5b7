"""The gateway's figures, in Prometheus' text format. Labels are few and fixed: no number, no text."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from .answers import STATUS
from .transports.base import Outcome

SECONDS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 8, 15, 20)


class Metrics:
    """One set for each gateway, so that two in one process don't mix."""

    def __init__(self, carriers: Iterable[str], in_flight: Callable[[], float]) -> None:
        self._registry = CollectorRegistry()
        requests = Counter(
            "sms_requests", "Requests by what was answered.", ["answer"], registry=self._registry
        )
        # All of them from the start: a rate needs the zero before the first.
        self.answers = {reason: requests.labels(reason) for reason in STATUS}
        sends = Counter(
            "sms_sends", "Tries by carrier and outcome.", ["carrier", "outcome"], registry=self._registry
        )
        self._sends = {(name, o): sends.labels(name, o.value) for name in carriers for o in Outcome}
        seconds = Histogram(
            "sms_send_seconds",
            "How long a try took.",
            ["carrier"],
            registry=self._registry,
            buckets=SECONDS,
        )
        self._seconds = {name: seconds.labels(name) for name in carriers}
        self._ambiguous = Counter(
            "sms_ambiguous",
            "Tries of which nobody knows whether they sent.",
            ["carrier", "policy"],
            registry=self._registry,
        )
        self.replays = Counter("sms_replays", "Repeats answered without an SMS.", registry=self._registry)
        self.store_up = Gauge(
            "sms_store_up", "0 while limits can't be counted and nothing is sent.", registry=self._registry
        )
        self.store_up.set(1)
        resting = Gauge(
            "sms_breaker_open", "1 while a carrier is left alone.", ["carrier"], registry=self._registry
        )
        self._resting = {name: resting.labels(name) for name in carriers}
        flight = Gauge("sms_in_flight", "Requests under way.", registry=self._registry)
        flight.set_function(in_flight)

    def sent(self, carrier: str, outcome: Outcome, seconds: float, resting: bool) -> None:
        """A try ended, after so many seconds; whether the carrier rests now."""
        self._sends[carrier, outcome].inc()
        self._seconds[carrier].observe(seconds)
        self._resting[carrier].set(resting)

    def unknown(self, carrier: str, policy: str) -> None:
        """A try ended, and nobody knows whether it sent."""
        self._ambiguous.labels(carrier, policy).inc()

    def page(self) -> bytes:
        """The exposition, text format 0.0.4."""
        return generate_latest(self._registry)
