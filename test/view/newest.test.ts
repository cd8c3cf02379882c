import { describe, expect, it } from 'vitest';
import type { DrawnTrace, NewestList } from '../../src/page-data.js';
import { MAX_LISTED, NewestTraces } from '../../src/ranking/newest-traces.js';
import type { AboutTrace } from '../../src/pictures/sampled-trace.js';
import { nextId, post, startReceiver, summaryWhere, traceRequest } from './support.js';

const about = (traceId: string, spans = 1): AboutTrace => ({
  ...{ traceId, entry: 'shop\ncheckout', startEpochSeconds: 1_764_000_000 },
  ...{ nanos: 2e9, entryNanos: 2e9, isError: false, costUsd: undefined, spans, errors: 0 },
});

/** A picture of so many spans. */
function pictureWith(count: number) {
  const span = { name: 'a', service: 'shop', row: 'shop\na', startSeconds: 0, endSeconds: 1 };
  return {
    spans: Array.from({ length: count }, (_, at) => ({ ...span, spanId: String(at) })),
    leftOut: 0,
  };
}

const listOf = (most: Partial<ConstructorParameters<typeof NewestTraces>[0]> = {}) =>
  new NewestTraces({ traces: 3, bytes: 1e6, spans: Infinity, ...most });

describe('the newest traces', () => {
  it('are listed the newest first, as many as there is room for, and those that somebody has not seen', () => {
    const newest = listOf();
    for (const id of ['a', 'b', 'c', 'd']) newest.add(about(id));
    const ids = (after: number) => newest.after(after).traces.map(({ traceId }) => traceId);
    expect([ids(0), ids(3), ids(4)]).toEqual([['d', 'c', 'b'], ['d'], []]);
    expect(newest.after(0)).toMatchObject({ first: 2, last: 4 });
  });

  it('give up the pictures of the oldest ones, not their places in the list, where bytes are short', () => {
    const newest = listOf({ bytes: 9_000 });
    for (const id of ['a', 'b', 'c']) newest.add(about(id))?.(pictureWith(10));
    const drawn = newest.after(0).traces.map(({ isDrawn }) => isDrawn);
    expect(drawn).toEqual([true, true, undefined]);
    expect([newest.find('a'), newest.find('c')?.spans.length]).toEqual([undefined, 10]);
  });

  it('keep no picture that comes after its trace was dropped, and count no bytes of dropped ones', () => {
    const newest = listOf({ bytes: 20_000 });
    const draw = newest.add(about('a'));
    for (let turn = 0; turn < 100; turn += 1) newest.add(about(`${turn}`))?.(pictureWith(10));
    draw?.(pictureWith(10));
    expect(newest.find('a')).toBeUndefined();
    expect(newest.after(0).traces.every(({ isDrawn }) => isDrawn)).toBe(true);
  });

  it('are listed but not drawn where too many spans came since somebody looked last', () => {
    const newest = listOf({ spans: 10 });
    const isDrawn = (id: string) => newest.add(about(id, 8)) !== undefined;
    expect([isDrawn('a'), isDrawn('b'), isDrawn('c')]).toEqual([true, true, false]);
    newest.renew();
    expect(isDrawn('d')).toBe(true);
  });

  it('are told apart by their numbers where several have one id', () => {
    const newest = listOf();
    for (const count of [1, 2]) newest.add(about('a'))?.(pictureWith(count));
    const spansOf = (number?: number) => newest.find('a', number)?.spans.length;
    expect([spansOf(1), spansOf(2), spansOf()]).toEqual([1, 2, 2]);
  });

  it('are forgotten, and count on', () => {
    const newest = listOf();
    newest.add(about('a'));
    newest.clear();
    newest.add(about('b'));
    expect(newest.after(0)).toMatchObject({ first: 2, last: 2, traces: [{ traceId: 'b' }] });
  });
});

async function getJson<T>(address: string): Promise<T> {
  const response = await fetch(address);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

describe('the list of a page', () => {
  it('has the traces that came, and what is drawn of each', async () => {
    const { address, ranking } = await startReceiver();
    const traceId = nextId(32);
    await post(address, JSON.stringify(traceRequest({ traceId })));
    await summaryWhere(address, ({ traces }) => traces.analyzed === 1);
    const { traces } = await getJson<NewestList>(`${address}/traces.json`);
    expect(traces).toEqual([
      {
        ...{ at: 1, traceId, name: 'checkout', service: 'shop' },
        ...{ startEpochSeconds: 1_764_000_000, seconds: 2, spans: 2, isDrawn: true },
      },
    ]);
    expect(ranking.newest.last).toBe(1);
    const trace = await getJson<DrawnTrace>(`${address}/trace.json?id=${traceId}&at=1`);
    expect(trace.spans.map(({ name }) => name)).toEqual(['checkout', 'query']);
    expect((await getJson<NewestList>(`${address}/traces.json?after=1`)).traces).toEqual([]);
  });

  it('drops the oldest of more than it has room for', async () => {
    const { address, ranking } = await startReceiver();
    const count = MAX_LISTED + 50;
    const all = Array.from({ length: count }, () => traceRequest());
    const resourceSpans = all.flatMap((request) => request.resourceSpans);
    await post(address, JSON.stringify({ resourceSpans }));
    await summaryWhere(address, ({ traces }) => traces.analyzed === count);
    const { first, last, traces } = ranking.newest.after(0);
    expect([first, last, traces.length]).toEqual([51, count, MAX_LISTED]);
  });

  it.each([
    ['/traces.json?after=x', 400, 'expected `after` to be a number'],
    ['/trace.json', 404, 'the spans of this trace are not kept'],
    ['/trace.json?id=__proto__&at=1', 404, 'the spans of this trace are not kept'],
    ['/trace.json?id=%', 404, 'the spans of this trace are not kept'],
  ])('answers %s in one line', async (path, status, line) => {
    const { address } = await startReceiver();
    const response = await fetch(address + path);
    expect([response.status, await response.text()]).toEqual([status, `${line}\n`]);
  });

  it.each(['/traces.json', '/trace.json?id=a'])('%s is not for other sites', async (path) => {
    const { address } = await startReceiver();
    const response = await fetch(address + path, { headers: { origin: 'http://evil.test' } });
    expect(response.status).toBe(403);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});
