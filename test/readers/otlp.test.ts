import { describe, expect, it } from 'vitest';
import { expectSound, fixtureText, otlp, otlpSpan, summaryOf } from './support.js';

type Json = Record<string, unknown>;

const lines = fixtureText('collector.otlp.jsonl').trim().split('\n');
const documents = lines.map((line) => JSON.parse(line) as Json);

/** Every object within a value, changed from the inside out. */
function mapObjects(value: unknown, change: (object: Json) => Json): unknown {
  if (Array.isArray(value)) return value.map((item) => mapObjects(item, change));
  if (value === null || typeof value !== 'object') return value;
  const inner = Object.entries(value).map(([key, item]) => [key, mapObjects(item, change)]);
  return change(Object.fromEntries(inner) as Json);
}

const changed = (change: (object: Json) => Json) =>
  documents.map((document) => JSON.stringify(mapObjects(document, change))).join('\n');

const base64 = (hex: unknown) => Buffer.from(String(hex), 'hex').toString('base64');
const snake = (key: string) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const KINDS = ['', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];

describe('OTLP JSON may have', () => {
  it.each<[string, (object: Json) => Json]>([
    [
      'ids in base64',
      (object) => {
        for (const key of ['traceId', 'spanId', 'parentSpanId']) {
          if (key in object) object[key] = base64(object[key]);
        }
        return object;
      },
    ],
    [
      'ids in capitals',
      (object) => {
        if ('spanId' in object) object.spanId = String(object.spanId).toUpperCase();
        return object;
      },
    ],
    [
      'names in snake case',
      (object) => Object.fromEntries(Object.entries(object).map(([k, v]) => [snake(k), v])),
    ],
    [
      'kinds and codes by name',
      (object) => {
        if ('kind' in object) object.kind = `SPAN_KIND_${KINDS[Number(object.kind)]!}`;
        if (object.code === 2) object.code = 'STATUS_CODE_ERROR';
        return object;
      },
    ],
    [
      'integers as numbers',
      (object) => {
        if ('intValue' in object) object.intValue = Number(object.intValue);
        return object;
      },
    ],
    [
      'a parent id that is empty',
      (object) => ('spanId' in object ? { parentSpanId: '', ...object } : object),
    ],
    [
      'no flags',
      (object) => {
        delete object.flags;
        return object;
      },
    ],
    [
      'its fields in another order',
      (object) => Object.fromEntries(Object.entries(object).reverse()),
    ],
  ])('%s', async (_, change) => {
    expect(await summaryOf(changed(change))).toEqual(await summaryOf(lines.join('\n')));
  });

  it('times as numbers, which are less exact', async () => {
    const numbers = changed((object) => {
      for (const key of ['startTimeUnixNano', 'endTimeUnixNano']) {
        if (key in object) object[key] = Number(object[key]);
      }
      return object;
    });
    const [exact, rounded] = [await summaryOf(lines.join('\n')), await summaryOf(numbers)];
    expectSound(rounded);
    expect(rounded.latency.totalSeconds).toBeCloseTo(exact.latency.totalSeconds, 5);
  });
});

describe('a local root is', () => {
  const HAS_IS_REMOTE = 0x100;
  const IS_REMOTE = 0x300;
  const root = otlpSpan({ id: 'a', start: 0, end: 10 });
  const lone = { id: 'b', parent: 'x', start: 2, end: 4 };
  const countOf = async (span: object) =>
    (await summaryOf(JSON.stringify(otlp({ shop: [root, span] })))).latency.count;

  it('a span whose parent is remote by its flags', async () => {
    expect(await countOf(otlpSpan({ ...lone, flags: IS_REMOTE }))).toBe(2);
    expect(await countOf(otlpSpan({ ...lone, flags: HAS_IS_REMOTE, kind: 2 }))).toBe(1);
  });

  it('a server whose parent is not in the data, where there are no flags', async () => {
    expect(await countOf(otlpSpan({ ...lone, kind: 2 }))).toBe(2);
    expect(await countOf(otlpSpan({ ...lone, kind: 1 }))).toBe(1);
  });

  it('no span whose remote parent is in the data', async () => {
    const server = otlpSpan({ ...lone, parent: 'a', flags: IS_REMOTE, kind: 2 });
    expect(await countOf(server)).toBe(1);
  });
});

it('keeps the nanoseconds of times since the epoch', async () => {
  const span = {
    ...otlpSpan({ id: 'a', start: 0, end: 0 }),
    startTimeUnixNano: '1795492260999999999',
    endTimeUnixNano: '1795492261000000001',
  };
  const summary = await summaryOf(JSON.stringify(otlp({ shop: [span] })));
  expect(summary.latency.totalSeconds).toBe(2e-9);
});
