import { table, percent } from './document-parts.js';
import { DOUBTFUL_CASES } from './doubtful-programs.js';
import { measureShared, type MeasuredShared } from './measure-shared.js';
import { SHARED_CASES } from './shared-programs.js';

const RUNS = 3;
/** What counts as right: the first row brings so much of what the best would. */
const MIN_BRINGS = 0.95;
/** An error of so much of all time makes a saving wrong. */
const WRONG = 0.05;

/** Measures the programs of many requests in one process, and writes their section. */
export async function sharedSection(): Promise<string> {
  const measured: MeasuredShared[] = [];
  for (const one of SHARED_CASES) {
    for (let seed = 1; seed <= RUNS; seed += 1) measured.push(await measureShared(one, seed));
  }
  const rows = SHARED_CASES.map((one) => {
    const of = measured.filter((m) => m.case === one);
    const right = of.filter(({ brings }) => brings >= MIN_BRINGS).length;
    return [one.title, one.what, `${right} of ${of.length}`, ...errorCells(errorsOf(of))];
  });
  const doubtful: MeasuredShared[] = [];
  for (const one of DOUBTFUL_CASES) {
    for (let seed = 1; seed <= RUNS; seed += 1) doubtful.push(await measureShared(one, seed));
  }
  const right = measured.filter(({ brings }) => brings >= MIN_BRINGS).length;
  const all = errorsOf(measured);
  return `## Many requests in one process

Requests wait for each other: for a connection, a place, a batch, the thread. hotspan finds such waits in the
spans of all traces, and charges them to the row that ended them. Each of these ${SHARED_CASES.length} programs
runs ${RUNS} times with other durations, and again without the own work of each row. The first row, by default, is
right if making it faster brings at least ${percent(MIN_BRINGS)} of what the best row would.

${table(['Program', 'What its requests share', 'First is right', ...ERRORS], rows)}

The first row is right in ${right} of ${measured.length} runs. All ${all.length} predictions together:

${table(ERRORS, [errorCells(all)])}

### Which savings are marked

A saving is marked with \`~\`, and \`savingDoubt\` in the JSON says why, where calls lose races, where a timer ended
them, or where calls that began at different times end together and nothing that is traced explains it. Of
what the programs above and these ${DOUBTFUL_CASES.length} would save,

${marks([...measured, ...doubtful])}

${table(
  ['Program', 'What runs', 'Marked', 'Largest error of those', 'Largest error of the others'],
  DOUBTFUL_CASES.map((one) => {
    const of = doubtful.filter((m) => m.case === one);
    const largest = (isMarked: boolean) => percent(largestError(of, isMarked));
    return [
      one.title,
      one.what,
      `${one.rows.map((row) => `\`${row}\``).join(', ')}: ${one.doubt}`,
      largest(true),
      largest(false),
    ];
  }),
)}

Not marked, and still wrong by more than ${percent(WRONG)} of all time: ${wrongOnes(measured)}

- A pool or thread that is nearly busy all the time: when a row gets faster, the queue gets shorter for all others
  as well, and the row brings more than it took.
- A race that the same call always wins looks like work that nobody waits for.
- A timeout that ends a call without an error, or without an attempt whose outcome is \`timeout\`, looks like work.`;
}

const ERRORS = ['Median error', '90 % below', 'Largest error'];

function errorsOf(measured: readonly MeasuredShared[]): number[] {
  return measured
    .flatMap(({ rows }) => rows.map(({ predicted, real }) => Math.abs(predicted - real)))
    .sort((a, b) => a - b);
}

function errorCells(errors: readonly number[]): string[] {
  return [0.5, 0.9, 1].map((share) => percent(errors[Math.ceil(share * errors.length) - 1]!));
}

function savingsOf(measured: readonly MeasuredShared[]) {
  return measured.flatMap(({ case: { title }, summary, rows }) =>
    rows.map(({ row, predicted, real }) => {
      const found = summary.bottlenecks.find(({ name }) => name === row);
      const isMarked = found?.savingDoubt !== undefined;
      const error = Math.abs(predicted - real);
      return { title, row, isMarked, error, isWrong: error > WRONG };
    }),
  );
}

function largestError(measured: readonly MeasuredShared[], isMarked: boolean): number {
  const of = savingsOf(measured).filter((each) => each.isMarked === isMarked);
  return Math.max(0, ...of.map(({ error }) => error));
}

function marks(measured: readonly MeasuredShared[]): string {
  const savings = savingsOf(measured);
  const count = (isMarked: boolean, isWrong: boolean) =>
    String(savings.filter((each) => each.isMarked === isMarked && each.isWrong === isWrong).length);
  return table(
    ['', `Wrong by more than ${percent(WRONG)}`, 'Right'],
    [
      ['marked', count(true, true), count(true, false)],
      ['not marked', count(false, true), count(false, false)],
    ],
  );
}

function wrongOnes(measured: readonly MeasuredShared[]): string {
  const wrong = savingsOf(measured).filter(({ isMarked, isWrong }) => isWrong && !isMarked);
  const names = new Set(wrong.map(({ title, row }) => `\`${row}\` (${title})`));
  return names.size === 0 ? 'none.' : `${[...names].join(', ')}. They are of these kinds:`;
}
