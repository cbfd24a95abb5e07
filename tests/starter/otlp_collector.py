"""An OpenTelemetry collector: a real HTTP server on loopback that keeps the spans it is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.activities.channels.vendors import Answer, Request, a_vendor


class Told(NamedTuple):
    name: str
    trace_id: str
    attributes: dict[str, str]


class Collector:
    """`spans` in the order they came; `raw` all bytes."""

    def __init__(self) -> None:
        self.spans: list[Told] = []
        self.raw, self.url = b"", ""

    def take(self, body: bytes) -> None:
        self.raw += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    attributes = {each.key: str(each.value) for each in span.attributes}
                    self.spans.append(Told(span.name, span.trace_id.hex(), attributes))

    def traces(self, name: str) -> set[str]:
        return {span.trace_id for span in self.spans if span.name == name}

    def names(self, trace_id: str) -> set[str]:
        return {span.name for span in self.spans if span.trace_id == trace_id}


@contextmanager
def a_collector() -> Iterator[Collector]:
    collector = Collector()

    def take(request: Request) -> Answer:
        collector.take(request.body)
        return 200, {}, b""

    with a_vendor() as server:
        server.answer, collector.url = take, server.url
        yield collector
