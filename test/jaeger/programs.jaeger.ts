import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { OWN_NAMES } from './made-traces.js';
import type { PlainSpan } from './otlp.js';
import { runExample, useEverything } from './programs.js';
import { eventually, jaegerQuery, readBack } from './query.js';
import { startRecorder, type Recorder } from './recorder.js';

const { url, tracesUrl } = inject('jaeger');
const jaeger = jaegerQuery(url);
const pages = ['docs/jaeger.md', 'README.md'].map((path) =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'),
);

let recorder: Recorder;
let printed: string;
let sent: readonly PlainSpan[];
let read: readonly PlainSpan[];

beforeAll(async () => {
  recorder = await startRecorder(tracesUrl);
  const { endpoint } = recorder;
  printed = await runExample('research-agent', { endpoint, jaegerUrl: url });
  await runExample('several-agents', { endpoint, jaegerUrl: url });
  await useEverything(endpoint);
  sent = recorder.spans;
  read = await readBack(jaeger, sent);
});
afterAll(() => recorder.close());

const serviceOf = ({ resource }: PlainSpan) => String(resource['service.name']);
const SERVICES = ['analyst', 'conductor', 'everything', 'research-agent'];

/** The traces with a span of the service that fits. */
const tracesWith = (service: string, fits: (span: PlainSpan) => boolean) =>
  [
    ...new Set(sent.filter((span) => serviceOf(span) === service && fits(span)).map(traceOf)),
  ].sort();
const traceOf = ({ traceId }: PlainSpan) => traceId;

/** Of what a search found, the traces of this run: an older one may be in the same Jaeger. */
const ours = (traceIds: readonly string[]) => {
  const made = new Set(sent.map(traceOf));
  return traceIds.filter((traceId) => made.has(traceId)).sort();
};

describe('traces of programs in Jaeger', () => {
  it('come back span by span as they were sent', () => {
    expect([...new Set(sent.map(serviceOf))].sort()).toEqual(SERVICES);
    expect(read).toHaveLength(sent.length);
    const found = new Map(read.map((span) => [span.spanId, span]));
    for (const span of sent) expect(found.get(span.spanId), span.name).toEqual(span);
  });

  it('have every attribute that hotspan writes', () => {
    const seen = new Set(read.flatMap(({ attributes }) => Object.keys(attributes)));
    expect(OWN_NAMES.filter((name) => !seen.has(name))).toEqual([]);
  });

  it('have a parent in their trace, in another process too, or none', () => {
    const ids = new Set(read.map(({ spanId }) => spanId));
    const orphans = read.filter(
      ({ parentSpanId }) => parentSpanId !== '' && !ids.has(parentSpanId),
    );
    expect(orphans).toEqual([]);
    const [trace] = tracesWith('analyst', () => true);
    expect(tracesWith('conductor', () => true)).toContain(trace);
  });

  it('open from the link that the demo prints', async () => {
    const [, link, traceId = ''] = /(http:\S+\/trace\/([0-9a-f]{32}))\n$/.exec(printed) ?? [];
    expect(link).toBe(`${url}/trace/${traceId}`);
    expect((await fetch(link ?? '')).status).toBe(200);
    expect((await jaeger.spans(traceId)).some(({ name }) => name === 'answer question')).toBe(true);
  });
});

describe('what docs/jaeger.md and the README say', () => {
  // Between backticks: `one.name=value`, or several with spaces.
  const fields = pages.flatMap(
    (page) => page.match(/(?<=`)[a-z_]+\.[a-z_.]+=\w[^`\s]*( \S+=\S+)*(?=`)/g) ?? [],
  );
  const searches = [...new Set(fields)];

  it('is what to look for', () => {
    expect(searches.length).toBeGreaterThan(8);
  });

  it('names services and operations that Jaeger lists', async () => {
    await eventually(async () => {
      expect(await jaeger.services()).toEqual(expect.arrayContaining(SERVICES));
      for (const service of SERVICES) {
        const names = sent.filter((span) => serviceOf(span) === service).map(({ name }) => name);
        expect(await jaeger.operations(service)).toEqual(expect.arrayContaining(names));
      }
    });
  });

  it.each(searches)('finds with %s the traces that it means', async (field) => {
    const tags = Object.fromEntries(
      field.split(' ').map((tag) => tag.split('=') as [string, string]),
    );
    const fits = ({ attributes, resource }: PlainSpan) =>
      Object.entries(tags).every(
        ([key, value]) => String(attributes[key] ?? resource[key]) === value,
      );
    const expected = SERVICES.map((service) => tracesWith(service, fits));
    expect(expected.flat()).not.toEqual([]);
    for (const [index, service] of SERVICES.entries()) {
      expect(ours(await jaeger.search(service, { tags })), service).toEqual(expected[index]);
    }
  });

  it('is an error on the attempt, and none on the call when a later attempt worked', () => {
    const retried = read.filter(
      (span) =>
        serviceOf(span) === 'research-agent' && span.attributes['hotspan.attempt.count'] === 2n,
    );
    expect(retried).toHaveLength(2);
    for (const call of retried) {
      expect(call.status.code).toBe(0);
      const attempts = read.filter(({ parentSpanId }) => parentSpanId === call.spanId);
      expect(attempts.map(({ status }) => status.code).sort()).toEqual([0, 2]);
    }
  });

  it('finds the slow calls of a model by its operation and a shortest duration', async () => {
    const operation = 'chat gpt-4o';
    const found = await jaeger.search('research-agent', { operation, minDuration: '1s' });
    const isSlow = ({ name, startMicros, endMicros }: PlainSpan) =>
      name === operation && endMicros - startMicros >= 1_000_000n;
    expect(tracesWith('research-agent', isSlow)).toHaveLength(1);
    expect(ours(found)).toEqual(tracesWith('research-agent', isSlow));
  });

  it('has what the UI needs for a critical path: references, and times that nest', async () => {
    for (const traceId of tracesWith('research-agent', () => true)) {
      const spans = await jaeger.uiSpans(traceId);
      const byId = new Map(spans.map((span) => [span.spanID, span]));
      const roots = spans.filter(({ references }) => references.length === 0);
      expect(roots).toHaveLength(1);
      for (const { references, startTime, duration } of spans) {
        const [reference] = references;
        if (reference === undefined) continue;
        expect(reference.refType).toBe('CHILD_OF');
        const parent = byId.get(reference.spanID)!;
        expect(startTime).toBeGreaterThanOrEqual(parent.startTime);
        // Start and duration are cut to the microsecond each.
        expect(startTime + duration).toBeLessThanOrEqual(parent.startTime + parent.duration + 1);
      }
    }
  });
});
