import { AsyncResource } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { TrackedSegment, SegmentTracker } from '../../src/cpu-profile/segment-tracker.js';
import { turn } from '../support/burn.js';
import { heapGrowth } from '../support/heap.js';

/** Longer than the pause that counts for none. */
function pause(): void {
  const end = performance.now() + 0.1;
  while (performance.now() < end);
}

/** Runs segments, and gives the order in which they had turns; `-` is nobody. */
async function turnsOf(
  work: (segment: <T>(name: string, fn: () => T) => T) => unknown,
): Promise<string> {
  const tracker = new SegmentTracker();
  await work((name, fn) => {
    const open = tracker.open(name);
    const result = tracker.run(open, fn);
    if (result instanceof Promise)
      return result.finally(() => tracker.close(open)) as typeof result;
    tracker.close(open);
    return result;
  });
  expect(tracker.hasOpen).toBe(false);
  const turns = tracker.log.take().running.map((running) => running?.segment ?? '-');
  return turns.filter((name, index) => name !== turns[index - 1]).join(' ');
}

describe('whose turn it is', () => {
  it('is the segment itself and, inside of it, the inner one', async () => {
    const turns = await turnsOf((segment) =>
      segment('a', () => {
        segment('b', () => segment('c', pause));
        pause();
      }),
    );
    expect(turns).toBe('a b c b a -');
  });

  it('goes back to the outer one when the inner throws', () => {
    const tracker = new SegmentTracker();
    const outer = tracker.open('a');
    tracker.run(outer, () => {
      const inner = tracker.open('b');
      expect(() =>
        tracker.run(inner, () => {
          throw new Error('mine');
        }),
      ).toThrow('mine');
      tracker.close(inner);
    });
    tracker.close(outer);
    const names = tracker.log.take().running.map((running) => running?.segment);
    expect(names).toEqual(['a', 'b', 'a', undefined]);
  });

  it('is followed through await, timers and parallel branches', async () => {
    const turns = await turnsOf((segment) =>
      Promise.all([
        segment('a', async () => {
          pause();
          await Promise.resolve();
          pause();
          await new Promise((resolve) => setImmediate(resolve));
          pause();
        }),
        segment('b', async () => {
          pause();
          await Promise.resolve();
          pause();
        }),
      ]),
    );
    expect(turns).toMatch(/^a -? ?b (- )?a (- )?b - a -$/);
  });

  it('is that of a callback that carries its context with it, and then of the caller again', async () => {
    const turns = await turnsOf(async (segment) => {
      let callback = () => undefined as unknown;
      const a = segment('a', async () => {
        callback = AsyncResource.bind(pause);
        await turn();
        await turn();
      });
      await segment('b', async () => {
        await Promise.resolve();
        callback();
        pause();
      });
      await a;
    });
    expect(turns).toContain('b a b');
  });

  it('is the outer one, when work outlives its segment', async () => {
    let late: Promise<void> | undefined;
    const turns = await turnsOf((segment) =>
      segment('a', async () => {
        segment('b', () => {
          late = turn().then(pause);
        });
        await late;
      }),
    );
    expect(turns).toMatch(/^a b a (- a )*-$/);
  });

  it('names the segments around a run, so many at most', () => {
    let open = new TrackedSegment('outermost', undefined);
    open = new TrackedSegment('outer', open);
    expect(new TrackedSegment('inner', open).enclosing).toEqual(['outer', 'outermost']);
    for (let n = 0; n < 100; n += 1) open = new TrackedSegment('again', open);
    expect(open.enclosing).toHaveLength(15);
  });

  it('is not remembered of runs that are over, although each began the next', async () => {
    let last = new TrackedSegment('loop', undefined);
    const growth = await heapGrowth(100_000, () => {
      const next = new TrackedSegment('loop', last.nearestOpen());
      last.close();
      last = next;
    });
    expect(growth).toBeLessThan(2);
    last.close();
    expect(last.nearestOpen()).toBeUndefined();
  });
});
