/** A figure of each step as a bar, all on one scale. */
export interface StepSeries {
  readonly steps: readonly number[];
  readonly class: string;
}

interface StepBarsProps {
  /** Drawn over each other, the first at the back. */
  readonly series: readonly StepSeries[];
  /** What is as high as the picture. */
  readonly most: number;
  readonly height: number;
  readonly label: string;
}

/** Figures over time as bars. */
export function StepBars({ series, most, height, label }: StepBarsProps) {
  const count = series[0]?.steps.length ?? 0;
  if (count === 0) return null;
  return (
    <svg
      width="100%"
      height={height}
      viewBox={`0 0 ${count} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {series.flatMap(({ steps, class: name }) =>
        steps.map((figure, at) => {
          const tall = most > 0 ? Math.min(figure / most, 1) * height : 0;
          // A bar that is there can be seen.
          const seen = figure > 0 ? Math.max(tall, 1) : 0;
          return (
            <rect
              key={`${name} ${at}`}
              class={name}
              x={at + 0.1}
              y={height - seen}
              width={0.8}
              height={seen}
            />
          );
        }),
      )}
      <rect class="count" y={height - 0.5} width={count} height={0.5} />
    </svg>
  );
}
