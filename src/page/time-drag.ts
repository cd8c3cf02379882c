import { useState } from 'preact/hooks';
import type { TimeRange } from './time-axis.js';
import type { Frame } from './waterfall-frame.js';

const LEAST_PIXELS = 6;

/** Lets a mouse or pen mark a stretch of time; a finger scrolls the page. */
export function useTimeDrag(
  frame: Frame,
  onRange: (range: TimeRange) => void,
  onTap: (y: number) => void,
) {
  const [drag, setDrag] = useState<{ readonly start: number; readonly end: number }>();
  const isMarked = drag !== undefined && Math.abs(drag.end - drag.start) >= LEAST_PIXELS;
  const placeOf = (event: MouseEvent) => {
    const { left, top } = (event.currentTarget as Element).getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  return {
    marked: isMarked
      ? ([Math.min(drag.start, drag.end), Math.max(drag.start, drag.end)] as const)
      : undefined,
    placeOf,
    handlers: {
      onPointerDown: (event: PointerEvent) => {
        const { x } = placeOf(event);
        if (event.pointerType === 'touch' || event.button !== 0 || x < frame.gutter) return;
        (event.currentTarget as Element).setPointerCapture(event.pointerId);
        setDrag({ start: x, end: x });
      },
      onPointerMove: (event: PointerEvent) => {
        if (drag !== undefined) setDrag({ ...drag, end: Math.max(placeOf(event).x, frame.gutter) });
      },
      onPointerUp: (event: PointerEvent) => {
        setDrag(undefined);
        if (!isMarked) {
          onTap(placeOf(event).y);
          return;
        }
        const [one, other] = [frame.timeAt(drag.start), frame.timeAt(drag.end)];
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        if (to - from > 1e-6) onRange({ from, to });
      },
      onPointerCancel: () => setDrag(undefined),
    },
  };
}
