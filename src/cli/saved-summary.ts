import { readFileSync } from 'node:fs';
import type { Summary } from '../analysis/summary.js';

/** Input that cannot be used: its message is one line for the user, with the file's name. */
export class BadInputError extends Error {}

/**
 * Reads a summary that was saved as JSON.
 *
 * @throws BadInputError when the file cannot be read or holds something else
 */
export function readSavedSummary(file: string): Summary {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why =
      error instanceof SyntaxError ? 'it is not JSON' : ((error as { code?: string }).code ?? '');
    throw new BadInputError(`${file}: expected a saved summary, but ${explain(why)}`);
  }
  const problem = problemOf(value);
  if (problem !== undefined) {
    throw new BadInputError(`${file}: expected a saved summary, but ${problem}`);
  }
  return value as Summary;
}

function explain(why: string): string {
  if (why === 'ENOENT') return 'there is no such file';
  if (why === 'EISDIR') return 'it is a directory';
  if (why === 'EACCES') return 'it may not be read';
  return why === '' ? 'it could not be read' : why;
}

function problemOf(value: unknown): string | undefined {
  if (value === null || typeof value !== 'object') return 'it does not hold an object';
  const summary = value as Record<string, unknown>;
  if (summary.schemaVersion !== 1) {
    return `its "schemaVersion" is ${summary.schemaVersion === undefined ? 'missing' : JSON.stringify(summary.schemaVersion)}, not 1`;
  }
  const lists = ['services', 'bottlenecks', 'slowest', 'models', 'errors', 'warnings'];
  const noList = lists.find((key) => !Array.isArray(summary[key]));
  if (noList !== undefined) return `its "${noList}" is not a list`;
  const groups = ['traces', 'spans', 'latency', 'totals'];
  const noGroup = groups.find((key) => summary[key] === null || typeof summary[key] !== 'object');
  if (noGroup !== undefined) return `its "${noGroup}" is not an object`;
  const figures = [
    'selfSeconds',
    'criticalSeconds',
    'criticalShare',
    'totalSeconds',
    'calls',
    'errors',
    'p50Seconds',
    'p95Seconds',
  ];
  for (const row of summary.bottlenecks as unknown[]) {
    const fields = (row ?? {}) as Record<string, unknown>;
    if (typeof fields.name !== 'string') return 'a row of its "bottlenecks" has no name';
    const missing = figures.find((key) => typeof fields[key] !== 'number');
    if (missing !== undefined) return `row "${fields.name}" has no "${missing}"`;
  }
  return undefined;
}
