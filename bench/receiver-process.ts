/** A receiver on loopback in its own process. It accepts everything, answers `{}`, and counts. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** Matches span ids in OTLP and in Sentry's format. */
const SPAN_IDS = ['"spanId":"', '"span_id":"'].map((text) => Buffer.from(text));
let requests = 0;
let bytes = 0;
let spans = 0;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    const sent = Buffer.concat(chunks);
    requests += 1;
    bytes += sent.length;
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    if (request.headers['content-type'] === 'application/x-protobuf') spans += spansIn(body);
    for (const id of SPAN_IDS) {
      for (let at = body.indexOf(id); at >= 0; at = body.indexOf(id, at + 1)) spans += 1;
    }
  });
});
/** Counts the spans of a request in protobuf: they are at `resource_spans`, `scope_spans`, `spans`. */
function spansIn(message: Buffer, path: readonly number[] = [1, 2, 2]): number {
  if (path.length === 0) return 1;
  let count = 0;
  for (let at = 0; at < message.length;) {
    const field = message[at]! >>> 3;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[(at += 1)]!;
      size |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    at += 1;
    if (field === path[0]) count += spansIn(message.subarray(at, at + size), path.slice(1));
    at += size;
  }
  return count;
}

server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('message', () => process.send?.({ requests, bytes, spans }));
process.on('disconnect', () => process.exit());
