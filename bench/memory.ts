/** Measures the memory of the ranking next to the bare SDK. Each figure comes from its own processes. */
import { runChild } from './child.js';
import { cells, megabytes, table } from './markdown.js';
import type { Memory } from './memory-process.js';
import { atMost, type Findings, type Section, type Settings } from './section.js';
import { median, spreadOf, type Spread } from './statistics.js';

/** Growth below this counts as none, because compiled code comes and goes. */
const GROWTH_BYTES = 2 ** 20;

/** As many as may wait by default. */
const WAITING = 65_536;

/** Runs a program and returns the memory that it read at each moment. */
function moments(scenario: string, side: string, spans: number): Promise<Memory[]> {
  return runChild<Memory[]>('memory-process', [scenario, side, String(spans)], ['--expose-gc']);
}

/** Returns the median of the last three moments minus that of the first three, after the warm-up. */
function growth(all: readonly Memory[], figure: keyof Memory): number {
  // The first moment is before all spans, the next two are after 10 and 20 % of them.
  const warm = all.slice(3).map((memory) => memory[figure]);
  return median(warm.slice(-3)) - median(warm.slice(0, 3));
}

interface Difference {
  readonly heap: Spread;
  readonly resident: Spread;
}

/** Returns how much more hotspan takes than the bare SDK, at each moment after the first. */
async function above(scenario: string, spans: number, rounds: number): Promise<Difference[]> {
  const bare: Memory[][] = [];
  const hotspan: Memory[][] = [];
  for (let round = 0; round < rounds; round += 1) {
    bare.push(await moments(scenario, 'bare', spans));
    hotspan.push(await moments(scenario, 'hotspan', spans));
  }
  const difference = (figure: keyof Memory, moment: number) =>
    spreadOf(hotspan.map((all, round) => all[moment]![figure] - bare[round]![moment]![figure]));
  return Array.from({ length: bare[0]!.length - 1 }, (_, at) => ({
    heap: difference('heap', at + 1),
    resident: difference('resident', at + 1),
  }));
}

async function run({ isQuick }: Settings): Promise<Findings> {
  const spans = isQuick ? 1_000_000 : 10_000_000;
  const bare = await moments('growth', 'bare', spans);
  const hotspan = await moments('growth', 'hotspan', spans);
  const residents = (all: readonly Memory[]) =>
    median(all.slice(3).map(({ resident }) => resident));
  const more = residents(hotspan) - residents(bare);
  const grown = growth(hotspan, 'heap');
  const growthTable = table(
    [`${spans.toLocaleString('en')} spans`, 'heap grew by', 'resident set grew by', 'resident set'],
    [['bare', bare] as const, ['hotspan', hotspan] as const].map(([name, all]) => [
      name,
      megabytes(growth(all, 'heap')),
      megabytes(growth(all, 'resident')),
      megabytes(residents(all)),
    ]),
  );

  const rounds = isQuick ? 1 : 5;
  const [open, ended] = await above('open', 100_000, rounds);
  const [large, largeEnded] = await above('large', 1_000_000, rounds);
  const [names] = await above('names', 100_000, rounds);
  const waiting = await moments('waiting', 'hotspan', WAITING);
  const held = waiting[2]!.heap - waiting[1]!.heap;
  const cases = [
    ['10,000 traces open, 10 spans each', open!],
    ['the same, after all have ended', ended!],
    ['a trace of 1,000,000 spans, before its end', large!],
    ['the same, after it has ended', largeEnded!],
    ['100,000 different names', names!],
  ] as const;
  const head = ['above the bare SDK', 'heap, min', 'median', 'max', 'resident set'];
  const rows = cases.map(([what, { heap, resident }]) => [
    what,
    ...cells(heap, megabytes),
    megabytes(resident.median),
  ]);
  return {
    text:
      `${growthTable}\n\n${table(head, rows)}\n\n` +
      `${WAITING.toLocaleString('en')} spans that wait for an absent receiver take ${megabytes(held)}.`,
    goals: [
      {
        what: `memory: growth of the heap over ${spans.toLocaleString('en')} spans, after the first 30 %`,
        goal: `none (< ${megabytes(GROWTH_BYTES)})`,
        measured: megabytes(grown),
        isMet: grown < GROWTH_BYTES,
      },
      atMost('memory: spans that wait for their receiver', 16e6, held, megabytes),
      atMost('memory: resident set above that of the bare SDK', 32 * 2 ** 20, more, megabytes),
    ],
  };
}

/** The section. */
export const memorySection: Section = {
  name: 'memory',
  title: 'Memory',
  about:
    'Each side runs in its own process. Memory is read after a garbage collection. Growth is ' +
    'the median of the last three readings minus the median of the readings at 30, 40 and 50 % ' +
    'of the spans. The exporter discards the spans. By default, hotspan keeps 10,000 traces, ' +
    '100,000 spans of one trace and 1,000 rows.',
  run,
};
