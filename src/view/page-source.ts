import { pageDataOf, pageJson, summaryHtml } from '../report/html.js';
import type { Summary } from '../summary.js';

/** What is served as a page. */
export interface PageSource {
  readonly summary: () => Summary;
  /** The HTML of the page that shows a summary. */
  readonly document: (summary: Summary) => string;
  /** The JSON that the page is drawn from. */
  readonly data: (summary: Summary) => string;
}

export interface PageSourceOptions {
  /** The address of Jaeger's UI, for links. */
  readonly jaegerUrl?: string | undefined;
  /** Whether the summary changes. */
  readonly live: boolean;
}

/** The page of hotspan. */
export function pageSource(summary: () => Summary, options: PageSourceOptions): PageSource {
  return {
    summary,
    document: (shown) => summaryHtml(shown, options),
    data: (shown) => pageJson(pageDataOf(shown, options)),
  };
}
