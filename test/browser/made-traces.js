/**
 * Traces as OTLP JSON, one document on a line, always the same: an agent that answers questions with two models, a
 * search, retries with backoff and a rerank of its own; and an entry point that only reads a database.
 */

const START_MILLIS = Date.UTC(2026, 0, 5, 9);
const nanos = (millis) => `${Math.round((START_MILLIS + millis) * 1_000)}000`;
const hex = (number, digits) => number.toString(16).padStart(digits, '0');

const valueOf = (value) => {
  if (typeof value === 'string') return { stringValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
};

/** One document of OTLP, with the spans of one service. */
export function otlp(spans, service = 'made-agent') {
  const resource = { attributes: [{ key: 'service.name', value: valueOf(service) }] };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
}

/** The spans of one trace, which are added one after the other; times in milliseconds from the start of all. */
export function makeTrace(number) {
  const spans = [];
  const add = (name, from, to, more = {}) => {
    const { parent, attributes = {}, kind = 1, error } = more;
    const spanId = hex(number * 1e6 + spans.length + 1, 16);
    const failed = error === undefined ? {} : { 'error.type': error };
    spans.push({
      ...{ traceId: hex(number + 1, 32), spanId, name, kind },
      ...(parent === undefined ? {} : { parentSpanId: parent }),
      ...{ startTimeUnixNano: nanos(from), endTimeUnixNano: nanos(to) },
      attributes: Object.entries({ ...attributes, ...failed }).map(([key, value]) => ({
        ...{ key, value: valueOf(value) },
      })),
      status: error === undefined ? {} : { code: 2 },
    });
    return spanId;
  };
  return { spans, add };
}

const call = (model, input, output) => ({
  kind: 3,
  attributes: {
    ...{ 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai' },
    ...{ 'gen_ai.request.model': model, 'gen_ai.response.model': model },
    ...{ 'gen_ai.usage.input_tokens': input, 'gen_ai.usage.output_tokens': output },
  },
});

const attempt = (number, outcome, backoff) => ({
  ...{ 'hotspan.attempt.number': number, 'hotspan.attempt.outcome': outcome },
  ...(backoff === undefined ? {} : { 'hotspan.attempt.backoff': backoff }),
});

/** How much longer than others: the same sequence each time, long now and then. */
const stretchOf = (number) => 0.7 + ((number * 37) % 17) / 17 + (number % 19 === 7 ? 2 : 0);

/** How long the search and the rerank take, in milliseconds. */
const PACE = { search: 700, rerank: 200 };

function agentTrace(number, { search: searched, rerank: reranked } = PACE) {
  const { spans, add } = makeTrace(number);
  const stretch = stretchOf(number);
  const start = number * 4_000;
  let now = start;
  const next = (millis) => [now, (now += millis * stretch)];
  const ends = (1_700 + searched + reranked) * stretch + (number % 5 === 0 ? 900 : 0);
  const root = add('answer question', start, start + ends, {
    kind: 2,
    ...(number % 23 === 3 && { error: 'Error' }),
  });
  add('chat gpt-4o-mini', ...next(400), { parent: root, ...call('gpt-4o-mini', 800, 40) });
  const search = add('search documents', now, now + searched * stretch, { parent: root });
  for (let shard = 0; shard < 4; shard += 1) {
    const took = (searched - 400 + 130 * shard) * stretch;
    add('read shard', now, now + took, { parent: search, kind: 3 });
  }
  now += searched * stretch;
  if (reranked > 0) {
    const rerank = add('rerank', ...next(reranked), { parent: root });
    add('score', now - 100 * stretch, now, { parent: rerank });
  }
  const from = now;
  const attempts = number % 5 === 0 ? 2 : 1;
  const write = add('write answer', from, start + ends, {
    parent: root,
    attributes: { 'hotspan.attempt.count': attempts },
  });
  const ask = (at, to, attributes, error) => {
    const around = add('write answer attempt', at, to, { parent: write, attributes, error });
    add('chat gpt-4o', at, to, { parent: around, ...call('gpt-4o', 3_000, 250), error });
  };
  if (attempts === 2) ask(from, from + 600, attempt(1, 'error', 0.3), 'RateLimitError');
  ask(attempts === 2 ? from + 900 : from, start + ends, attempt(attempts, 'success'));
  return spans;
}

function listTrace(number) {
  const { spans, add } = makeTrace(number);
  const start = number * 4_000;
  const took = 300 * stretchOf(number);
  const root = add('list answers', start, start + took, { kind: 2 });
  const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': 'SELECT' };
  for (let at = 0; at < 20; at += 1) {
    const from = start + (took * at) / 20;
    add('SELECT answer', from, from + took / 20 - 1, { parent: root, kind: 3, attributes });
  }
  return spans;
}

/** So many traces of both entry points, of a program that searches and reranks in so many milliseconds. */
export function madeTraces(count, pace) {
  const traces = Array.from({ length: count }, (_, number) =>
    number % 4 === 1 ? listTrace(number) : agentTrace(number, pace),
  );
  return traces.map((spans) => otlp(spans)).join('\n');
}

/** A word for a number: names that differ in digits alone are one row. */
const word = (number) => hex(number, 4).replace(/[0-9]/g, (digit) => 'ghijklmnop'[Number(digit)]);

/** One trace of so many spans: calls of calls, ten in each. */
export function largeTrace(count) {
  const { spans, add } = makeTrace(0);
  const ids = [add('root', 0, 1e6)];
  const times = [[0, 1e6]];
  for (let at = 1; at < count; at += 1) {
    const parent = Math.floor((at - 1) / 10);
    const [from, to] = times[parent];
    const step = (to - from) / 10;
    const start = from + step * ((at - 1) % 10);
    times.push([start, start + step * 0.9]);
    ids.push(add(`step ${word(at % 40)}`, ...times[at], { parent: ids[parent] }));
  }
  return otlp(spans);
}

/** The same request as several, each with so many spans, as a receiver takes them. The root comes last. */
export function inPieces(request, size) {
  const [resourceSpans] = JSON.parse(request).resourceSpans;
  const [{ spans, ...scope }] = resourceSpans.scopeSpans;
  const pieces = [];
  for (let at = 0; at < spans.length; at += size) {
    const scopeSpans = [{ ...scope, spans: spans.slice(at, at + size) }];
    pieces.push(JSON.stringify({ resourceSpans: [{ ...resourceSpans, scopeSpans }] }));
  }
  return pieces.reverse().join('\n');
}

/** Traces with so many rows altogether, a hundred in each. */
export function manyRows(count) {
  const traces = [];
  for (let number = 0; number * 100 < count; number += 1) {
    const { spans, add } = makeTrace(number);
    const start = number * 200;
    const root = add('work', start, start + 100);
    for (let at = 0; at < 100; at += 1) {
      add(`row ${word(number * 100 + at)}`, start + at, start + at + 1, { parent: root });
    }
    traces.push(otlp(spans));
  }
  return traces.join('\n');
}

/** So many short traces of a span each, a hundred in each request. */
export function manyTraces(count) {
  const requests = [];
  for (let number = 0; number < count; number += 100) {
    const traces = Array.from({ length: Math.min(100, count - number) }, (_, at) => {
      const { spans, add } = makeTrace(number + at);
      add('job', (number + at) * 10, (number + at) * 10 + 5);
      return spans;
    });
    requests.push(otlp(traces.flat()));
  }
  return requests.join('\n');
}

const SCRIPT = 'window.hacked = true';
/** Names that a page must not take for anything but text. */
export const HOSTILE = [
  `</script><img src=x onerror="${SCRIPT}"><script>${SCRIPT}</script>`,
  `"><svg onload="${SCRIPT}"> javascript:${SCRIPT}`,
  '__proto__',
  'constructor',
  'line\u2028separator\u2029\u0000\u001b[31mred\u0007',
  'turned \u202egnp.exe\u202c \u2066around',
  `long ${'x'.repeat(100_000)}`,
];

/** Traces in which all that has a name has one of these. */
export function hostileTraces() {
  return HOSTILE.map((name, number) => {
    const { spans, add } = makeTrace(number);
    const start = number * 1_000;
    const root = add(name, start, start + 500, { error: name });
    const { attributes, kind } = call(name, 10, 10);
    const named = { ...attributes, 'gen_ai.response.model': name, 'gen_ai.provider.name': name };
    add(`chat ${name}`, start, start + 400, { parent: root, kind, attributes: named, error: name });
    return otlp(spans, name);
  }).join('\n');
}
