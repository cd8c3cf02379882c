import { describe, expect, it } from 'vitest';
import { measureShared } from '../../scripts/accuracy/measure-shared.js';
import { Slots, type Segment, type World } from '../../scripts/accuracy/simulator.js';
import type { Insight } from '../../src/summary.js';

type Request = (request: Segment) => Promise<unknown>;

/** What is said of pools when many requests share one. */
async function saidOf(request: Request): Promise<readonly Insight[]> {
  const program = (world: World) => world.requests(120, 100, 'request', request);
  const { summary } = await measureShared({ title: '', what: '', program }, 1, false);
  return (summary.insights ?? []).filter(({ kind }) => kind === 'small-pool');
}

/** Waits for a connection in a segment of its own, and has it during the query. */
function acquiring(connections: number): Request {
  const pool = new Slots(connections);
  return async (request) => {
    let take: () => void = () => undefined;
    const taken = new Promise<void>((resolve) => (take = resolve));
    const acquired = request.segment('acquire', () => taken);
    await pool.use(async () => {
      take();
      await acquired;
      await request.segment('query', 260);
    });
    await request.segment('render', 40);
  };
}

describe('a pool that requests share and that is too small', () => {
  it('is told by the segment that waits for it, with its size', async () => {
    const [insight, ...others] = await saidOf(acquiring(3));
    expect(others).toEqual([]);
    expect(insight).toMatchObject({ segment: 'acquire', evidence: { slots: 3 } });
    expect(insight?.message).toMatch(
      /^`acquire` waited .* for one of 3 slots that were all in use. Raise the limit/,
    );
  });

  it('is told by a segment around the wait and the work', async () => {
    const pool = new Slots(2);
    const [insight] = await saidOf((request) =>
      request.segment('ask', (ask) => pool.use(() => ask.segment('chat', 190))),
    );
    expect(insight).toMatchObject({ segment: 'ask', evidence: { slots: 2 } });
  });

  it.each<[string, () => Request]>([
    ['there are slots for all', () => acquiring(40)],
    ['it is a lock', () => acquiring(1)],
    [
      'all wait for one answer',
      () => {
        let asking: Promise<unknown> | undefined;
        return async (request) => {
          await request.segment('token', async (token) => {
            asking ??= token.segment('fetch token', 300).finally(() => (asking = undefined));
            await asking;
          });
          await request.segment('call', 100);
        };
      },
    ],
  ])('is not told where %s', async (_, makeRequest) => {
    expect(await saidOf(makeRequest())).toEqual([]);
  });
});
