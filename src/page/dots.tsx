import { useRef, useState } from 'preact/hooks';
import { inMoney, inTime } from './amounts.js';
import { DOT, dotAfter, type Dot } from './dot-places.js';
import { Name } from './name.js';
import type { DotBin } from './prediction.js';
import { jaegerHref, shortId, type SpanTargets } from './span-link.js';
import { clockOf } from './trace-choices.js';

const RADIUS = 3.3;

interface DotsProps {
  readonly dots: readonly Dot[];
  readonly bins: readonly DotBin[];
  readonly base: number;
  /** The place of the one that is told of. */
  readonly told: number | undefined;
}

/** The dots, and above them hollow ones where requests are now and would not be. */
export function Dots({ dots, bins, base, told }: DotsProps) {
  const place = (column: number, level: number) => ({
    cx: (column + 0.5) * DOT,
    cy: base - (level + 0.5) * DOT,
    r: RADIUS,
  });
  return (
    <>
      {dots.map(({ column, level, hasMoved, trace }, at) => (
        <circle
          key={trace.traceId}
          class={`${hasMoved ? 'moved' : 'still'}${at === told ? ' told' : ''}`}
          data-at={at}
          {...place(column, level)}
          r={at === told ? RADIUS + 1.2 : RADIUS}
        />
      ))}
      {bins.flatMap(({ still, moved, gone }, column) =>
        Array.from({ length: Math.max(gone - moved, 0) }, (_, above) => (
          <circle
            key={`${column} ${above}`}
            class="now"
            {...place(column, still + moved + above)}
          />
        )),
      )}
    </>
  );
}

/** Lets the dots of one plot be pointed at, walked over by arrow keys and opened. */
export function useDots(dots: readonly Dot[], targets: SpanTargets, onTell: (dot?: Dot) => void) {
  const element = useRef<SVGSVGElement>(null);
  const [focus, setFocus] = useState(0);
  const [told, setTold] = useState<number>();
  const tell = (at: number | undefined) => {
    setTold(at);
    if (at !== undefined) setFocus(at);
    onTell(at === undefined ? undefined : dots[at]);
  };
  const open = (at: number) => {
    const { traceId } = dots[at]!.trace;
    if (targets.shown.has(traceId)) targets.onShow({ traceId, spanId: '', seconds: 0 });
  };
  const placeOf = (event: MouseEvent) => {
    const at = (event.target as SVGElement).dataset.at;
    return at === undefined ? undefined : Number(at);
  };
  const first = Math.min(focus, dots.length - 1);
  return {
    told: told === undefined || dots[told] === undefined ? undefined : told,
    handlers: {
      ref: element,
      tabIndex: 0,
      role: 'application' as const,
      'aria-roledescription': 'dot plot',
      onFocus: () => {
        if (element.current?.matches(':focus-visible')) tell(first);
      },
      onMouseOver: (event: MouseEvent) => {
        const at = placeOf(event);
        if (at !== undefined) tell(at);
      },
      onClick: (event: MouseEvent) => {
        const at = placeOf(event);
        if (at !== undefined) open(at);
      },
      onKeyDown: (event: KeyboardEvent) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const next = dotAfter(dots, first, event.key);
        if (event.key === 'Enter') open(first);
        else if (next === undefined) return;
        else tell(next);
        event.preventDefault();
      },
    },
  };
}

/** The figures of the dot that was pointed at last. */
export function DotReadout({ dot, targets }: { dot: Dot | undefined; targets: SpanTargets }) {
  if (dot === undefined) {
    return (
      <p class="readout">Point at a dot, or walk over them by arrow keys: each is a request.</p>
    );
  }
  const { trace, thenSeconds } = dot;
  const { traceId, seconds, costUsd, name, isError, startEpochSeconds } = trace;
  const href = jaegerHref(targets.jaegerUrl, { traceId });
  const isShown = targets.shown.has(traceId);
  const [now, then] = [inTime(seconds), inTime(thenSeconds)];
  return (
    <p class="readout">
      <span aria-live="polite">
        <Name of={name} /> {now}
        {then !== now && ` → ${then}`}
        {costUsd !== undefined && ` · ${inMoney(costUsd)}`} · {clockOf(startEpochSeconds)}
        {isError && <span class="wasted"> · failed</span>}
      </span>
      {isShown ? (
        <button
          type="button"
          class="link"
          onClick={() => targets.onShow({ traceId, spanId: '', seconds: 0 })}
        >
          Open it
        </button>
      ) : href !== undefined ? (
        <a class="link" href={href} target="_blank" rel="noopener noreferrer">
          In Jaeger
        </a>
      ) : (
        <span class="name">{shortId(traceId)}</span>
      )}
    </p>
  );
}
