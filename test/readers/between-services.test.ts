import { describe, expect, it } from 'vitest';
import { criticalMillis, expectSound, hexId, otlp, otlpSpan, summaryOf } from './support.js';

const CLIENT = 3;
const SERVER = 2;
const PRODUCER = 4;
const CONSUMER = 5;

const moved =
  'by their clocks a call between services did not lie within its caller: it was moved there';

/** A call from `shop` to `stock`, whose clock is off by so much. */
function call(offMillis: number, server: { start: number; end: number }) {
  const start = server.start + offMillis;
  const end = server.end + offMillis;
  return JSON.stringify(
    otlp({
      shop: [
        otlpSpan({ id: 'root', start: 0, end: 100 }),
        otlpSpan({ id: 'client', parent: 'root', start: 10, end: 90, kind: CLIENT }),
      ],
      stock: [
        otlpSpan({ id: 'server', parent: 'client', start, end, kind: SERVER }),
        otlpSpan({ id: 'query', parent: 'server', start: start + 10, end: start + 30 }),
      ],
    }),
  );
}

describe('a call between services', () => {
  const server = { start: 30, end: 70 };
  const expected = { root: 20, client: 40, server: 20, query: 20 };

  it('does not count twice on the path', async () => {
    const summary = await summaryOf(call(0, server));
    expectSound(summary);
    expect(criticalMillis(summary)).toEqual(expected);
    expect(summary.latency).toMatchObject({ count: 1, totalSeconds: 0.1 });
    expect(summary.warnings).toEqual([]);
  });

  //   client     |--------|            |--------|
  //   server  |--|               ->       |--|
  it.each([-5000, -25, 25, 5000, 1e7])(
    'is moved to the middle of its caller when the clocks are %d ms apart',
    async (offMillis) => {
      const summary = await summaryOf(call(offMillis, server));
      expectSound(summary);
      expect(criticalMillis(summary)).toEqual(expected);
      expect(summary.warnings).toEqual([moved]);
    },
  );

  it('that is longer than its caller is moved to the start of it', async () => {
    const summary = await summaryOf(call(-20, { start: 10, end: 200 }));
    expectSound(summary);
    expect(criticalMillis(summary)).toMatchObject({ root: 20, server: 60, query: 20 });
  });

  it('stays where it is when it fits', async () => {
    const summary = await summaryOf(call(15, server));
    expect(summary.warnings).toEqual([]);
  });

  it('is moved on its own in each further service', async () => {
    const spans = (off: number) => ({
      shop: [otlpSpan({ id: 'a', start: 0, end: 100 })],
      stock: [otlpSpan({ id: 'b', parent: 'a', start: off + 10, end: off + 90, kind: SERVER })],
      store: [otlpSpan({ id: 'c', parent: 'b', start: 20, end: 80, kind: SERVER })],
    });
    const summary = await summaryOf(JSON.stringify(otlp(spans(-1000))));
    expect(criticalMillis(summary)).toEqual({ a: 20, b: 20, c: 60 });
    expect(summary.warnings).toEqual([moved]);
  });
});

describe('nobody waits for', () => {
  it('what is worked off a queue', async () => {
    const document = otlp({
      shop: [
        otlpSpan({ id: 'root', start: 0, end: 100 }),
        otlpSpan({ id: 'send', parent: 'root', start: 10, end: 20, kind: PRODUCER }),
      ],
      mail: [otlpSpan({ id: 'work', parent: 'send', start: 15, end: 48, kind: CONSUMER })],
    });
    const summary = await summaryOf(JSON.stringify(document));
    expect(criticalMillis(summary)).toEqual({ root: 90, send: 10, work: 0 });
    expect(summary.warnings).toEqual([]);
  });

  it('what only follows from a span', async () => {
    const trace = (refType: string) => ({
      data: [
        {
          traceID: 't1',
          processes: { p1: { serviceName: 'shop' }, p2: { serviceName: 'mail' } },
          spans: [
            span('a1', 0, 100, 'p1'),
            {
              ...span('b1', 20, 50, 'p2'),
              references: [
                { refType: 'CHILD_OF', traceID: 'other', spanID: 'a1' },
                { refType, traceID: 't1', spanID: 'a1' },
              ],
            },
          ],
        },
      ],
    });
    const follows = await summaryOf(JSON.stringify(trace('FOLLOWS_FROM')));
    expect(criticalMillis(follows)).toEqual({ a1: 100, b1: 0 });
    expect(follows.latency.count).toBe(1);
    const child = await summaryOf(JSON.stringify(trace('CHILD_OF')));
    expect(criticalMillis(child)).toEqual({ a1: 50, b1: 50 });
  });
});

