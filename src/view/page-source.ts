import type { Summary } from '../summary.js';

/** What is served as a page. */
export interface PageSource {
  readonly summary: () => Summary;
  /** The HTML of the page that shows a summary. */
  readonly document: (summary: Summary) => string;
  /** The JSON that the page is drawn from. */
  readonly data: (summary: Summary) => string;
}
