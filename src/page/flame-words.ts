import { plural } from '../format.js';
import { inMoney, inPercent, inTime } from './amounts.js';
import {
  amount,
  PATH_FIGURES,
  type BoxFigures,
  type FlameBox,
  type FlamePath,
  type Measure,
} from './flame-layout.js';
import { visible } from './visible.js';

/** `45 s waited for (12 %) · 1.2 min self · 0.31 ¢ · 12 calls` */
function facts(sums: BoxFigures, whole: BoxFigures, path?: FlamePath) {
  const { criticalSeconds, slowSeconds, typicalSeconds } = sums;
  const [calls, all] = [path?.calls ?? 0, whole.criticalSeconds];
  return [
    `${inTime(criticalSeconds)} waited for${all > 0 ? ` (${inPercent(criticalSeconds / all)})` : ''}`,
    sums.selfSeconds > 0 && `${inTime(sums.selfSeconds)} self`,
    sums.costUsd > 0 && inMoney(sums.costUsd),
    calls > 0 && plural(calls, 'call'),
    path !== undefined &&
      slowSeconds + typicalSeconds > 0 &&
      `${inTime(slowSeconds)} in a slow trace, ${inTime(typicalSeconds)} in a typical one`,
  ];
}

/** The share of the whole in a box; that is in the first one. */
function shareOf(width: Measure['width'], inWords: (whole: number) => string): Measure['figure'] {
  return (sums, whole) =>
    sums === whole ? inWords(whole[width]) : inPercent(sums[width] / whole[width]);
}

/** What a summary's call paths are drawn by. `slow` is a trace of the slowest of each entry point. */
export const MEASURES = {
  critical: {
    width: 'criticalSeconds',
    button: 'Waited for',
    all: 'all waiting',
    caption:
      'Call paths from the top down, as wide as users waited. Coloured where time is spent, grey where it is passed on; orange is wasted.',
    figure: shareOf('criticalSeconds', inTime),
    facts,
  },
  self: {
    width: 'selfSeconds',
    button: 'Self',
    all: 'all self time',
    caption: 'As wide as the own time of all calls, those that ran side by side too.',
    figure: shareOf('selfSeconds', inTime),
    facts,
  },
  cost: {
    width: 'costUsd',
    button: 'Cost',
    all: 'all cost',
    caption: 'As wide as what was paid; orange is wasted.',
    figure: shareOf('costUsd', inMoney),
    facts,
  },
  slow: {
    width: 'slowSeconds',
    change: ['typicalSeconds', 'slowSeconds'],
    button: 'Slow against typical',
    all: 'a slow trace of each entry point',
    caption:
      'As wide as in a slow trace. Orange where it took longer than a typical one of its entry point, blue where it was faster.',
    figure: ({ slowSeconds }) => inTime(slowSeconds),
    facts,
  },
} as const satisfies Record<string, Measure>;

/** What stands in a box. */
export function wordsOf({ path }: FlameBox, { all }: Measure): string {
  if (path === undefined) return all;
  const name = visible(path.name);
  if (path.means === undefined) return name;
  return path.means === 'wait' ? `waits for ${name}` : path.means;
}

/** A name without the operation that it begins with. */
export function withoutOperation(name: string): string {
  return name.replace(/^(chat|execute_tool|invoke_agent|embeddings|waits for) (?=.)/, '');
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

/** The figures of each box with all in it, whatever its width stands for. */
export function sumFigures(boxes: readonly FlameBox[]): BoxFigures[] {
  const sums = boxes.map(
    ({ path }) =>
      Object.fromEntries(PATH_FIGURES.map((figure) => [figure, amount(path?.[figure])])) as {
        -readonly [Figure in keyof BoxFigures]: number;
      },
  );
  for (let at = boxes.length - 1; at > 0; at -= 1) {
    const above = sums[boxes[at]!.parent]!;
    for (const figure of PATH_FIGURES) above[figure] += sums[at]![figure];
  }
  return sums;
}
