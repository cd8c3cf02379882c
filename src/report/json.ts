import type { Summary } from '../analysis/summary.js';

/** The summary as JSON, `schemaVersion` 1, indented by two spaces. What is not known is absent. */
export function toJson(summary: Summary): string {
  return JSON.stringify(summary, null, 2);
}
