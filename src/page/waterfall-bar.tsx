import type { PieceKind } from './critical-pieces.js';

/** How the critical path is filled, by what was done. */
export const LOOKS: Readonly<
  Record<PieceKind, { readonly fill: string; readonly line?: string; readonly text: string }>
> = {
  own: { fill: 'var(--wait)', text: 'var(--onwait)' },
  failed: { fill: 'var(--waste)', text: 'var(--onwaste)' },
  backoff: { fill: 'url(#hatch-waste)', line: 'var(--waste)', text: 'var(--ink)' },
  wait: { fill: 'url(#hatch-wait)', line: 'var(--wait)', text: 'var(--ink)' },
  idle: { fill: 'url(#hatch-off)', line: 'var(--off)', text: 'var(--ink)' },
  gap: { fill: 'var(--track)', text: 'var(--ink)' },
};

interface BarProps {
  readonly x: number;
  readonly end: number;
  readonly middle: number;
  readonly height: number;
  readonly fill: string;
  /** Its frame; what is hatched has one. */
  readonly line?: string | undefined;
}

export function Bar({ x, end, middle, height, fill, line }: BarProps) {
  const width = Math.max(end - x, 1);
  const place = { x, y: middle - height / 2, width, height };
  if (line === undefined) return <rect {...place} fill={fill} />;
  const inside = {
    x: x + 0.5,
    y: place.y + 0.5,
    width: Math.max(width - 1, 0.5),
    height: height - 1,
  };
  return (
    <>
      <rect {...place} fill="var(--bg)" />
      <rect {...inside} fill={fill} stroke={line} />
    </>
  );
}

/** Words on what is hatched, with plain ground behind them. */
export function WordsOn(props: {
  readonly text: string;
  readonly x: number;
  readonly middle: number;
  readonly width: number;
  readonly class?: string;
}) {
  const { text, x, middle, width } = props;
  return (
    <>
      <rect x={x - 4} y={middle - 7} width={width + 8} height="14" fill="var(--bg)" />
      <text x={x} y={middle + 4} class={`small ${props.class ?? ''}`}>
        {text}
      </text>
    </>
  );
}
