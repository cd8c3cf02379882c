const LINES = { wait: 2.6, waste: 2.6, off: 2.2 };

/** Hatched is where nothing works. */
export function Hatches() {
  return (
    <defs>
      {Object.entries(LINES).map(([color, width]) => (
        <pattern
          key={color}
          id={`hatch-${color}`}
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <line y2="5" stroke={`var(--${color})`} stroke-width={width} />
        </pattern>
      ))}
      <marker
        id="arrow"
        viewBox="0 0 8 8"
        refX="7"
        refY="4"
        markerWidth="7"
        markerHeight="7"
        orient="auto"
      >
        <path d="M0 .5 8 4 0 7.5z" fill="var(--ink)" />
      </marker>
    </defs>
  );
}
