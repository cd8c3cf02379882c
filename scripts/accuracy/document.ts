import { format, resolveConfig } from 'prettier';
import { analyzed, figures, savingsOf } from '../../test/support/analyzed.js';
import { jaegerCriticalPath } from '../../test/support/jaeger-critical-path.js';
import { picture } from '../../test/support/picture.js';
import { SHAPES, type Shape } from './jaeger-shapes.js';
import { percent, table } from './document-parts.js';
import { sharedSection } from './shared-section.js';
import { errorOf, measureAll, type Measured } from './measure.js';
import { criticalMicros, TOOL_CASES } from './other-tools.js';
import { CASES } from './programs.js';

const VARIATIONS = 50;
/** The page that this writes. */
export const PAGE = new URL('../../docs/accuracy.md', import.meta.url);

/** Measures everything and returns the text of `docs/accuracy.md`. */
export async function accuracyDocument(): Promise<string> {
  const written = await measureAll(0);
  const varied: Measured[][] = [];
  for (let seed = 1; seed <= VARIATIONS; seed += 1) varied.push(await measureAll(seed));
  const page = [
    INTRODUCTION,
    asWritten(written),
    withOtherDurations(varied),
    REASONS,
    await sharedSection(),
    USE,
    comparison(),
  ];
  const config = await resolveConfig(PAGE);
  return format(page.join('\n\n'), { ...config, parser: 'markdown' });
}

const INTRODUCTION = `# How accurate savings are

The saving of a row is a prediction: how much shorter the traces would be if the row's own work took no
time. \`hotspan what-if\` and \`whatIf\` predict other speed-ups in the same way. This page compares predictions
with what really happens. \`npm run accuracy\` writes it, and a test checks that it is up to date.

## How it is measured

${CASES.length} concurrent programs run on a virtual clock, with a segment around each part.

1. A program runs once. From its spans alone, hotspan predicts the total time with the own work of one
   segment at 0, 0.5 and 0.9 of its time.
2. The program runs again with that change.
3. The error is the difference between prediction and reality, as a share of the total time of the run.

This is repeated for every segment.

A span does not say what it waited for. hotspan infers this from the order of events:

- A child waited for the siblings that ended between the last start before its own and its own start.
- A parent's end waited for all its children. The exceptions are children that outlive it, run in the
  consumer of a queue, or were cancelled the moment a sibling ended.
- The gaps between children are the parent's own work, and stay as they are.

If a program works like this, the prediction is exact. For the other programs, this page shows how far off
it is and why.`;

/** The run with the durations in the code of the programs. */
function asWritten(measured: readonly Measured[]): string {
  const all = (of: readonly Measured[]) =>
    table(
      ['Program', 'Total', ...ERRORS, 'Top saving', 'Helps most'],
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

In ${right} of ${measured.length} programs, the row with the top saving is the segment whose removal
helps most.

In these ${determined.length} programs, the order of events decides everything. Every prediction is exact
to the nanosecond:

${all(determined)}

These ${others.length} programs change what they do when some work gets faster:

${all(others)}

All ${count(measured)} predictions together:

${table(ERRORS, [errorCells(measured)])}`;
}

/** The runs with random durations. */
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

One run of a program says little about the next. Here each program runs ${VARIATIONS} times. Each time, the
work of each segment takes between half and twice as long as written, chosen at random. Steps of different
chains then overtake each other, and a program that was exact before may no longer be.

The last column compares what you really save by removing the row with the top saving to what you would
save by removing the best segment, on average.

${table(['Program', ...ERRORS, 'First is best', 'Saved of the best'], rows)}

In ${right} of ${all.length} runs, the row with the top saving is the best segment. Removing that row
saves ${percent(mean(all.map(brings)))} of what removing the best one saves.

All ${count(all)} predictions together:

${table(ERRORS, [errorCells(all)])}`;
}

const REASONS = `## The programs, and why some predictions are off

${table(
  ['Program', 'What runs', 'Why predictions are off'],
  CASES.map(({ title, what, otherwise }) => [title, what, otherwise ?? '']),
)}`;

const USE = `## What this means for you

- Give every parallel branch a segment of its own. Then hotspan need not guess the order of its work.
- Give work that runs beside a segment its own segment too. Work without a segment is only visible while no
  child runs.
- Around races, timeouts, worker pools and a busy thread, a saving tells you where to look, but not how much
  you can win.`;

function comparison(): string {
  const agreeing = TOOL_CASES.filter(({ otherwise }) => otherwise === undefined).length;
  return `## Compared with Jaeger's critical path

Jaeger's UI draws the critical path of one trace. Like hotspan, it walks back from the end of a span to the
child that ended last. But it recurses from section to section, and at the start of a child it only looks
for siblings that ended strictly before.

The traces below show where Jaeger's path does not tell you what to make faster. Times are in milliseconds.
A test runs both algorithms.

${SHAPES.map(shapeSection).join('\n\n')}

### Traces from the tests of Jaeger and CRISP

These are traces from the tests of Jaeger's critical path and of [CRISP](https://github.com/uber-research/CRISP), with
their times as they are. Those with a number are the numbered ones of CRISP's \`test_cases\`; some differ in
their errors only. hotspan finds the same critical time of each span in ${agreeing} of ${TOOL_CASES.length}.

${table(
  ['Tool', 'Trace', 'It finds', 'hotspan'],
  TOOL_CASES.map((one) => [
    one.tool,
    one.what,
    timesOf(one.finds),
    one.otherwise === undefined ? 'the same' : timesOf(criticalMicros(one)),
  ]),
)}

${[...new Set(TOOL_CASES.flatMap(({ otherwise }) => otherwise ?? []))].join('\n\n')}

### Many children

A request with 20,000 children one after another overflows the stack of a recursive walk, and the trace has
no critical path at all. hotspan walks in a loop. A test runs it on 100,000 children.`;
}

function timesOf(micros: Readonly<Record<string, number>>): string {
  return Object.entries(micros)
    .map(([name, time]) => `\`${name}\` ${time} µs`)
    .join(', ');
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

const ERRORS = ['Exact', 'Median error', '95 % below', 'Largest error'];

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

/** Returns whether the row with the largest saving helps as much as any. */
export function isTopRight({ topBySaving, helpsMost }: Measured): boolean {
  return helpsMost.includes(topBySaving);
}

/** Returns what removing the row with the largest saving really saves, as a share of the best. */
function brings({ totalNanos, topBySaving, predictions }: Measured): number {
  const removed = predictions.filter(({ factor }) => factor === 0);
  const saved = removed.map(({ actualNanos }) => totalNanos - actualNanos);
  const top = removed.findIndex(({ row }) => row === topBySaving);
  return saved[top]! / Math.max(...saved);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function seconds(nanos: number): string {
  return `${(nanos / 1e9).toFixed(2)} s`;
}
