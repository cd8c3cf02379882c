/**
 * Measures the time (without loading the modules) and the peak memory of `readSummary` on a million spans,
 * next to a program that only parses the same lines with `JSON.parse`; then of `readSummary` alone on as
 * many spans in one document. Each runs in its own process, in turns.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cells, table, times } from './markdown.js';
import { atMost, type Findings, type Section, type Settings } from './section.js';
import { median, ratiosOf, spreadOf, type Spread } from './statistics.js';
import { LAYOUTS, SPANS_PER_TRACE, writeTraces } from './trace-file.js';

/** A smaller difference between peaks is chance, because the garbage collector decides when it runs. */
const SAME_MEGABYTES = 15;

/** The code that loads a program's modules, and the code that reads the file. */
interface Program {
  readonly load: string;
  readonly read: string;
}

const PARSE_ONLY: Program = {
  load: `import { createReadStream } from 'node:fs';
    import { createInterface } from 'node:readline';`,
  read: `const input = createReadStream(process.env.TRACES);
    let spans = 0;
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      for (const { scopeSpans } of JSON.parse(line).resourceSpans) spans += scopeSpans[0].spans.length;
    }`,
};

const MODULE = import.meta.resolve('hotspan/report');
const READ_SUMMARY: Program = {
  load: `import { readSummary } from ${JSON.stringify(MODULE)};`,
  read: 'const { spans: { analyzed: spans } } = await readSummary(process.env.TRACES);',
};

const ABOUT_LAYOUTS =
  'The same spans in one document, against a trace on each line. Spans that come before the name of ' +
  'their service wait, packed.';

interface Cost {
  readonly seconds: number;
  readonly megabytes: number;
}

/** Runs a program on the file and checks how many spans it saw. */
function run({ load, read }: Program, file: string, spans: number): Cost {
  const script = `${load}
    const start = performance.now();
    ${read}
    const seconds = (performance.now() - start) / 1000;
    console.log(JSON.stringify({ spans, seconds, megabytes: process.resourceUsage().maxRSS / 1024 }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { TRACES: file },
  });
  if (stdout === '') throw new Error(stderr);
  const cost = JSON.parse(stdout) as Cost & { spans: number };
  if (cost.spans !== spans) throw new Error(`expected ${spans} spans, got ${cost.spans}`);
  return cost;
}

interface Compared {
  readonly megabytesOfFile: number;
  readonly parse: readonly Cost[];
  readonly read: readonly Cost[];
}

/** Runs both programs on a file of `spans` spans, in turns. */
async function compare(spans: number, rounds: number): Promise<Compared> {
  const folder = mkdtempSync(join(tmpdir(), 'hotspan-bench-'));
  try {
    const file = join(folder, 'traces.jsonl');
    await writeTraces(file, spans);
    const parse: Cost[] = [];
    const read: Cost[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const order = [[PARSE_ONLY, parse] as const, [READ_SUMMARY, read] as const];
      for (const [program, costs] of round % 2 === 0 ? order : order.reverse()) {
        costs.push(run(program, file, spans));
      }
    }
    return { megabytesOfFile: statSync(file).size / 1e6, parse, read };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs `readSummary` on the same spans in each layout, in turns. */
async function compareLayouts(spans: number, rounds: number) {
  const folder = mkdtempSync(join(tmpdir(), 'hotspan-bench-'));
  try {
    const names = Object.keys(LAYOUTS) as (keyof typeof LAYOUTS)[];
    const sides = names.map((name, index) => ({
      name,
      file: join(folder, String(index)),
      costs: [] as Cost[],
    }));
    for (const { name, file } of sides) await writeTraces(file, spans, name);
    for (let round = 0; round < rounds; round += 1) {
      for (const { file, costs } of round % 2 === 0 ? sides : sides.toReversed()) {
        costs.push(run(READ_SUMMARY, file, spans));
      }
    }
    const lines = seconds(sides[0]!.costs);
    return sides.map(({ name, file, costs }) => ({
      name,
      megabytesOfFile: statSync(file).size / 1e6,
      costs,
      ratio: spreadOf(ratiosOf(seconds(costs), lines)),
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const seconds = (costs: readonly Cost[]) => costs.map((cost) => cost.seconds);
const peaks = (costs: readonly Cost[]) => costs.map((cost) => cost.megabytes);
const ratio = ({ parse, read }: Compared): Spread =>
  spreadOf(ratiosOf(seconds(read), seconds(parse)));
const megabytes = (value: number) => `${value.toFixed(0)} MB`;

async function measure({ isQuick }: Settings): Promise<Findings> {
  const counts = isQuick ? [25_000, 100_000] : [250_000, 1_000_000];
  const found: Compared[] = [];
  for (const spans of counts) found.push(await compare(spans, isQuick ? 2 : 5));
  const rows = found.map((one, index) => [
    `${counts[index]!.toLocaleString('en')}, ${SPANS_PER_TRACE} a trace (${megabytes(one.megabytesOfFile)})`,
    `${median(seconds(one.parse)).toFixed(2)} s`,
    `${median(seconds(one.read)).toFixed(2)} s`,
    ...cells(ratio(one), times),
    megabytes(median(peaks(one.parse))),
    megabytes(median(peaks(one.read))),
  ]);
  const head = ['spans', 'parse', 'read', 'min', 'median', 'max', 'peak, parse', 'peak, read'];
  const [small, large] = found;
  const peak = median(peaks(large!.read));
  const growth = peak - median(peaks(small!.read));
  const most = counts[1]!.toLocaleString('en');
  const layouts = await compareLayouts(counts[1]!, isQuick ? 2 : 5);
  const layoutRows = layouts.map(({ name, megabytesOfFile, costs, ratio: spread }) => [
    `${name} (${megabytes(megabytesOfFile)})`,
    `${median(seconds(costs)).toFixed(2)} s`,
    ...cells(spread, times),
    megabytes(median(peaks(costs))),
  ]);
  const layoutHead = [`${most} spans as`, 'read', 'min', 'median', 'max', 'peak'];
  return {
    text: `${table(head, rows)}\n\n${ABOUT_LAYOUTS}\n\n${table(layoutHead, layoutRows)}`,
    goals: [
      atMost(
        `time to report on ${most} spans, against only parsing them`,
        1.5,
        ratio(large!).median,
        times,
      ),
      atMost('its peak memory', 150, peak, megabytes),
      atMost(
        `the same spans in one document, against lines: the slowest`,
        2,
        Math.max(...layouts.map((layout) => layout.ratio.median)),
        times,
      ),
      {
        what: 'its peak memory, above that for a quarter of the file',
        goal: `none (≤ ${SAME_MEGABYTES} MB)`,
        measured: megabytes(growth),
        isMet: growth <= SAME_MEGABYTES,
      },
    ],
  };
}

/** The section. */
export const readingSection: Section = {
  name: 'reading',
  title: 'Reading',
  about:
    '`hotspan report` runs `readSummary`. Here it is compared with a program that only parses ' +
    'the same lines with `JSON.parse`. The time does not include loading the modules. The peak ' +
    'is the largest resident set.',
  run: measure,
};
