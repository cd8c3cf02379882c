import { format, resolveConfig } from 'prettier';
import { savingsOf } from '../../src/trace/what-if.js';
import { analyzed, figures } from '../../test/support/analyzed.js';
import { jaegerCriticalPath } from '../../test/support/jaeger-critical-path.js';
import { picture } from '../../test/support/picture.js';
import { SHAPES, type Shape } from './jaeger-shapes.js';
import { errorOf, measureAll, type Measured } from './measure.js';
import { CASES } from './programs.js';

const VARIATIONS = 50;
/** Where the written page is. */
export const PAGE = new URL('../../docs/accuracy.md', import.meta.url);

/** Measures everything, and writes `docs/accuracy.md` from it. */
export async function accuracyDocument(): Promise<string> {
  const written = await measureAll(0);
  const varied: Measured[][] = [];
  for (let seed = 1; seed <= VARIATIONS; seed += 1) varied.push(await measureAll(seed));
  const page = [
    INTRODUCTION,
    asWritten(written),
    withOtherDurations(varied),
    REASONS,
    USE,
    comparison(),
  ];
  const config = await resolveConfig(PAGE);
  return format(page.join('\n\n'), { ...config, parser: 'markdown' });
}

const INTRODUCTION = `# How right savings are

The saving of a row is a prediction: how much shorter the traces would have been had its own work taken
no time. \`whatIf\` predicts other speed-ups in the same way. This page compares such predictions with
what really happens. It is written by \`npm run accuracy\`, and a test checks that it is up to date.

${CASES.length} concurrent programs run on a virtual clock, with a segment around each part. From the
spans of one run, and nothing else, hotspan predicts how long the run would have taken with the own work of one
segment at 0, 0.5 and 0.9 of its time. Then the program really runs again with that change. That is done
for every segment. The error is the difference between both, as a share of the run's total time.

What a span does not say has to be taken from the order of events:

- A child waited for those of its siblings that ended since the last start before its own.
- A parent's end waited for all its children, but for those that outlive it, run in a queue's consumer, or
  were cancelled the moment a sibling ended.
- The gaps between children are the parent's own work, and are kept.

Where that is how the program works, the prediction is exact. Where it is not, this page says why and
how far off it gets.`;

/** The run whose durations are those in the code of the programs. */
function asWritten(measured: readonly Measured[]): string {
  const all = (of: readonly Measured[]) =>
    table(
      ['Program', 'Total', ...ERRORS, 'First by saving', 'Helps most'],
      of.map((m) => [
        m.case.title,
        seconds(m.totalNanos),
        ...errorCells([m]),
        m.topBySaving,
        m.helpsMost.join(' or '),
      ]),
    );
  const determined = measured.filter(({ case: { otherwise } }) => otherwise === undefined);
  const others = measured.filter(({ case: { otherwise } }) => otherwise !== undefined);
  const right = measured.filter(isTopRight).length;
  return `## The programs as they are written

In ${right} of ${measured.length} programs the first row of the ranking by saving is the segment whose
removal helps most.

The order of events determines these ${determined.length} programs, and every prediction is exact to the
nanosecond:

${all(determined)}

These ${others.length} do other things when some work is faster:

${all(others)}

All together, over ${count(measured)} predictions:

${table(ERRORS, [errorCells(measured)])}`;
}

/** The same with the durations of every segment drawn anew. */
function withOtherDurations(varied: readonly (readonly Measured[])[]): string {
  const all = varied.flat();
  const rows = CASES.map((one) => {
    const of = all.filter((m) => m.case === one);
    const right = of.filter(isTopRight).length;
    return [
      one.title,
      ...errorCells(of),
      `${right} of ${of.length}`,
      percent(mean(of.map(brings))),
    ];
  });
  const right = all.filter(isTopRight).length;
  return `## The same programs with other durations

One run of a program says little about the next. Here each program runs ${VARIATIONS} times, every time
with the work of each segment between half and twice as long as written, drawn at random. So steps of
different chains overtake each other, and programs that were exact need not be. The last column is what removing the
first row by saving really brings, on average, as a share of what removing the best segment brings.

${table(['Program', ...ERRORS, 'First is best', 'Brings of the best'], rows)}

All together, over ${count(all)} predictions, the first row by saving is the best segment in
${right} of ${all.length} runs, and removing it brings ${percent(mean(all.map(brings)))} of what
removing the best one brings:

${table(ERRORS, [errorCells(all)])}`;
}

