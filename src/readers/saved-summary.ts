import { parseJson } from '../fields.js';
import { rankRows } from '../ranking/rank-rows.js';
import { findSummaryProblem } from '../summaries/require-summary.js';
import type { Summary } from '../summary.js';
import { BadInputError } from '../errors.js';
import { isGzipError, readAll } from './byte-source.js';
import { JsonScanner } from './json-scanner.js';

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

/** Reads a saved summary, or several one after another, as `cat` puts them together. */
export async function readSavedSummaries(
  where: string,
  bytes: AsyncIterable<Buffer>,
): Promise<Summary[]> {
  const content = await readAll(bytes, MAX_BYTES).catch((error: unknown) => {
    throw isGzipError(error) ? unusable(where, CUT) : error;
  });
  if (content.length > MAX_BYTES) {
    throw unusable(where, `it is larger than ${MAX_BYTES / 2 ** 20} MiB`);
  }
  const value = parseJson(content.toString());
  const values = value === undefined ? valuesIn(content) : [value];
  if (values === undefined) throw unusable(where, CUT);
  const of = (at: number) => (values.length === 1 ? '' : ` (the ${at + 1}. of ${values.length})`);
  return values.map((each, at) => checkSavedSummary(each, `${where}${of(at)}`));
}

/** Returns `undefined` if one of them is damaged. */
function valuesIn(content: Buffer): unknown[] | undefined {
  const values: unknown[] = [];
  const scanner = new JsonScanner(/^\$$/, (json) => values.push(JSON.parse(json)));
  try {
    scanner.write(content);
    return scanner.end() ? values : undefined;
  } catch {
    return undefined;
  }
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
