import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { takeTurns, spread } from './compare.js';
import type { Peer } from './peer.js';
import { PACE, PAIRS_PER_TURN } from './span-work.js';

/** The cost of a span, in microseconds. */
export interface SpanCost {
  readonly busy: number;
  readonly cpu: number;
}

/** A cost, and how many spans it was measured with. */
export interface MeasuredPeer extends SpanCost {
  readonly spans: number;
}

/** Measures a span of a peer in this process. Returns the median of the rounds. */
export async function measurePeer(
  peer: Peer,
  how: { readonly isSent: boolean; readonly pairs: number; readonly rounds: number },
): Promise<MeasuredPeer> {
  const run = async () => {
    for (let done = 1; done <= how.pairs; done += 1) {
      await peer.pair();
      if (done % PAIRS_PER_TURN === 0) await turn();
      // Some peers lose spans without this pause. It does not count as busy time.
      if (done % PACE.pairsPerPause === 0) await sleep(PACE.pauseMillis);
    }
    if (how.isSent) await peer.flush();
  };
  const { rounds } = how;
  const turns = { rounds, warmUp: Math.ceil(rounds / 2), units: 2 * how.pairs };
  const [measured] = await takeTurns([{ name: 'peer', run }], turns);
  const spans = turns.units * (rounds + turns.warmUp);
  if (!how.isSent) {
    await peer.flush();
    const exported = peer.exported?.();
    if (exported !== undefined && exported < spans) {
      throw new Error(`error: expected ${spans} spans to be exported, got ${exported}`);
    }
  }
  return { busy: spread(measured!).median, cpu: spread(measured!, 'cpu').median, spans };
}
