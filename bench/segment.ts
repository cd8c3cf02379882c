/** Measures a segment next to a span made by hand. */
import { table } from './markdown.js';
import { NO_PROVIDER, ranked, sdk, useAsyncContext } from './sdk.js';
import { atMost, type Findings, type Section, type Settings } from './section.js';
import { compareSent } from './segment-sent.js';
import { compare, goal, HEAD, PAIRS, row, side } from './segment-sides.js';
import { bareAsync, bareSync, hotspanAsync, hotspanSync } from './span-work.js';
import { ThrownAway } from './thrown-away.js';

async function run({ isQuick }: Settings): Promise<Findings> {
  useAsyncContext();
  const turns = { rounds: isQuick ? 10 : 100, warmUp: isQuick ? 5 : 20 };
  // These are so short that a round needs more of them.
  const many = { ...turns, iterations: 10 };
  const unrecorded = [
    await compare(
      'no provider, sync',
      side('bare', NO_PROVIDER, bareSync),
      side('hotspan', NO_PROVIDER, hotspanSync),
      many,
    ),
    await compare(
      'no provider, async',
      side('bare', NO_PROVIDER, bareAsync),
      side('hotspan', NO_PROVIDER, hotspanAsync),
      many,
    ),
  ];

  const exporters = [new ThrownAway(), new ThrownAway()] as const;
  const bare = sdk(exporters[0]);
  const complete = ranked(exporters[1]);
  const few = { ...turns, iterations: 2 };
  const thrownAway = [
    await compare(
      'discarding exporter, sync',
      side('bare', bare, bareSync),
      side('hotspan', complete, hotspanSync),
      few,
    ),
    await compare(
      'discarding exporter, async',
      side('bare', bare, bareAsync),
      side('hotspan', complete, hotspanAsync),
      few,
    ),
  ];
  for (const setup of [bare, complete]) await setup.shutdown();
  const made = 2 * (turns.rounds + turns.warmUp) * few.iterations * 2 * PAIRS;
  for (const { exported } of exporters) {
    if (exported !== made) throw new Error(`expected ${made} spans exported, got ${exported}`);
  }

  const { sent, protobuf, tail, bytesPerSpan, text } = await compareSent({
    ...turns,
    rounds: isQuick ? 10 : 60,
  });
  const all = [...unrecorded, ...thrownAway, ...sent, ...protobuf, ...tail];
  return {
    text: `${table(HEAD, all.map(row))}\n\n${text}`,
    goals: [
      goal(
        'a segment (async), ranked, with a discarding exporter, against the bare SDK',
        1.2,
        thrownAway[1]!,
      ),
      goal('the same, sent with OTLP/HTTP to a local receiver', 0.6, sent[1]!),
      goal('the same, against the bare SDK with its protobuf exporter', 0.85, protobuf[0]!),
      goal('ranking all traces and sending 5 %, against the bare SDK sending all', 0.45, tail[1]!),
      atMost('bytes on the wire, per span', 150, bytesPerSpan, (bytes) => bytes.toFixed(0)),
      goal('a segment (async) without a provider, against the bare API', 1.5, unrecorded[1]!),
    ],
  };
}

/** The section. */
export const segmentSection: Section = {
  name: 'segment',
  title: 'A segment',
  about:
    'A pair is an outer span with an inner one, with three attributes each. The bare side ' +
    'makes both by hand with `startActiveSpan`. The event loop gets a turn after every 100 ' +
    'pairs.\n\n' +
    'Without a receiver, hotspan is `segment` with a `BottleneckSpanProcessor` before the same ' +
    'batch processor. The receiver is a process of its own on loopback. With it, hotspan is ' +
    'what `startTracing` sets up, which sends protobuf, and the bare SDK has its defaults, which send JSON. Both pause for 2 ms after ' +
    'every 500 spans, so that neither loses any. The time ends when all spans have been sent. ' +
    'The columns min, median and max show hotspan divided by the bare side in each round.',
  run,
};
