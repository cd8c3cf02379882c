import { segment } from 'hotspan';
import type { Summary } from 'hotspan/processor';
import { mergeSummaries, toText } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';
import { likeOf } from '../support/summary.js';

fakeClock();
stopSdkAfterEach();

/** Requests that share one slot: each holds it for its own `summarize`, of lengths that differ. */
async function sharedSlot(): Promise<Summary> {
  const sdk = startSdk();
  let slot = Promise.resolve();
  const request = (at: number) =>
    segment('doc', async () => {
      const before = slot;
      let giveBack: () => void = () => undefined;
      slot = new Promise((resolve) => (giveBack = resolve));
      await before;
      await segment('summarize', () => sleep(300 + ((at * 137) % 211)));
      giveBack();
    });
  const requests: Promise<void>[] = [];
  for (let at = 0; at < 30; at += 1) requests.push(request(at));
  await run(Promise.all(requests));
  return sdk.bottlenecks.summary();
}

describe('waits of live traces', () => {
  it('count for the row that ended them, in data and in text', async () => {
    const summary = await sharedSlot();
    const [first, second] = summary.bottlenecks;
    expect([first?.name, second?.name]).toEqual(['summarize', 'doc']);
    expect(first!.criticalShare).toBeGreaterThan(0.9);
    expect(second!.waitsFor).toMatchObject([{ row: 'summarize' }]);
    expect(toText(summary)).toMatch(/doc waited [\d.]+ (?:s|min) for summarize/);
  });

  it('are added up when summaries are merged', async () => {
    const summary = await sharedSlot();
    const { waitsFor } = summary.bottlenecks[1]!;
    const merged = mergeSummaries([summary, likeOf(summary)]);
    const doc = merged.bottlenecks.find(({ name }) => name === 'doc');
    expect(doc!.waitsFor![0]!.seconds).toBeCloseTo(2 * waitsFor![0]!.seconds, 6);
  });

  it('are idle time where a segment says so, which never comes first', async () => {
    const sdk = startSdk();
    const session = segment('session', { idle: true }, async () => {
      await sleep(5_000);
      await segment('answer', () => sleep(200));
    });
    await run(session);
    const { bottlenecks } = sdk.bottlenecks.summary();
    expect(bottlenecks.map(({ name }) => name)).toEqual(['answer', 'session']);
    expect(bottlenecks[1]!.idleSeconds).toBeCloseTo(5, 2);
  });
});
