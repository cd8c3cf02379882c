import { backoffsOf, drawnWaits, type Piece } from './critical-pieces.js';
import { inTime } from './amounts.js';
import { withoutOperation } from './flame-words.js';
import { isFailed, type PlacedSpan } from './span-tree.js';
import { fitted, textWidth } from './text-width.js';
import { Bar, LOOKS } from './waterfall-bar.js';
import type { Frame } from './waterfall-frame.js';
import type { WaterfallRow } from './waterfall-layout.js';
import { rowTitle, secondsOf } from './waterfall-words.js';

interface RowProps {
  readonly row: WaterfallRow;
  readonly at: number;
  readonly frame: Frame;
}

const INDENT = 13;
const MOST_INDENTS = 10;
const SIZE = 12;

/** The name of a row, and how long it took. */
export function RowLabel({ row, at, frame, isCritical }: RowProps & { isCritical: boolean }) {
  const { gutter, isNarrow, width, rowHeight } = frame;
  const x = Math.min(row.depth, MOST_INDENTS) * (isNarrow ? 8 : INDENT);
  const y = isNarrow ? frame.middle(at) - rowHeight / 2 + 4 : frame.middle(at) + 4;
  const seconds = inTime(secondsOf(row.spans));
  const end = isNarrow ? width : gutter - 18;
  const room = end - textWidth(seconds, SIZE, 'sans') - 12 - x;
  const name = rowTitle(row);
  const short = textWidth(name, SIZE, 'mono') > room ? withoutOperation(name) : name;
  const quiet = isCritical ? '' : 'quiet';
  return (
    <>
      <text {...{ x, y }} class={`code halo ${quiet}`}>
        {fitted(short, room, SIZE)}
      </text>
      <text {...{ x: end, y }} class={`halo ${quiet}`} text-anchor="end">
        {row.isMany ? '' : seconds}
      </text>
    </>
  );
}

/** What ran, whether somebody waited for it or not: parents are brackets, work is bars. */
export function RowBars({ row, at, frame }: RowProps) {
  const middle = frame.middle(at);
  const seen = row.spans.filter(({ from, to }) => frame.isSeen(from, to));
  return (
    <>
      {seen.map((node) => {
        const [x, end] = [frame.x(node.from), Math.max(frame.x(node.to), frame.x(node.from) + 1.5)];
        if (!row.isParent) {
          return <Bar key={node.index} {...{ x, end, middle, height: 8, fill: 'var(--off)' }} />;
        }
        const d = `M${x + 0.5} ${middle + 4}V${middle - 0.5}H${end - 0.5}V${middle + 4}`;
        return <path key={node.index} d={d} class="bracket" />;
      })}
      {seen.flatMap((node) =>
        inside(node).map(({ from, to, fill, line }, part) => {
          if (!frame.isSeen(from, to)) return null;
          const place = {
            x: frame.x(from),
            end: frame.x(to),
            middle,
            height: line === undefined ? 8 : 9,
          };
          return <Bar key={`${node.index} ${part}`} {...place} {...{ fill, line }} />;
        }),
      )}
    </>
  );
}

interface Inside {
  readonly from: number;
  readonly to: number;
  readonly fill: string;
  readonly line?: string;
}

function inside(node: PlacedSpan): Inside[] {
  const failed = node.parts.filter(({ span }) => isFailed(span));
  const idle = [node, ...node.parts].flatMap(drawnWaits);
  return [
    ...failed.map(({ from, to }) => ({ from, to, fill: 'var(--waste2)' })),
    ...[...backoffsOf(node), ...idle].map(({ from, to }) => {
      return { from, to, fill: 'url(#hatch-off)', line: 'var(--off)' };
    }),
  ];
}

/** A shorter stretch of own time is drawn, but not joined: else every trace is a comb. */
const LEAST_JOINED = 0.0025;

/** The critical path on the rows, joined by lines. */
export function CriticalPath(props: {
  readonly ribbon: readonly Piece[];
  readonly rows: readonly WaterfallRow[];
  readonly rowOf: readonly number[];
  readonly frame: Frame;
}) {
  const { ribbon, rows, rowOf, frame } = props;
  const least = (frame.range.to - frame.range.from) * LEAST_JOINED;
  const joins = [];
  let last: number | undefined;
  for (const { span, kind, from, to } of ribbon) {
    if (span < 0 || (kind === 'own' && to - from < least)) continue;
    const row = rowOf[span]!;
    if (last !== undefined && last !== row && frame.isSeen(from, from)) {
      const [y1, y2] = [frame.middle(last), frame.middle(row)];
      const x = frame.x(from);
      joins.push(<line key={from} {...{ x1: x, x2: x, y1, y2 }} class="join" />);
    }
    last = row;
  }
  return (
    <>
      {joins}
      {ribbon.map(({ span, kind, from, to }, at) => {
        if (span < 0 || !frame.isSeen(from, to)) return null;
        const isPassing = kind === 'own' && rows[rowOf[span]!]!.isParent;
        const { fill, line } = LOOKS[kind];
        const place = { x: frame.x(from), end: frame.x(to), middle: frame.middle(rowOf[span]!) };
        return <Bar key={at} {...place} {...{ height: isPassing ? 3 : 12, fill, line }} />;
      })}
    </>
  );
}
