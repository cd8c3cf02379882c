import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { DrawnTrace } from '../page-data.js';
import { ribbonOf } from './critical-pieces.js';
import { useWidth } from './seen.js';
import { treeOf } from './span-tree.js';
import { useTimeDrag } from './time-drag.js';
import { frameOf, TOP } from './waterfall-frame.js';
import { afterKey, type Place } from './waterfall-keys.js';
import { layWaterfall } from './waterfall-layout.js';
import { WaterfallPicture } from './waterfall-picture.js';
import { WaterfallReadout } from './waterfall-readout.js';

export interface WaterfallProps {
  readonly trace: DrawnTrace;
  /** `service\nname` of rows that are tinted. */
  readonly chosenRow?: string | undefined;
  /** The id of a span that is shown and tinted. */
  readonly chosenSpan?: string | undefined;
  readonly jaegerUrl?: string | undefined;
}

/** One trace: what users waited for from end to end, and below it what ran. */
export function Waterfall({ trace, chosenRow, chosenSpan, jaegerUrl }: WaterfallProps) {
  const element = useRef<HTMLDivElement>(null);
  const width = Math.max(useWidth(element), 300);
  const seconds = trace.seconds > 0 && trace.seconds < Infinity ? trace.seconds : 1e-6;
  const [place, setPlace] = useState<Place>({ range: { from: 0, to: seconds }, row: 0 });
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [hovered, setHovered] = useState<number>();
  const nodes = useMemo(() => treeOf(trace.spans), [trace]);
  const ribbon = useMemo(() => ribbonOf(nodes, trace.seconds), [nodes]);
  const shown = nodes.find(({ span }) => span.spanId === chosenSpan);
  const laid = useMemo(() => layWaterfall(nodes, { open, shown }), [nodes, open, shown]);
  const { rows, rowOf } = laid;
  const { range } = place;
  const frame = useMemo(() => frameOf(width, rows.length, range), [width, rows, range]);
  const picture = useMemo(
    () => <WaterfallPicture {...{ nodes, ribbon, laid, frame }} />,
    [ribbon, laid, frame],
  );
  useEffect(() => {
    if (shown !== undefined) setPlace({ ...place, row: rowOf[shown.index]! });
  }, [shown]);

  const focus = Math.min(place.row, rows.length - 1);
  const choose = (row: number) => {
    const chosen = rows[row];
    if (chosen === undefined) return;
    setPlace({ ...place, row });
    const others = [...open].filter((id) => id !== chosen.id);
    if (chosen.hidden > 0) setOpen(new Set([...open, chosen.id]));
    else if (others.length < open.size) setOpen(new Set(others));
  };
  const { marked, placeOf, handlers } = useTimeDrag(
    frame,
    (marking) => setPlace({ ...place, range: marking }),
    (y) => choose(frame.rowAt(y)),
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const spans = rows[focus]?.spans ?? [];
    const middle = spans.length === 0 ? 0 : (spans[0]!.from + spans.at(-1)!.to) / 2;
    const next = afterKey(event.key, place, { rows: rows.length, seconds, middle });
    if (event.key === 'Enter') choose(focus);
    else if (next === undefined) return;
    else setPlace(next);
    setHovered(undefined);
    event.preventDefault();
  };
  const told = rows[hovered ?? focus] === undefined ? focus : (hovered ?? focus);
  const tinted = rows.flatMap(({ spans }, row) =>
    row === told || spans.some(({ key }) => key === chosenRow) ? [row] : [],
  );
  if (rows.length === 0) return <p class="caption">No span of it was kept.</p>;
  return (
    <>
      <div
        ref={element}
        class="waterfall"
        role="application"
        aria-roledescription="waterfall"
        aria-label="Spans of the trace. Up and down move, Enter opens and closes, plus and minus zoom, left and right shift, Escape shows all."
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <svg
          viewBox={`0 0 ${width} ${frame.height}`}
          height={frame.height}
          {...handlers}
          onMouseMove={(event) => {
            const row = frame.rowAt(placeOf(event).y);
            setHovered(rows[row] === undefined ? undefined : row);
          }}
          onMouseLeave={() => setHovered(undefined)}
        >
          {tinted.map((row) => (
            <rect
              key={row}
              class={row === focus ? 'tint focus' : 'tint'}
              x="-8"
              y={TOP + row * frame.rowHeight}
              width={width + 16}
              height={frame.rowHeight}
            />
          ))}
          {picture}
          {marked !== undefined && (
            <rect
              class="marked"
              x={marked[0]}
              width={marked[1] - marked[0]}
              y="18"
              height={frame.height - 18}
            />
          )}
        </svg>
      </div>
      <WaterfallReadout
        {...{ trace, ribbon, rowOf, jaegerUrl, row: rows[told]!, at: told }}
        isZoomed={range.to - range.from < seconds}
        onAll={() => setPlace({ ...place, range: { from: 0, to: seconds } })}
        canClose={open.size > 0}
        onClose={() => setOpen(new Set())}
      />
    </>
  );
}