function span(id: string, startMillis: number, millis: number, processID: string) {
  const startTime = 1_795_492_276_000_000 + startMillis * 1000;
  return {
    traceID: 't1',
    spanID: id,
    operationName: id,
    references: [],
    startTime,
    duration: millis * 1000,
    tags: [],
    processID,
  };
}

describe('what a call of a model cost', () => {
  const attribute = (key: string, value: string | number) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { doubleValue: value },
  });
  const llm = (id: string, parent: string | undefined, more: Record<string, string | number>) =>
    otlpSpan({
      id,
      ...(parent === undefined ? {} : { parent }),
      start: 0,
      end: 10,
      kind: CLIENT,
      attributes: Object.entries({
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        ...more,
      }).map(([key, value]) => attribute(key, value)),
    });
  const used = { 'gen_ai.usage.input_tokens': 1e6, 'gen_ai.usage.output_tokens': 0 };
  const costOf = async (...spans: object[]) => {
    const { totals } = await summaryOf(JSON.stringify(otlp({ shop: spans })));
    return { costUsd: totals.costUsd, unpriced: totals.unpricedCalls };
  };

  it('is looked up when it is not told', async () => {
    expect(await costOf(llm('a', undefined, used))).toEqual({ costUsd: 2.5, unpriced: 0 });
  });

  it('is what is told', async () => {
    const told = { ...used, 'gen_ai.usage.cost': 1.5 };
    expect(await costOf(llm('a', undefined, told))).toEqual({ costUsd: 1.5, unpriced: 0 });
  });

  it('counts once when two spans tell of the same call', async () => {
    const spans = [llm('a', undefined, used), llm('b', 'a', used)];
    expect(await costOf(...spans)).toEqual({ costUsd: 2.5, unpriced: 0 });
  });

  it('counts where only the inner span knows of it', async () => {
    const inner = [llm('a', undefined, {}), llm('b', 'a', used)];
    expect(await costOf(...inner)).toEqual({ costUsd: 2.5, unpriced: 0 });
    const told = [llm('a', undefined, used), llm('b', 'a', { 'gen_ai.usage.cost': 1 })];
    expect(await costOf(...told)).toEqual({ costUsd: 1, unpriced: 0 });
  });

  it('counts with what a failed attempt used', async () => {
    const attempt = otlpSpan({
      id: 'b',
      parent: 'a',
      start: 0,
      end: 5,
      attributes: [
        attribute('hotspan.attempt.number', 1),
        attribute('hotspan.attempt.outcome', 'error'),
      ],
    });
    const spans = [llm('a', undefined, used), attempt, llm('c', 'b', used)];
    expect(await costOf(...spans)).toEqual({ costUsd: 5, unpriced: 0 });
  });

  it('is not known of an unknown model', async () => {
    const unknown = { ...used, 'gen_ai.request.model': 'house-model' };
    expect(await costOf(llm('a', undefined, unknown))).toEqual({
      costUsd: undefined,
      unpriced: 1,
    });
  });
});

it('ids keep their traces apart', async () => {
  const spans = ['t', 'u'].map((trace) => otlpSpan({ id: 'a', trace, start: 0, end: 5 }));
  const summary = await summaryOf(JSON.stringify(otlp({ shop: spans })));
  expect(summary.slowest.map(({ traceId }) => traceId)).toEqual(
    ['t', 'u'].map((t) => hexId(t, 32)),
  );
});
