import type { FlameBox, Hue, BoxLook, ShownBox } from './flame-layout.js';

export const ROW = 31;
const HEIGHT = 29;
const PADDING = 7;
const SIZE = 12.5;

/** What a canvas is drawn with: the page's colours and fonts, as they are now. */
export interface Pens {
  readonly context: CanvasRenderingContext2D;
  readonly color: (name: string) => string;
  readonly mono: string;
  readonly sans: string;
  readonly fills: Map<string, Fill>;
  readonly widths: Map<string, number>;
}

interface Fill {
  readonly style: string | CanvasPattern;
  readonly line: string;
  readonly text: string;
}

export interface FlameDrawing {
  readonly boxes: readonly FlameBox[];
  readonly shown: readonly ShownBox[];
  /** The depth of the first row. */
  readonly top: number;
  /** What is framed, while the rest is pale; absent if nothing is looked for. */
  readonly found?: ReadonlySet<number> | undefined;
  readonly focused?: number | undefined;
  readonly hovered?: number | undefined;
  readonly labels: (index: number) => readonly (readonly [string, string])[];
}

export function takePens(canvas: HTMLCanvasElement, width: number, height: number): Pens {
  const scale = Math.min(Math.max(window.devicePixelRatio, 1), 3);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d')!;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.textBaseline = 'middle';
  const style = getComputedStyle(canvas);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const [mono, sans] = [`400 ${SIZE}px ${color('mono')}`, `600 ${SIZE}px ${color('sans')}`];
  return { context, color, mono, sans, fills: new Map(), widths: new Map() };
}

export function drawFlame(pens: Pens, drawing: FlameDrawing, width: number, height: number): void {
  const { context, color } = pens;
  context.clearRect(0, 0, width, height);
  for (const box of drawing.shown) {
    const y = (box.depth - drawing.top) * ROW;
    if (y < -ROW || y > height) continue;
    const { look } = drawing.boxes[box.index]!;
    const fill = fillOf(pens, look);
    const isFound = drawing.found?.has(box.index) === true;
    context.globalAlpha = drawing.found === undefined || isFound ? 1 : 0.3;
    context.fillStyle = fill.style;
    const inner = box.width > 3 ? box.width - 1 : box.width;
    context.fillRect(box.x, y, inner, HEIGHT);
    if (look.isHatched && inner > 4) frame(context, box.x, y, inner, fill.line, 1);
    if (inner > 4 * PADDING)
      drawLabel(pens, drawing.labels(box.index), fill.text, box.x, y, inner, look);
    if (isFound) frame(context, box.x, y, Math.max(inner, 2), color('ink'), 2);
    if (box.index === drawing.hovered) frame(context, box.x, y, inner, color('ink'), 1);
    if (box.index === drawing.focused) {
      frame(context, box.x, y, inner, color('ink'), 2);
      if (inner > 8) frame(context, box.x + 2, y + 2, inner - 4, color('bg'), 1, 4);
    }
  }
  context.globalAlpha = 1;
}

function frame(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  color: string,
  line: number,
  less = 0,
): void {
  context.strokeStyle = color;
  context.lineWidth = line;
  const [wide, high] = [Math.max(width - line, 0.5), HEIGHT - less - line];
  context.strokeRect(x + line / 2, y + line / 2, wide, high);
}

function drawLabel(
  pens: Pens,
  labels: readonly (readonly [string, string])[],
  color: string,
  x: number,
  y: number,
  width: number,
  { isHatched }: BoxLook,
): void {
  const { context } = pens;
  const room = width - 2 * PADDING;
  const fits = labels.find(([words, figure]) => {
    const figureWidth = figure === '' ? 0 : widthOf(pens, figure, pens.sans) + 8;
    return widthOf(pens, words, pens.mono) + figureWidth <= room;
  });
  const [words, figure] = fits ?? [cut(pens, labels.at(-1)?.[0] ?? '', room), ''];
  if (words === '') return;
  const wide = widthOf(pens, words, pens.mono);
  if (isHatched) {
    context.fillStyle = pens.color('bg');
    const more = figure === '' ? 0 : widthOf(pens, figure, pens.sans) + 8;
    context.fillRect(x + PADDING - 3, y + 6, wide + more + 6, HEIGHT - 12);
  }
  context.fillStyle = color;
  context.font = pens.mono;
  context.fillText(words, x + PADDING, y + HEIGHT / 2 + 0.5);
  if (figure === '') return;
  context.font = pens.sans;
  context.fillText(figure, x + PADDING + wide + 8, y + HEIGHT / 2 + 0.5);
}

