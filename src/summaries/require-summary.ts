import { wrongUse } from '../errors.js';
import { findDurationsProblem } from '../durations.js';
import type { Summary } from '../summary.js';

const LISTS = ['services', 'bottlenecks', 'slowest', 'models', 'errors', 'warnings'] as const;
const OBJECTS = ['traces', 'spans', 'latency', 'totals'] as const;

/** Throws one line unless `value` is a summary whose distributions, as far as it has any, are whole. */
export function requireSummary(
  where: string,
  what: string,
  value: unknown,
): asserts value is Summary {
  const summary = Object(value) as Partial<Record<keyof Summary, unknown>>;
  const isSummary =
    summary.schemaVersion === 1 &&
    LISTS.every((list) => Array.isArray(summary[list])) &&
    OBJECTS.every((part) => summary[part] !== null && typeof summary[part] === 'object');
  if (!isSummary) throw wrongUse(where, `${what} to be a summary`, value);
  const { latency, bottlenecks } = value as Summary;
  for (const { durations, name } of [{ ...latency, name: undefined }, ...bottlenecks]) {
    const problem = durations === undefined ? undefined : findDurationsProblem(durations);
    if (problem === undefined) continue;
    const whose = name === undefined ? 'latency' : JSON.stringify(name);
    throw wrongUse(
      where,
      `the durations of ${whose} in ${what} to be whole: ${problem}`,
      durations,
    );
  }
}
