import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { drawFlame, ROW, takePens, type FlameDrawing, type Pens } from './flame-draw.js';
import { shownBoxes, type FlameBox, type ShownBox, type View } from './flame-layout.js';
import { isStill, useColors, useWidth } from './seen.js';

interface FlameCanvasProps {
  readonly boxes: readonly FlameBox[];
  readonly layers: readonly (readonly number[])[];
  readonly view: View;
  readonly rows: number;
  readonly labels: FlameDrawing['labels'];
  readonly focus: number;
  readonly hovered: number | undefined;
  readonly found: ReadonlySet<number> | undefined;
  readonly onHover: (index: number | undefined) => void;
  readonly onShow: (index: number) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** A canvas, since thousands of boxes as elements are too slow to zoom. What is in focus is told beside it. */
export function FlameCanvas(props: FlameCanvasProps) {
  const { boxes, layers, rows, hovered, onHover, onShow } = props;
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const pens = useRef<Pens | undefined>(undefined);
  const [hasFocus, setHasFocus] = useState(false);
  const width = useWidth(frame);
  const height = rows * ROW;
  const colors = useColors();
  const draw = (view: View) => {
    if (pens.current === undefined) return;
    const { found, focus, labels } = props;
    const focused = hasFocus ? focus : undefined;
    const shown = layers.flatMap((layer) => shownBoxes(boxes, layer, view, width));
    drawFlame(
      pens.current,
      { boxes, shown, top: view.top, found, focused, hovered, labels },
      width,
      height,
    );
  };
  useLayoutEffect(() => {
    if (canvas.current === null || width === 0) return;
    pens.current = takePens(canvas.current, width, height);
  }, [width, height, colors]);
  const moving = useMoving(props.view, boxes, draw);
  useLayoutEffect(() => {
    if (!moving.current) draw(props.view);
  });

  const boxAt = (event: MouseEvent): number | undefined => {
    const y = Math.floor(event.offsetY / ROW) + props.view.top;
    return shownBoxes(boxes, layers[y] ?? [], props.view, width).find(
      (box: ShownBox) => box.x <= event.offsetX && event.offsetX < box.x + box.width,
    )?.index;
  };
  const onMove = (event: MouseEvent) => {
    const at = boxAt(event);
    if (at !== hovered) onHover(at);
  };
  return (
    <div
      ref={frame}
      class="flame"
      role="application"
      aria-roledescription="flame graph"
      aria-label="Call paths. Arrow keys move, Enter zooms in, Escape out."
      tabIndex={0}
      onKeyDown={props.onKeyDown}
      onFocus={() => setHasFocus(true)}
      onBlur={() => setHasFocus(false)}
    >
      <canvas
        ref={canvas}
        style={{ cursor: hovered === undefined ? 'default' : 'pointer' }}
        onMouseMove={onMove}
        onMouseLeave={() => onHover(undefined)}
        onClick={(event) => {
          const at = boxAt(event);
          if (at !== undefined) onShow(at);
        }}
      />
    </div>
  );
}

const MOVE_MILLIS = 180;

/** Draws the way from one view to the next, frame by frame. */
function useMoving(view: View, boxes: readonly FlameBox[], draw: (view: View) => void) {
  const moving = useRef(false);
  const shown = useRef({ view, boxes });
  const drawNow = useRef(draw);
  drawNow.current = draw;
  useLayoutEffect(() => {
    const { view: from, boxes: before } = shown.current;
    shown.current = { view, boxes };
    if (from === view || before !== boxes || isStill()) return undefined;
    moving.current = true;
    const start = performance.now();
    let request = requestAnimationFrame(function step(now) {
      const part = Math.min(Math.max((now - start) / MOVE_MILLIS, 0), 1);
      const eased = 1 - (1 - part) ** 3;
      moving.current = part < 1;
      const between = (one: number, other: number) => one + (other - one) * eased;
      const at = {
        from: between(from.from, view.from),
        to: between(from.to, view.to),
        top: between(from.top, view.top),
      };
      shown.current = { view: at, boxes };
      if (part < 1) request = requestAnimationFrame(step);
      else shown.current = { view, boxes };
      drawNow.current(part < 1 ? at : view);
    });
    return () => {
      cancelAnimationFrame(request);
      moving.current = false;
    };
  }, [view, boxes]);
  return moving;
}
