import { useMemo } from 'preact/hooks';
import { inTime } from './amounts.js';
import { DOT, dotsOf, type Dot } from './dot-places.js';
import { Dots, useDots } from './dots.js';
import type { DotBin, EntrySample, Prediction } from './prediction.js';
import type { SpanTargets } from './span-link.js';

/** A higher stack is no longer read as dots. */
export const MAX_STACK = 24;
const BAR_HEIGHT = 96;
const BELOW = 30;
/** Two labels that are nearer to each other are put to different sides. */
const LABEL = 150;
/** The room that a label needs, and half of the room between two. */
const LONGEST = 135;
const GAP = 4;

interface PlotProps {
  readonly entry: EntrySample;
  readonly prediction: Prediction;
  readonly width: number;
  readonly maxSeconds: number;
  /** Dots, or else bars. */
  readonly isDots: boolean;
  /** The most traces that one bin may have. */
  readonly tall: number;
  readonly targets: SpanTargets;
  readonly onTell: (dot?: Dot) => void;
}

/** The latencies of one entry point: a dot is a request, or bars where there are many. */
export function DotPlot(props: PlotProps) {
  const { entry, prediction, width, maxSeconds, isDots, tall, targets, onTell } = props;
  const { bins, half, p95 } = prediction;
  const dots = useMemo(
    () => (isDots ? dotsOf(entry, prediction) : []),
    [isDots, entry, prediction],
  );
  const { told, handlers } = useDots(dots, targets, onTell);
  const height = isDots ? Math.max(tall, 2) * DOT : BAR_HEIGHT;
  const xOf = (seconds: number) => (seconds / maxSeconds) * width;
  const words = ([now, then]: readonly [number, number]) =>
    inTime(now) === inTime(then) ? inTime(now) : `${inTime(now)} to ${inTime(then)}`;
  const label = `Half of them take ${words(half)} or less, p95 is ${words(p95)}`;
  return (
    <svg
      class={isDots ? 'dots open' : 'dots'}
      width={width}
      height={height + BELOW}
      role="img"
      aria-label={label}
      {...(isDots && { ...handlers, 'aria-label': `${label}. Arrow keys move, Enter opens.` })}
    >
      {isDots ? (
        <Dots {...{ dots, bins, told }} base={height} />
      ) : (
        <Bars {...{ bins, tall, height }} />
      )}
      <line class="axis" x1={0} x2={width} y1={height + 0.5} y2={height + 0.5} />
      <Mark label="half" times={half} {...{ xOf, width, y: height }} other={xOf(p95[1])} />
      <Mark label="p95" times={p95} {...{ xOf, width, y: height }} other={xOf(half[1])} />
    </svg>
  );
}

type Kind = 'still' | 'moved' | 'now';

/** What is drawn on top of each other: how it would be, and above that what is there now and would not be. */
function stackOf({ still, moved, gone }: DotBin): [Kind, number][] {
  return [
    ['still', still],
    ['moved', moved],
    ['now', Math.max(gone - moved, 0)],
  ];
}

function Bars({ bins, tall, height }: { bins: readonly DotBin[]; tall: number; height: number }) {
  return (
    <>
      {bins.flatMap((bin, column) => {
        let top = height;
        return stackOf(bin).map(([kind, count]) => {
          const high = (count / tall) * height;
          top -= high;
          if (count === 0) return null;
          return (
            <rect
              key={`${column} ${kind}`}
              class={kind}
              x={column * DOT + 0.5}
              y={top}
              width={DOT - 1}
              height={Math.max(high, 0.5)}
            />
          );
        });
      })}
    </>
  );
}

/** A quantile now and then: a tick each, an arrow between them, and their words. */
function Mark(props: {
  label: string;
  times: readonly [number, number];
  xOf: (seconds: number) => number;
  width: number;
  y: number;
  /** Where the other mark is. */
  other: number;
}) {
  const { label, times, xOf, width, y, other } = props;
  const [now, then] = times.map(xOf) as [number, number];
  const hasMoved = now - then > 3;
  // Where there is no room for both at their ticks, the words of the half end where those of the p95 begin.
  const isLeft = label === 'half';
  const isNear = Math.abs(then - other) < LABEL;
  const anchor = !isNear ? 'middle' : isLeft ? 'end' : 'start';
  const apart = Math.max(Math.min((then + other) / 2, width - LONGEST), LONGEST);
  const x = {
    middle: Math.max(Math.min(then, width - LONGEST / 2), LONGEST / 2),
    end: Math.min(Math.max(then, LONGEST), apart - GAP),
    start: Math.max(Math.min(then, width - LONGEST), apart + GAP),
  }[anchor];
  const [before, after] = times.map(inTime);
  return (
    <>
      <line class="tick" x1={then} x2={then} y1={y} y2={y + 8} />
      {hasMoved && (
        <>
          <line class="tick was" x1={now} x2={now} y1={y} y2={y + 8} />
          <line class="tick" x1={then + 1} x2={now} y1={y + 7.5} y2={y + 7.5} />
          <path class="head" d={`M${then} ${y + 7.5}l6 -3v6z`} />
        </>
      )}
      <text x={x} y={y + 23} text-anchor={anchor}>
        <tspan class="quiet">
          {label} {before !== after && `${before} → `}
        </tspan>
        <tspan class="strong">{after}</tspan>
      </text>
    </>
  );
}
