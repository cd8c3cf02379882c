"""Two services with OpenTelemetry's Python SDK: a shop asks a search for what it sells, which asks a model."""

import sys
import time

from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

ENDPOINT = sys.argv[1]
REQUESTS = 5


def service(name, compression):
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    exporter = OTLPSpanExporter(endpoint=ENDPOINT, compression=compression)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


shop = service("shop", Compression.NoCompression)
search = service("search", Compression.Gzip)
of_shop = shop.get_tracer("shop")
of_search = search.get_tracer("search")

MODEL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 1000,
    "gen_ai.usage.output_tokens": 100,
}


def find(headers):
    context = propagate.extract(headers)
    with of_search.start_as_current_span("GET /find", context, trace.SpanKind.SERVER):
        with of_search.start_as_current_span("chat", None, trace.SpanKind.CLIENT, MODEL):
            time.sleep(0.03)


for _ in range(REQUESTS):
    with of_shop.start_as_current_span("GET /shop", None, trace.SpanKind.SERVER):
        with of_shop.start_as_current_span("GET", None, trace.SpanKind.CLIENT):
            headers = {}
            propagate.inject(headers)
            find(headers)
        with of_shop.start_as_current_span("render"):
            time.sleep(0.01)

for provider in (search, shop):
    provider.shutdown()
