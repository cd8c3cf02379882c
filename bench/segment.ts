/** What a segment costs, next to a span by hand. */
import { takeTurns, ratio, spread, type Measured, type Side, type Turns } from './compare.js';
import { cells, micros, table, times } from './markdown.js';
import { startReceiver } from './receiver.js';
import {
  NO_PROVIDER,
  ranked,
  sdk,
  sdkWithOtlp,
  started,
  use,
  useAsyncContext,
  type Setup,
} from './sdk.js';
import { atMost, type Findings, type Section, type Settings } from './section.js';
import { bareAsync, bareSync, hotspanAsync, hotspanSync, PACE, type Pace } from './span-work.js';
import { ThrownAway } from './thrown-away.js';

const PAIRS = 2_000;
const TAIL = { sampling: { tail: { errors: true, slowest: 0, oneIn: 20 } } } as const;

type Work = (pairs: number, pace?: Pace) => Promise<void>;

/** A side that makes pairs of spans; with a pace, until the receiver has them. */
function side(name: string, setup: Setup, work: Work, pace?: Pace): Side {
  return {
    name,
    prepare: () => use(setup),
    run: async () => {
      await work(PAIRS, pace);
      if (pace !== undefined) await setup.flush();
    },
  };
}

interface Comparison {
  readonly what: string;
  readonly bare: Measured;
  readonly hotspan: Measured;
}

function row({ what, bare, hotspan }: Comparison): string[] {
  return [
    what,
    micros(spread(bare).median),
    micros(spread(hotspan).median),
    ...cells(ratio(hotspan, bare), times),
    times(ratio(hotspan, bare, 'cpu').median),
  ];
}

async function compare(what: string, sides: [Side, Side], turns: Turns): Promise<Comparison> {
  const [bare, hotspan] = await takeTurns(sides, turns);
  return { what, bare: bare!, hotspan: hotspan! };
}

async function run({ isQuick }: Settings): Promise<Findings> {
  useAsyncContext();
  const turns: Turns = {
    rounds: isQuick ? 10 : 100,
    warmUp: isQuick ? 5 : 20,
    iterations: 2,
    units: 2 * PAIRS,
  };
  const bareExporter = new ThrownAway();
  const rankedExporter = new ThrownAway();
  const bare = sdk(bareExporter);
  const complete = ranked(rankedExporter);
  const local = [
    await compare(
      'no provider, sync',
      [side('bare', NO_PROVIDER, bareSync), side('hotspan', NO_PROVIDER, hotspanSync)],
      turns,
    ),
    await compare(
      'no provider, async',
      [side('bare', NO_PROVIDER, bareAsync), side('hotspan', NO_PROVIDER, hotspanAsync)],
      turns,
    ),
    await compare(
      'exporter thrown away, sync',
      [side('bare', bare, bareSync), side('hotspan', complete, hotspanSync)],
      turns,
    ),
    await compare(
      'exporter thrown away, async',
      [side('bare', bare, bareAsync), side('hotspan', complete, hotspanAsync)],
      turns,
    ),
  ];
  await Promise.all([bare.flush(), complete.flush()]);
  const made = 2 * turns.units * 2 * (turns.rounds + turns.warmUp);
  for (const { exported } of [bareExporter, rankedExporter]) {
    if (exported !== made)
      throw new Error(`expected ${made} spans to be exported, got ${exported}`);
  }
  await Promise.all([bare.shutdown(), complete.shutdown()]);

  const { sent, text } = await withReceiver({ ...turns, rounds: isQuick ? 10 : 60, iterations: 1 });
  const head = ['', 'bare', 'hotspan', 'min', 'median', 'max', 'processor time'];
  const [, noProvider, , thrownAway] = local;
  const [, otlp, , tail] = sent;
  const goal = (what: string, limit: number, { bare, hotspan }: Comparison) =>
    atMost(what, limit, ratio(hotspan, bare).median, times);
  return {
    text: `${table(head, [...local, ...sent].map(row))}\n\n${text}`,
    goals: [
      goal(
        'segment, hotspan complete, against the bare SDK, exporter thrown away',
        1.25,
        thrownAway!,
      ),
      goal('the same with OTLP/HTTP to a local receiver', 1.1, otlp!),
      goal(
        'everything ranked, 5 % exported, against the bare SDK exporting everything',
        0.5,
        tail!,
      ),
      goal('segment with no provider, against the bare API', 1.5, noProvider!),
    ],
  };
}

/** The same with what sending costs. */
async function withReceiver(turns: Turns): Promise<{ sent: Comparison[]; text: string }> {
  // One each, so that it is known whose spans arrived.
  const forBare = await startReceiver();
  const forHotspan = await startReceiver();
  const forTail = await startReceiver();
  const bare = sdkWithOtlp(forBare.endpoint);
  const hotspan = started(forHotspan.endpoint);
  const tail = started(forTail.endpoint, TAIL);
  const bareSides = {
    sync: side('bare', bare, bareSync, PACE),
    async: side('bare', bare, bareAsync, PACE),
  };
  const sides = (setup: Setup): Record<'sync' | 'async', Side> => ({
    sync: side('hotspan', setup, hotspanSync, PACE),
    async: side('hotspan', setup, hotspanAsync, PACE),
  });
  const all = sides(hotspan);
  const some = sides(tail);
  const sent = [
    await compare('OTLP/HTTP, sync', [bareSides.sync, all.sync], turns),
    await compare('OTLP/HTTP, async', [bareSides.async, all.async], turns),
    await compare('all ranked, 5 % sent, sync', [bareSides.sync, some.sync], turns),
    await compare('all ranked, 5 % sent, async', [bareSides.async, some.async], turns),
  ];
  const made = 2 * turns.units * (turns.rounds + turns.warmUp);
  const got = await forHotspan.received();
  const lost = 2 * made - (await forBare.received()).spans;
  const { sampled, spans } = tail.tracing.summary();
  for (const setup of [bare, hotspan, tail]) await setup.shutdown();
  for (const receiver of [forBare, forHotspan, forTail]) receiver.close();
  if (got.spans !== made)
    throw new Error(`expected ${made} spans at the receiver, got ${got.spans}`);
  if (spans.analyzed !== made) throw new Error(`expected ${made} ranked, got ${spans.analyzed}`);
  const share = (100 * sampled!.exported) / sampled!.traces;
  const text = `Of ${2 * made} spans that the bare SDK was to send ${lost} were lost; of hotspan's ${made} none. Where a part was sent, that were ${share.toFixed(1)} % of the traces, and all were ranked.`;
  return { sent, text };
}

/** The section. */
export const segmentSection: Section = { name: 'segment', title: 'A segment', run };