const REASONS = `## The programs, and why some cannot be exact

${table(
  ['Program', 'What runs', 'Why it is not exact'],
  CASES.map(({ title, what, otherwise }) => [title, what, otherwise ?? '']),
)}`;

const USE = `## What to take from it

- Give every branch that runs beside others a segment of its own. Then nothing has to be guessed of what
  it did in which order.
- Give work that runs beside a segment a segment as well. What has none is seen only where no child runs.
- Around races, timeouts, pools and a busy thread a saving says where to look, not how much there is to
  win.`;

function comparison(): string {
  return `## Compared with Jaeger's critical path

Jaeger's UI draws the critical path of one trace. It walks as hotspan does, from the end of a span to the child
that ended last, but it recurses from section to section, and at the start of a child it looks for
siblings that ended strictly before. Below is what both say, in milliseconds, of traces on which that
does not tell what to make faster. A test runs both.

${SHAPES.map(shapeSection).join('\n\n')}

### Many children

A request with 20,000 children one after the other overflows the stack of a walk that recurses, and the
trace has no critical path at all. hotspan's walk is a loop; a test runs it on 100,000.`;
}

function shapeSection({ title, why, picture: text }: Shape): string {
  const spans = picture(text);
  const jaeger = jaegerCriticalPath(spans);
  const own = figures(spans);
  const { nanos } = savingsOf(analyzed(spans), { keyOf: ({ name }) => name });
  const rows = spans.map(({ id }) => [
    `\`${id}\``,
    String(jaeger[id]),
    String(own[id]?.critical),
    String((nanos.get(id) ?? 0) / 1e6),
  ]);
  return `### ${title}

\`\`\`text
${text.trim()}
\`\`\`

${table(['Span', 'Critical, Jaeger', 'Critical, hotspan', 'Saving, hotspan'], rows)}

${why}`;
}

const ERRORS = ['Exact', 'Median error', '95 % below', 'Largest'];

function errorCells(measured: readonly Measured[]): string[] {
  const errors = measured
    .flatMap((m) => m.predictions.map((prediction) => errorOf(prediction, m.totalNanos)))
    .sort((a, b) => a - b);
  const at = (share: number) => errors[Math.ceil(share * errors.length) - 1]!;
  const exact = errors.filter((error) => error === 0).length / errors.length;
  return [exact, at(0.5), at(0.95), at(1)].map(percent);
}

function count(measured: readonly Measured[]): string {
  const predictions = measured.reduce((sum, m) => sum + m.predictions.length, 0);
  return predictions.toLocaleString('en-US');
}

/** Whether no segment helps more than the first row by saving. */
export function isTopRight({ topBySaving, helpsMost }: Measured): boolean {
  return helpsMost.includes(topBySaving);
}

/** What removing the first row by saving really saves, as a share of what the best saves. */
function brings({ totalNanos, topBySaving, predictions }: Measured): number {
  const removed = predictions.filter(({ factor }) => factor === 0);
  const saved = removed.map(({ actualNanos }) => totalNanos - actualNanos);
  const top = removed.findIndex(({ row }) => row === topBySaving);
  return saved[top]! / Math.max(...saved);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function percent(share: number): string {
  const text = (100 * share).toFixed(1);
  return `${text.endsWith('.0') ? text.slice(0, -2) : text} %`;
}

function seconds(nanos: number): string {
  return `${(nanos / 1e9).toFixed(2)} s`;
}
