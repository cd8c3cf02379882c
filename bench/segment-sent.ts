/** Measures a segment when spans are sent to a receiver, including the sending. */
import type { Turns } from './compare.js';
import { startReceiver } from './receiver.js';
import { sdkWithOtlp, sdkWithProtobuf, started, type Setup } from './sdk.js';
import { compare, PAIRS, side, type Comparison, type Work } from './segment-sides.js';
import { bareAsync, bareSync, hotspanAsync, hotspanSync, PACE } from './span-work.js';

const TAIL = { sampling: { tail: { errors: true, slowest: 0, oneIn: 20 } } } as const;

/** The comparisons, each sync and async. */
export interface Sent {
  /** Both sides send all spans. */
  readonly sent: readonly Comparison[];
  /** The same, and the bare SDK sends protobuf, too. */
  readonly protobuf: readonly Comparison[];
  /** hotspan ranks all traces and sends one in 20. */
  readonly tail: readonly Comparison[];
  readonly bytesPerSpan: number;
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
  const receivers = await Promise.all(Array.from({ length: 4 }, startReceiver));
  const [forJson, forProtobuf, forAll, forTail] = receivers.map(({ endpoint }) => endpoint);
  const json = sdkWithOtlp(forJson!);
  const proto = sdkWithProtobuf(forProtobuf!);
  const all = started(forAll!);
  const some = started(forTail!, TAIL);
  const one = (what: string, bare: Setup, byHand: Work, setup: Setup, own: Work) =>
    compare(what, side('bare', bare, byHand, PACE), side('hotspan', setup, own, PACE), turns);
  const sent = [
    await one('OTLP/HTTP, sync', json, bareSync, all, hotspanSync),
    await one('OTLP/HTTP, async', json, bareAsync, all, hotspanAsync),
  ];
  const protobuf = [await one('both in protobuf, async', proto, bareAsync, all, hotspanAsync)];
  const tail = [
    await one('ranking all, sending 5 %, sync', json, bareSync, some, hotspanSync),
    await one('ranking all, sending 5 %, async', json, bareAsync, some, hotspanAsync),
  ];

  const perComparison = (turns.rounds + turns.warmUp) * 2 * PAIRS;
  const [ofJson, ofProtobuf, ofAll] = await Promise.all(receivers.map((each) => each.received()));
  const { sampled, spans } = some.tracing.summary();
  for (const setup of [json, proto, all, some]) await setup.shutdown();
  for (const receiver of receivers) receiver.close();
  const made = 3 * perComparison;
  if (ofAll!.spans !== made) throw new Error(`expected ${made} spans, got ${ofAll!.spans}`);
  if (spans.analyzed !== 2 * perComparison) throw new Error(`ranked ${spans.analyzed} spans`);
  const lost = 5 * perComparison - ofJson!.spans - ofProtobuf!.spans;
  const number = (value: number) => value.toLocaleString('en');
  const share = (100 * sampled!.exported) / sampled!.traces;
  const text =
    `The bare SDK lost ${number(lost)} of ${number(5 * perComparison)} spans, hotspan none of ${number(made)}. ` +
    `Where hotspan sent a part, it sent ${share.toFixed(1)} % of the traces and ranked all of them.`;
  return { sent, protobuf, tail, bytesPerSpan: ofAll!.bytes / ofAll!.spans, text };
}
