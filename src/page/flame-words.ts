import type { CallPath } from '../summary.js';
import { plural } from '../format.js';
import { inMoney, inPercent, inTime } from './amounts.js';
import type { FlameBox, Measure } from './flame-layout.js';
import { visible } from './visible.js';

export const MEASURES: Readonly<
  Record<
    Measure,
    {
      readonly button: string;
      /** What the first box says. */
      readonly all: string;
      readonly caption: string;
    }
  >
> = {
  critical: {
    button: 'Waited for',
    all: 'all waiting',
    caption:
      'Call paths from the top down, as wide as users waited. Coloured where time is spent, grey where it is passed on; orange is wasted.',
  },
  self: {
    button: 'Self',
    all: 'all self time',
    caption: 'As wide as the own time of all calls, those that ran side by side too.',
  },
  cost: { button: 'Cost', all: 'all cost', caption: 'As wide as what was paid; orange is wasted.' },
  slow: {
    button: 'Slow against typical',
    all: 'a slow trace of each entry point',
    caption:
      'As wide as in a slow trace. Orange where it took longer than a typical one of its entry point, blue where it was faster.',
  },
};

/** What stands in a box. */
export function wordsOf({ path }: FlameBox, measure: Measure): string {
  if (path === undefined) return MEASURES[measure].all;
  const name = visible(path.name);
  if (path.means === undefined) return name;
  return path.means === 'wait' ? `waits for ${name}` : path.means;
}

/** A name without the operation that it begins with. */
export function withoutOperation(name: string): string {
  return name.replace(/^(chat|execute_tool|invoke_agent|embeddings|waits for) (?=.)/, '');
}

/** The figure beside the words: a share, but where there is no whole that it would be a share of. */
export function boxFigure({ total, path }: FlameBox, measure: Measure, whole: number): string {
  if (measure !== 'slow' && path !== undefined) return inPercent(total / whole);
  return measure === 'cost' ? inMoney(total) : inTime(total);
}

/** Words and figure for a box, the best first: the first that fits is drawn. */
export function labelsOf(words: string, figure: string): readonly (readonly [string, string])[] {
  const short = withoutOperation(words);
  return [words, short]
    .flatMap((text) => [[text, figure] as const])
    .concat([
      [words, ''],
      [short, ''],
    ]);
}

const FIGURES = [
  'criticalSeconds',
  'selfSeconds',
  'costUsd',
  'slowSeconds',
  'typicalSeconds',
] as const satisfies (keyof CallPath)[];
export type BoxFigures = Record<(typeof FIGURES)[number], number>;

/** The figures of each box with all in it, whatever its width stands for. */
export function sumFigures(boxes: readonly FlameBox[]): BoxFigures[] {
  const sums = boxes.map(({ path }) =>
    Object.fromEntries(
      FIGURES.map((figure) => {
        const value = path?.[figure] ?? 0;
        return [figure, value > 0 && value < Infinity ? value : 0];
      }),
    ),
  ) as BoxFigures[];
  for (let at = boxes.length - 1; at > 0; at -= 1) {
    const above = sums[boxes[at]!.parent]!;
    for (const figure of FIGURES) above[figure] += sums[at]![figure];
  }
  return sums;
}

/** The line below the picture: `45 s waited for (12 %) · 1.2 min self · 0.31 ¢ · 12 calls`. */
export function boxFacts({ path }: FlameBox, sums: BoxFigures, whole: number): string {
  const { criticalSeconds, slowSeconds, typicalSeconds } = sums;
  const calls = path?.calls ?? 0;
  return [
    `${inTime(criticalSeconds)} waited for${whole > 0 ? ` (${inPercent(criticalSeconds / whole)})` : ''}`,
    sums.selfSeconds > 0 && `${inTime(sums.selfSeconds)} self`,
    sums.costUsd > 0 && inMoney(sums.costUsd),
    calls > 0 && plural(calls, 'call'),
    path !== undefined &&
      slowSeconds + typicalSeconds > 0 &&
      `${inTime(slowSeconds)} in a slow trace, ${inTime(typicalSeconds)} in a typical one`,
  ]
    .filter((part) => part !== false)
    .join(' · ');
}
