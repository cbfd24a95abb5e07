"""Traces from the CRM's trigger to the closure, by OpenTelemetry, when VOCLOOP_OTLP_ENDPOINT says where to.

The libraries are imported only then. A span names an operation and ids; it never holds an address's query or a payload.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

from settings import Settings

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

_TRACES = "/v1/traces"


@cache
def tracer(endpoint: str) -> "Tracer | None":
    """The process's tracer to this collector (OTLP over HTTP); None for ""."""
    if not endpoint:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "vocloop"}))
    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + _TRACES)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1_000))
    return provider.get_tracer("vocloop")


def interceptors(settings: Settings) -> tuple[Any, ...]:
    """For Temporal's client, which hands them on to its workers."""
    found = tracer(settings.otlp_endpoint)
    if found is None:
        return ()
    from temporalio.contrib.opentelemetry import TracingInterceptor

    return (TracingInterceptor(found),)
