import type { TraceTree } from './trace-tree.js';

const MILLI = 1_000_000;
const MICRO = 1_000;
/**
 * How far two times are off together that were computed as floating-point numbers. Those count nanoseconds since the
 * epoch in steps of 256, and milliseconds in steps of 244 ns, until the year 2043.
 */
export const ROUNDED_NANOS = 512;
/** As many spans show what the clocks of a trace can tell. */
const MAX_LOOKED_AT = 200;
/** So many spans, at so many moments, whose starts were floored are no accident. */
const MIN_SHARE = 0.05;
const MIN_MOMENTS = 3;

/**
 * Returns how far siblings may overlap only because of the clock, in nanoseconds. Where starts are
 * whole milliseconds (or microseconds) and ends are not, as in the SDK of OpenTelemetry, it is one of these:
 *
 *     really      a ├──────────────┤├────────┤ b
 *     reported    a ├──────────────┤                 b starts at the millisecond before
 *                 b             ├────────┤
 *
 * Where ends are floored as well, siblings that follow each other do not overlap; where nothing is, at most by what
 * was rounded. So a trace and the same trace a thousand times slower are read in the same way.
 */
export function clockErrorOf({ nodes }: TraceTree): number {
  const looked = nodes.slice(0, MAX_LOOKED_AT);
  const floored = looked.filter(({ record }) => record.startNanos % MILLI === 0);
  if (!areWhole(floored, MILLI)) {
    const moments = new Set(floored.map(({ record }) => record.startNanos)).size;
    const isMixed = moments >= MIN_MOMENTS && floored.length >= MIN_SHARE * looked.length;
    // Times count from the start of the trace, so that one moment is always whole.
    const areAll = moments > 1 && floored.length === looked.length;
    if (areAll || isMixed) return MILLI;
  }
  if (floored.length === looked.length) return 0;
  if (looked.some(({ record }) => record.startNanos % MICRO !== 0)) return ROUNDED_NANOS;
  return areWhole(looked, MICRO) ? 0 : MICRO;
}

function areWhole(nodes: TraceTree['nodes'], unit: number): boolean {
  return nodes.every(({ record }) => record.endNanos % unit === 0);
}
