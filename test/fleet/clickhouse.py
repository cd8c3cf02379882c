"""A ClickHouse with the table of the Collector's exporter, filled from lines of OTLP JSON.

    clickhouse.py LINES QUERY            prints what the query answers
    clickhouse.py LINES --serve PORT     answers queries by ClickHouse's HTTP protocol, one at a time, in India

The table is in the database "otel", which a query over HTTP has to name.
"""

import json
import os
import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

if sys.argv[2] == "--serve":
    os.environ["TZ"] = "Asia/Kolkata"

from chdb.session import Session  # noqa: E402

TABLE = """
CREATE TABLE otel_traces (
  Timestamp DateTime64(9), TraceId String, SpanId String, ParentSpanId String, TraceState String,
  SpanName LowCardinality(String), SpanKind LowCardinality(String), ServiceName LowCardinality(String),
  ResourceAttributes Map(LowCardinality(String), String), ScopeName String, ScopeVersion String,
  SpanAttributes Map(LowCardinality(String), String), Duration UInt64,
  StatusCode LowCardinality(String), StatusMessage String,
  Events Nested (Timestamp DateTime64(9), Name LowCardinality(String),
    Attributes Map(LowCardinality(String), String)),
  Links Nested (TraceId String, SpanId String, TraceState String,
    Attributes Map(LowCardinality(String), String))
) ENGINE = MergeTree ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))
"""
KINDS = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"]
STATUS = ["Unset", "Ok", "Error"]


def attributes(pairs):
    return {pair["key"]: str(next(iter(pair["value"].values()))) for pair in pairs}


def rows(lines):
    for line in lines:
        for resource in json.loads(line)["resourceSpans"]:
            of_resource = attributes(resource["resource"]["attributes"])
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    start = int(span["startTimeUnixNano"])
                    yield {
                        "Timestamp": f"{start // 10**9}.{start % 10**9:09d}",
                        "TraceId": span["traceId"],
                        "SpanId": span["spanId"],
                        "ParentSpanId": span.get("parentSpanId", ""),
                        "SpanName": span["name"],
                        "SpanKind": KINDS[span["kind"]],
                        "ServiceName": of_resource["service.name"],
                        "ResourceAttributes": of_resource,
                        "ScopeName": scope["scope"]["name"],
                        "SpanAttributes": attributes(span["attributes"]),
                        "Duration": int(span["endTimeUnixNano"]) - start,
                        "StatusCode": STATUS[span["status"].get("code", 0)],
                        "StatusMessage": span["status"].get("message", ""),
                    }


session = Session()
session.query("CREATE DATABASE otel ENGINE = Atomic")
session.query("USE otel")
session.query(TABLE)
with open(sys.argv[1]) as lines:
    session.query("INSERT INTO otel_traces FORMAT JSONEachRow " + "\n".join(map(json.dumps, rows(lines))))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == "/ping":
            self.answer(200, b"Ok.\n")
            return
        parameters = {name: values[0] for name, values in parse_qs(url.query).items()}
        given = {name[6:]: value for name, value in parameters.items() if name.startswith("param_")}
        try:
            session.query("USE {database:Identifier}", params={"database": parameters.get("database", "default")})
            self.answer(200, session.query(parameters["query"], "JSONEachRow", params=given).bytes())
        except Exception as error:
            code = re.search(r"Code: (\d+)", str(error))[1]
            self.answer(404 if code == "60" else 500, f"{error} (version 26.9.1.1)\n".encode(), code)

    def answer(self, status, body, code=None):
        self.send_response(status)
        if code is not None:
            self.send_header("X-ClickHouse-Exception-Code", code)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if sys.argv[2] == "--serve":
    HTTPServer(("127.0.0.1", int(sys.argv[3])), Handler).serve_forever()
else:
    sys.stdout.write(session.query(sys.argv[2]).data())
