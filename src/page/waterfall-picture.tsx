import type { Piece } from './critical-pieces.js';
import { Hatches } from './hatches.js';
import { Ribbon } from './ribbon.js';
import type { PlacedSpan } from './span-tree.js';
import { ticksOf } from './time-axis.js';
import type { Frame } from './waterfall-frame.js';
import type { WaterfallRow, WaterfallRows } from './waterfall-layout.js';
import { RowNotes } from './waterfall-notes.js';
import { CriticalPath, RowBars, RowLabel } from './waterfall-rows.js';

interface PictureProps {
  readonly nodes: readonly PlacedSpan[];
  readonly ribbon: readonly Piece[];
  readonly laid: WaterfallRows;
  readonly frame: Frame;
}

/** All that does not change while one looks around in it. */
export function WaterfallPicture({ nodes, ribbon, laid: { rows, rowOf }, frame }: PictureProps) {
  const critical = onThePath(rows, new Set(ribbon.map(({ span }) => rowOf[span]!)));
  const each = rows.map((row, at) => {
    return { row, at, frame, rowOf, nodes, isCritical: critical.has(at) };
  });
  return (
    <>
      <Hatches />
      <Axis frame={frame} />
      <Ribbon {...{ ribbon, nodes, frame }} />
      {each.map((row) => (
        <RowBars key={row.row.id} {...row} />
      ))}
      <CriticalPath {...{ ribbon, rows, rowOf, frame }} />
      {each.map((row) => (
        <RowLabel key={row.row.id} {...row} />
      ))}
      {each.map((row) => (
        <RowNotes key={row.row.id} {...row} />
      ))}
    </>
  );
}

/** The rows that users waited for, and those around them. */
function onThePath(rows: readonly WaterfallRow[], own: ReadonlySet<number>): ReadonlySet<number> {
  const all = new Set(own);
  /** Of the last one found: the next one above that is less deep is around it. */
  let depth = -1;
  for (let at = rows.length - 1; at >= 0; at -= 1) {
    const row = rows[at]!;
    if (row.depth < depth) all.add(at);
    if (all.has(at)) depth = row.depth;
  }
  return all;
}

const TICK_WIDTH = 110;

function Axis({ frame }: { readonly frame: Frame }) {
  const ticks = ticksOf(frame.range, (frame.right - frame.gutter) / TICK_WIDTH);
  return (
    <>
      {ticks.map(({ at, text }) => {
        const x = frame.x(at);
        const anchor = x < frame.gutter + 12 ? 'start' : x > frame.right - 16 ? 'end' : 'middle';
        return (
          <g key={text}>
            <line x1={x} x2={x} y1="18" y2={frame.height} stroke="var(--line)" />
            <text x={x} y="11" class="quiet" text-anchor={anchor}>
              {text}
            </text>
          </g>
        );
      })}
    </>
  );
}
