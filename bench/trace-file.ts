import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/** How many spans each trace has. */
export const SPANS_PER_TRACE = 50;

const START_SECONDS = 1_790_000_000;

/** Writes traces like the collector's file exporter, one per line. */
export async function writeTraces(file: string, spans: number): Promise<void> {
  const out = createWriteStream(file);
  for (let index = 0; index < spans / SPANS_PER_TRACE; index += 1) {
    if (!out.write(`${trace(index)}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

/** Returns a trace: a server span with the spans that it called. */
function trace(index: number): string {
  const traceId = (index + 1).toString(16).padStart(32, '0');
  const idOf = (span: number) =>
    (index * SPANS_PER_TRACE + span + 1).toString(16).padStart(16, '0');
  const time = (micros: number) =>
    `${START_SECONDS + Math.floor(index / 50)}${String((index % 50) * 20_000 + micros).padStart(6, '0')}000`;
  const spans = Array.from({ length: SPANS_PER_TRACE }, (_, span) => ({
    traceId,
    spanId: idOf(span),
    ...(span === 0 ? {} : { parentSpanId: idOf((span - 1) >> 1) }),
    flags: 257,
    name: span === 0 ? 'GET /items' : `step ${span % 12}`,
    kind: span === 0 ? 2 : span % 5 === 0 ? 3 : 1,
    startTimeUnixNano: time(span * 100),
    endTimeUnixNano: time(span === 0 ? 9_000 : 5_000 + span * 50),
    attributes: [
      { key: 'http.request.method', value: { stringValue: 'GET' } },
      { key: 'url.path', value: { stringValue: `/items/${span}` } },
      { key: 'server.address', value: { stringValue: 'localhost' } },
      { key: 'server.port', value: { intValue: '8080' } },
    ],
    status: span === 7 ? { code: 2 } : {},
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  return JSON.stringify({
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'bench' }, spans }] }],
  });
}
