"""Ranks traces that one machine cannot read in time: hotspan reads each part, and the answers add up.

    spark-submit examples/fleet/rank.py 's3a://traces/2026-11-*/*.jsonl.gz' 16 > summary.json

Reads what Spark can: OTLP JSON as the Collector's file exporter writes it, or rows of its ClickHouse table
(SELECT * FROM otel_traces FORMAT JSONEachRow). Spans of one trace may be in several lines and files. HOTSPAN is
the command, which each worker needs; by default "npx hotspan".
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import zlib

from pyspark.sql import SparkSession

HOTSPAN = os.environ.get("HOTSPAN", "npx hotspan")
TRACE_ID = re.compile(r'"[tT]raceId"\s*:\s*"([^"]+)"')


def by_trace(line):
    """Cuts a line so that each part is of one trace, and says which."""
    ids = set(TRACE_ID.findall(line))
    if len(ids) == 1:
        yield ids.pop(), line
        return
    for resource in json.loads(line)["resourceSpans"] if ids else []:
        for scope in resource["scopeSpans"]:
            spans = {}
            for span in scope["spans"]:
                spans.setdefault(span["traceId"], []).append(span)
            for trace, own in spans.items():
                part = {**resource, "scopeSpans": [{**scope, "spans": own}]}
                yield trace, json.dumps({"resourceSpans": [part]})


def merged(summaries):
    with tempfile.TemporaryDirectory() as folder:
        for number, summary in enumerate(summaries):
            with open(f"{folder}/{number}.json", "w") as file:
                file.write(summary)
        command = f"{HOTSPAN} report {folder}/*.json --json"
        return subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout


pattern, parts = sys.argv[1], int(sys.argv[2])
lines = SparkSession.builder.appName("hotspan").getOrCreate().sparkContext.textFile(pattern)
# Not Python's hash(), which differs between workers.
traces = lines.flatMap(by_trace).partitionBy(parts, lambda trace: zlib.crc32(trace.encode()))
answers = traces.values().pipe(f"{HOTSPAN} report - --json", checkCode=True)
print(merged(answers.glom().map("\n".join).collect()))
