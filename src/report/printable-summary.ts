import { isTerminal } from '../terminal.js';
import type { Summary } from '../summary.js';
import { toJson } from './json.js';
import { toText, type TextOptions } from './text.js';

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
