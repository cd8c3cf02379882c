import type { Summary } from '../summary.js';
import { rankRows } from '../ranking/rank-rows.js';
import { findSummaryProblem } from '../summaries/require-summary.js';
import { BadInputError } from '../errors.js';
import { printable } from '../format.js';

/**
 * Checks that a parsed JSON value is a saved summary, and ranks its rows.
 *
 * @param where the name of the source, for the error
 * @throws BadInputError when it is something else
 */
export function checkSavedSummary(value: unknown, where: string): Summary {
  const problem = findSummaryProblem(value);
  if (problem !== undefined) {
    throw new BadInputError(`${printable(where)}: expected a saved summary, but ${problem}`);
  }
  const summary = value as Summary;
  return { ...summary, bottlenecks: rankRows(summary.bottlenecks, summary.rankedBy) };
}
