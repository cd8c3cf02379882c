import { pageDataOf, pageJson, summaryHtml } from '../report/html.js';
import type { RunningTraces } from '../page-data.js';
import type { Summary } from '../summary.js';
import type { TracesList } from './traces-list.js';

/** What is served as a page. */
export interface PageSource {
  readonly summary: () => Summary;
  /** The HTML of the page that shows a summary. */
  readonly document: (summary: Summary) => string;
  /** The JSON that the page is drawn from. */
  readonly data: (summary: Summary) => string;
  /** The newest traces; absent where they are not listed. */
  readonly list?: TracesList | undefined;
}

export interface PageSourceOptions {
  /** The address of Jaeger's UI, for links. */
  readonly jaegerUrl?: string | undefined;
  /** Whether the summary changes. */
  readonly live: boolean;
  /** Returns the traces that go on, where the summary does not tell. */
  readonly running?: () => RunningTraces | undefined;
  /** The newest traces. Default: none are listed. */
  readonly list?: TracesList;
}

/** The page of hotspan. */
export function pageSource(
  summary: () => Summary,
  { running, list, ...rest }: PageSourceOptions,
): PageSource {
  const options = () => ({ ...rest, running: running?.(), newest: list?.newest.last });
  return {
    summary,
    list,
    document: (shown) => summaryHtml(shown, options()),
    data: (shown) => pageJson(pageDataOf(shown, options())),
  };
}
