import type { Summary } from '../summary.js';

/**
 * The summary as JSON, `schemaVersion` 1, indented by two spaces, lists of numbers on one line each.
 * What is not known is absent.
 */
export function toJson(summary: Summary): string {
  // No string of JSON has a line break in it: what follows one here is between values.
  return JSON.stringify(summary, null, 2).replace(/\[\n[\s\d,.eE+-]+\]/g, (numbers) =>
    numbers.replace(/\s+/g, ''),
  );
}