/** The start of a name, if at least 4 characters of it fit. */
function cut(pens: Pens, name: string, room: number): string {
  const count = Math.floor(room / widthOf(pens, 'm', pens.mono));
  const start = Array.from(name.slice(0, 2 * count)).slice(0, Math.max(count - 1, 0));
  const text = `${start.join('').trimEnd()}…`;
  return start.length < 3 || widthOf(pens, text, pens.mono) > room ? '' : text;
}

function widthOf({ context, widths }: Pens, text: string, font: string): number {
  const key = font + text;
  let width = widths.get(key);
  if (width === undefined) {
    context.font = font;
    widths.set(key, (width = context.measureText(text).width));
  }
  return width;
}

/** How much of the hue there is by level, so that text on each of them has a contrast of 4.5. */
const STRENGTHS = [0, 0.2, 0.35, 0.5, 1];
const TOKENS = {
  pass: 'track',
  wait: 'wait',
  waste: 'waste',
  money: 'money',
  off: 'off',
} as const satisfies Record<Hue, string>;

function fillOf(pens: Pens, look: BoxLook): Fill {
  const key = `${look.hue}${look.level}${look.isHatched}`;
  let fill = pens.fills.get(key);
  if (fill === undefined) pens.fills.set(key, (fill = makeFill(pens, look)));
  return fill;
}

function makeFill(pens: Pens, { hue, level, isHatched }: BoxLook): Fill {
  const { context, color } = pens;
  const rgb = (name: string) => readColor(context, color(name));
  const strength = hue === 'pass' ? 1 : STRENGTHS[level]!;
  const [full, track] = [rgb(TOKENS[hue]), rgb('track')];
  const mixed = full.map((part, at) => Math.round(part * strength + track[at]! * (1 - strength)));
  const line = `rgb(${mixed.join(' ')})`;
  if (isHatched) {
    const ground = color(hue === 'pass' ? 'off' : 'bg');
    return { style: hatch(context, line, ground) ?? line, line, text: color('ink') };
  }
  const names = ['ink', 'bg'].sort(
    (one, other) => contrast(rgb(other), mixed) - contrast(rgb(one), mixed),
  );
  return { style: line, line, text: color(names[0]!) };
}

function hatch(context: CanvasRenderingContext2D, line: string, ground: string) {
  const tile = document.createElement('canvas');
  const size = 12;
  tile.width = tile.height = size;
  const pen = tile.getContext('2d')!;
  pen.fillStyle = ground;
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = line;
  pen.lineWidth = 2.6;
  pen.beginPath();
  for (const at of [-size / 2, 0, size / 2, size]) {
    pen.moveTo(at - 2, size + 2);
    pen.lineTo(at + size + 2, -2);
  }
  pen.stroke();
  const pattern = context.createPattern(tile, 'repeat');
  pattern?.setTransform(new DOMMatrix().scale(0.5));
  return pattern;
}

/** A canvas gives any colour back as `#rrggbb`. */
function readColor(context: CanvasRenderingContext2D, color: string): number[] {
  context.fillStyle = color;
  const { fillStyle } = context;
  return [1, 3, 5].map((at) => parseInt(fillStyle.slice(at, at + 2), 16));
}

function contrast(one: readonly number[], other: readonly number[]): number {
  const [bright, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (bright! + 0.05) / (dark! + 0.05);
}

/** Relative luminance as WCAG 2 defines it. */
function luminance(rgb: readonly number[]): number {
  const [red, green, blue] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
