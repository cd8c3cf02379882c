/** Measures a segment when spans are sent to a receiver, including the sending. */
import type { Turns } from './compare.js';
import { startReceiver } from './receiver.js';
import { sdkWithOtlp, started, type Setup } from './sdk.js';
import { compare, PAIRS, side, type Comparison, type Work } from './segment-sides.js';
import { bareAsync, bareSync, hotspanAsync, hotspanSync, PACE } from './span-work.js';

const TAIL = { sampling: { tail: { errors: true, slowest: 0, oneIn: 20 } } } as const;

/** The comparisons, each sync and async. */
export interface Sent {
  /** Both sides send all spans. */
  readonly sent: readonly Comparison[];
  /** hotspan ranks all traces and sends one in 20. */
  readonly tail: readonly Comparison[];
  /** A sentence on what arrived. */
  readonly text: string;
}

/**
 * Compares both sides with receivers.
 *
 * @throws Error if a span of hotspan's did not arrive or was not ranked
 */
export async function compareSent(turns: Omit<Turns, 'units'>): Promise<Sent> {
  // Each side has its own receiver, to tell whose spans arrived.
  const receivers = [await startReceiver(), await startReceiver(), await startReceiver()] as const;
  const [forBare, forAll, forTail] = receivers;
  const bare = sdkWithOtlp(forBare.endpoint);
  const all = started(forAll.endpoint);
  const some = started(forTail.endpoint, TAIL);
  const one = (what: string, setup: Setup, byHand: Work, own: Work) =>
    compare(what, side('bare', bare, byHand, PACE), side('hotspan', setup, own, PACE), turns);
  const sent = [
    await one('OTLP/HTTP, sync', all, bareSync, hotspanSync),
    await one('OTLP/HTTP, async', all, bareAsync, hotspanAsync),
  ];
  const tail = [
    await one('ranking all, sending 5 %, sync', some, bareSync, hotspanSync),
    await one('ranking all, sending 5 %, async', some, bareAsync, hotspanAsync),
  ];

  const made = 2 * (turns.rounds + turns.warmUp) * 2 * PAIRS;
  const { spans: arrived } = await forAll.received();
  const lost = 2 * made - (await forBare.received()).spans;
  const { sampled, spans } = some.tracing.summary();
  for (const setup of [bare, all, some]) await setup.shutdown();
  for (const receiver of receivers) receiver.close();
  if (arrived !== made) throw new Error(`expected ${made} spans at the receiver, got ${arrived}`);
  if (spans.analyzed !== made) throw new Error(`expected ${made} ranked, got ${spans.analyzed}`);
  const number = (value: number) => value.toLocaleString('en');
  const share = (100 * sampled!.exported) / sampled!.traces;
  const text =
    `The bare SDK lost ${number(lost)} of ${number(2 * made)} spans, hotspan none of ${number(made)}. ` +
    `Where hotspan sent a part, it sent ${share.toFixed(1)} % of the traces and ranked all of them.`;
  return { sent, tail, text };
}
