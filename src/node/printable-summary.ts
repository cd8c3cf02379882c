import picocolors from 'picocolors';
import type { Summary } from '../analysis/summary.js';
import { toJson } from '../report/json.js';
import { toText, type TextOptions } from '../report/text.js';

/** A summary that can print itself; `JSON.stringify` gives the plain data. */
export interface PrintableSummary extends Summary {
  /** As a table for a person; in colour when stdout is a terminal, unless said otherwise. */
  toText(options?: TextOptions): string;
  /** As JSON, `schemaVersion` 1. */
  toJson(): string;
}

/** Adds the ways to print it to a summary. */
export function printableSummary(summary: Summary): PrintableSummary {
  return {
    ...summary,
    // Of the object that it is called on: a copy may be ranked otherwise.
    toText(this: Summary, options) {
      return toText(this, { color: isTerminal(), ...options });
    },
    toJson(this: Summary) {
      return toJson(this);
    },
  };
}

/** Whether stdout is a terminal that wants colours (NO_COLOR is respected). */
export function isTerminal(): boolean {
  return process.stdout.isTTY && picocolors.isColorSupported;
}
