import { formatAmount, formatChange } from '../format.js';
import type { PageDiff } from '../page-data.js';
import { inTime } from './amounts.js';
import type { BoxFigures, FlamePath, Measure } from './flame-layout.js';

/** `1.2 s before, 0.9 s after (-25.0 %) · 3 calls before, 2 after` */
function facts({ beforeSeconds, afterSeconds }: BoxFigures, _: BoxFigures, path?: FlamePath) {
  const { beforeCalls = 0, afterCalls = 0, isNoise } = path ?? {};
  const change = beforeSeconds > 0 ? formatChange(afterSeconds / beforeSeconds) : undefined;
  const inWords = change === undefined ? '' : ` (${change})`;
  return [
    `${inTime(beforeSeconds)} before, ${inTime(afterSeconds)} after${inWords}`,
    beforeCalls + afterCalls > 0 &&
      `${formatAmount(beforeCalls)} ${beforeCalls === 1 ? 'call' : 'calls'} before, ${formatAmount(afterCalls)} after`,
    isNoise === true && 'its own time changed by no more than noise',
  ];
}

/** `+410 ms`, `−1.2 s`; nothing where it is the same to two digits. */
function inTimeChange({ beforeSeconds, afterSeconds }: BoxFigures): string {
  if (inTime(beforeSeconds) === inTime(afterSeconds)) return '';
  const size = inTime(Math.abs(afterSeconds - beforeSeconds));
  return `${afterSeconds > beforeSeconds ? '+' : '−'}${size}`;
}

function measureOf(side: 'before' | 'after'): Measure {
  const width = `${side}Seconds` as const;
  return {
    width,
    change: ['beforeSeconds', 'afterSeconds'],
    button: side === 'before' ? 'Before' : 'After',
    all: `a request ${side}`,
    caption: `As wide as ${side}. Of one request on average: orange takes more time after than before, blue less. Pale is what may be noise.`,
    figure: (sums, whole) => (sums === whole ? inTime(sums[width]) : inTimeChange(sums)),
    facts,
  };
}

const BEFORE = measureOf('before');
const AFTER = measureOf('after');

/** What a diff's call paths are drawn by. On the side that took more time comes first: there is what is gone, or new. */
export function diffMeasures(paths: PageDiff['paths']): readonly Measure[] {
  const moved = paths.reduce((sum, path) => sum + path.afterSeconds - path.beforeSeconds, 0);
  return moved > 0 ? [AFTER, BEFORE] : [BEFORE, AFTER];
}
