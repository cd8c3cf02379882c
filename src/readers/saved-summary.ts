import { parseJson } from '../fields.js';
import { rankRows } from '../ranking/rank-rows.js';
import { findSummaryProblem } from '../summaries/require-summary.js';
import type { Summary } from '../summary.js';
import { BadInputError } from '../errors.js';
import { isGzipError, readAll } from './byte-source.js';

/** How much of a source is looked at to recognise a saved summary. */
export const RECOGNISED_BYTES = 64 * 2 ** 10;
/** Far more than the largest summary has. Packed data may unpack to more than the memory holds. */
const MAX_BYTES = 256 * 2 ** 20;

const CUT = 'it is not JSON or is cut';

/** Recognises a saved summary by its beginning: a source of traces may be larger than the memory. */
export function isSavedSummary(start: Buffer): boolean {
  const text = start.toString('utf8', 0, RECOGNISED_BYTES);
  return /^\uFEFF?\s*\{/.test(text) && /"(?:schemaVersion|bottlenecks)"\s*:/.test(text);
}

export async function readSavedSummary(
  where: string,
  bytes: AsyncIterable<Buffer>,
): Promise<Summary> {
  const content = await readAll(bytes, MAX_BYTES).catch((error: unknown) => {
    throw isGzipError(error) ? unusable(where, CUT) : error;
  });
  if (content.length > MAX_BYTES) {
    throw unusable(where, `it is larger than ${MAX_BYTES / 2 ** 20} MiB`);
  }
  const value = parseJson(content.toString());
  if (value === undefined) throw unusable(where, CUT);
  return checkSavedSummary(value, where);
}

export function checkSavedSummary(value: unknown, where: string): Summary {
  const problem = findSummaryProblem(value);
  if (problem !== undefined) throw unusable(where, problem);
  const summary = value as Summary;
  return {
    ...summary,
    bottlenecks: rankRows(summary.bottlenecks, summary.rankedBy, summary.latency.groups),
  };
}

function unusable(where: string, problem: string): BadInputError {
  return new BadInputError(`${where}: expected a saved summary, but ${problem}`);
}
