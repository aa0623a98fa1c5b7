"""Traces for OpenTelemetry, when a collector is configured. Spans hold no number and no text."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

Attributes = Mapping[str, str | int]


class Span(Protocol):
    def set_attributes(self, attributes: Attributes) -> None: ...


class _NoSpan:
    def set_attributes(self, attributes: Attributes) -> None:
        return

    def __enter__(self) -> "_NoSpan":
        return self

    def __exit__(self, *_: object) -> None:
        return


NO_SPAN = _NoSpan()


class Tracer(Protocol):
    """`headers` are those of the request that a span answers; without them it belongs to the span around."""

    def span(self, name: str, headers: Any = None) -> AbstractContextManager[Span]: ...


class NoTracer:
    """For everybody who has no collector."""

    def span(self, name: str, headers: Any = None) -> AbstractContextManager[Span]:
        return NO_SPAN


class OpenTelemetry:
    """Sends spans to the collector that OpenTelemetry's own environment variables name."""

    def __init__(self, provider: Any) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = provider
        self._tracer = provider.get_tracer("auth0-phone.gateway")
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, headers: Any = None) -> Iterator[Span]:
        context = None
        if headers is not None:
            plain = {key.decode("latin-1"): value.decode("latin-1") for key, value in headers}
            context = self._propagator.extract(plain)
        # An exception's message may quote what nobody may read: none is recorded.
        with self._tracer.start_as_current_span(
            name, context=context, record_exception=False, set_status_on_exception=False
        ) as span:
            yield span


@contextmanager
def tracing(wanted: bool) -> Iterator[Tracer]:
    """A tracer for the block; what it collected is sent when the block ends."""
    if not wanted:
        yield NoTracer()
        return
    # Loaded here because it is an extra, and takes its time.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "auth0-phone-gateway"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    try:
        yield OpenTelemetry(provider)
    finally:
        provider.shutdown()
