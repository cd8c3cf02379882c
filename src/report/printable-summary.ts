import { lookOf } from '../terminal.js';
import type { Summary } from '../summary.js';
import { toHtml, type HtmlOptions } from './html.js';
import { toMarkdown, toText, type MarkdownOptions, type TextOptions } from './print.js';

/** A summary that can print itself; `JSON.stringify` gives the plain data. */
export interface PrintableSummary extends Summary {
  /** Prints the summary as text. Default for `color`, `width` and `ascii`: what stdout can show. */
  toText(options?: TextOptions): string;
  /** Prints the summary as Markdown, for a comment on GitHub or the summary of a CI job. */
  toMarkdown(options?: MarkdownOptions): string;
  /** Returns the summary as a page: one HTML document that asks the network for nothing. */
  toHtml(options?: HtmlOptions): string;
  /** Prints the summary as JSON, `schemaVersion` 1. */
  toJson(): string;
}

/** The methods print the object that they are called on. */
export function printableSummary(summary: Summary): PrintableSummary {
  return {
    ...summary,
    toText(this: Summary, options) {
      return toText(this, { ...lookOf(), ...options });
    },
    toMarkdown(this: Summary, options) {
      return toMarkdown(this, options);
    },
    toHtml(this: Summary, options) {
      return toHtml(this, options);
    },
    toJson(this: Summary) {
      return toJson(this);
    },
  };
}

/** Prints a summary as JSON, indented by two spaces, lists of numbers on one line each. */
export function toJson(summary: Summary): string {
  // No string of JSON holds a line break: after one, there are only values.
  return JSON.stringify(summary, null, 2).replace(/\[\n[\s\d,.eE+-]+\]/g, (numbers) =>
    numbers.replace(/\s+/g, ''),
  );
}
