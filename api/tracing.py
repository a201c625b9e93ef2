"""Traces for operators by OpenTelemetry: off unless the settings name a collector.

A span tells method, route template, status and duration, and nothing else: no path, no query, no address, no subject.
It is made once the answer is out. The SDK and its OTLP exporter are not dependencies; whoever wants traces installs
``opentelemetry-sdk`` and ``opentelemetry-exporter-otlp-proto-http``.
"""

from importlib import import_module
from typing import Any, Protocol


class TracingNotInstalledError(Exception):
    """A collector is named, but what talks to it is not installed."""


class Traces(Protocol):
    """Where finished requests are told."""

    def record(self, method: str, route: str, status: int, at: int, seconds: float) -> None:
        """Tell of one request that began at the instant ``at`` (microseconds) and took ``seconds``."""
        ...


class OpenTelemetryTraces:
    """Sends spans to a collector, in batches, from a thread of its own."""

    def __init__(self, endpoint: str) -> None:
        """Send to ``endpoint`` (OTLP over HTTP). Raises ``TracingNotInstalledError``."""
        try:
            sdk: Any = import_module("opentelemetry.sdk.trace")
            export: Any = import_module("opentelemetry.sdk.trace.export")
            otlp: Any = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
            resources: Any = import_module("opentelemetry.sdk.resources")
            api: Any = import_module("opentelemetry.trace")
        except ImportError as error:
            raise TracingNotInstalledError(
                "CANDOR__TELEMETRY__OTLP_ENDPOINT is set: install opentelemetry-sdk and "
                "opentelemetry-exporter-otlp-proto-http, or leave it empty"
            ) from error
        provider = sdk.TracerProvider(resource=resources.Resource.create({"service.name": "candor"}))
        provider.add_span_processor(export.BatchSpanProcessor(otlp.OTLPSpanExporter(endpoint=endpoint)))
        self._tracer = provider.get_tracer("candor")
        self._kind = api.SpanKind.SERVER

    def record(self, method: str, route: str, status: int, at: int, seconds: float) -> None:
        """Make and end the span of one request."""
        attributes = {"http.request.method": method, "http.route": route, "http.response.status_code": status}
        began = at * 1000
        span = self._tracer.start_span(f"{method} {route}", kind=self._kind, start_time=began, attributes=attributes)
        span.end(end_time=began + int(seconds * 1e9))


def traces(endpoint: str | None) -> Traces | None:
    """Return where to send traces, or nothing when no collector is named."""
    return OpenTelemetryTraces(endpoint) if endpoint else None
