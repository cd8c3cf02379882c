import { singleLine } from '../format.js';
import { lazy } from '../lazy.js';
import { aValue, checkOptions, type Shape } from '../options.js';
import type { DiffPageData, PageData, RunningTraces } from '../page-data.js';
import type { SummaryDiff } from '../summaries/diff.js';
import { mainLatency } from '../summaries/entry-points.js';
import { requireSummary } from '../summaries/require-summary.js';
import type { Summary } from '../summary.js';
import { defined } from '../sums.js';
import { VERSION } from '../version.js';
import { diffPageDataOf } from './diff-page.js';
import { isHttpUrl, jaegerBase } from './jaeger-link.js';
import { toText } from './print.js';

interface PagePart {
  readonly text: string;
  readonly hash: string;
}

/** Each has a script of its own, so that files stay small. */
type PageKind = 'summary' | 'live' | 'diff';

/** Made of src/page by bundle.js: the parts as JSON. */
declare const PAGE: string;

const pageParts = lazy(
  () =>
    JSON.parse(PAGE) as Readonly<Record<PageKind | 'style' | 'liveStyle' | 'diffStyle', PagePart>>,
);

/** How a page looks. */
export interface HtmlOptions {
  /**
   * The address of Jaeger's UI, for example `http://localhost:16686`, for links to traces and spans. Default:
   * no links.
   */
  readonly jaegerUrl?: string | undefined;
}

const HTML_OPTIONS: Shape<HtmlOptions> = {
  jaegerUrl: aValue('an address such as http://localhost:16686', isHttpUrl),
};

/**
 * Returns a summary, or a diff of two, as a page: one HTML document that holds its script, its style and its data, and
 * asks the network for nothing, which a content security policy in it forbids. Without scripts it shows the text.
 *
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { readSummary, toHtml } from 'hotspan/report';
 *
 * const writePage = async (file: string) => {
 *   writeFileSync('page.html', toHtml(await readSummary(file)));
 * };
 * ```
 *
 * @throws TypeError if it is neither, or an option is wrong
 */
export function toHtml(result: Summary | SummaryDiff, options: HtmlOptions = {}): string {
  checkOptions('toHtml', options, HTML_OPTIONS);
  if (isDiff(result)) {
    return htmlOf(diffPageDataOf(result, options.jaegerUrl), 'diff', [
      'before and after',
      toText(result),
    ]);
  }
  requireSummary('toHtml', '`summary`', result);
  return summaryHtml(result, options);
}

interface PageOptions extends HtmlOptions {
  /** Tell the page that newer data follows from its server. Default false. */
  readonly live?: boolean;
  readonly running?: RunningTraces | undefined;
  readonly newest?: number | undefined;
}

export function summaryHtml(summary: Summary, options: PageOptions): string {
  const words = [summary.services.join(', '), toText(summary)] as const;
  return htmlOf(pageDataOf(summary, options), options.live === true ? 'live' : 'summary', words);
}

function isDiff(result: Summary | SummaryDiff): result is SummaryDiff {
  return Object.hasOwn(Object(result) as object, 'overall');
}

export function pageDataOf(summary: Summary, options: PageOptions): PageData {
  const { jaegerUrl, live, running, newest } = options;
  const { count, p50Seconds, p95Seconds, maxSeconds } = mainLatency(summary);
  return {
    summary,
    about: {
      version: VERSION,
      latency: { count, p50Seconds, p95Seconds, maxSeconds },
      ...(jaegerUrl === undefined ? {} : { jaegerUrl: jaegerBase(jaegerUrl) }),
      ...(live === true ? { live } : {}),
      ...defined({ running, newest }),
    },
  };
}

/**
 * @param kind a live page's script may connect to the server that it came from, others to nothing
 * @param words its title, and what it shows without scripts
 */
function htmlOf(
  data: PageData | DiffPageData,
  kind: PageKind,
  words: readonly [title: string, text: string],
): string {
  const { style, liveStyle, diffStyle, [kind]: script } = pageParts();
  const styles = { summary: [style], live: [style, liveStyle], diff: [style, diffStyle] }[kind];
  const policy = [
    "default-src 'none'",
    `script-src '${script.hash}'`,
    `style-src ${styles.map(({ hash }) => `'${hash}'`).join(' ')}`,
    'img-src data:',
    `connect-src '${kind === 'live' ? 'self' : 'none'}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const title = singleLine(words[0], 100) || 'hotspan';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="hotspan ${VERSION}">
<title>${escaped(title)}</title>
<link rel="icon" href="${ICON}">
${styles.map(({ text }) => `<style>${text}</style>`).join('\n')}
</head>
<body>
<div id="page"></div>
<noscript><pre>${escaped(words[1])}</pre></noscript>
<script type="application/json" id="data">${jsonInHtml(pageJson(data))}</script>
<script>${script.text}</script>
</body>
</html>
`;
}

/** A bar with a saving in it, as in the ranking. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#94c4e2" d="M0 3h16v4H0zM0 9h9v4H0z"/><path fill="#0072b2" d="M0 3h11v4H0zM0 9h7v4H0z"/></svg>',
)}`;

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' },
};

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ESCAPES[character]!);
}

/** No text of JSON may end the element that it stands in, or turn around the text of a file that is read. */
function jsonInHtml(json: string): string {
  return json.replace(
    /[<\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What only merging and comparing read. */
const LEFT_OUT = new Set([
  ...['durations', 'firstTokens', 'groups', 'criticalGroups', 'savingGroups'],
]);
/** Digits of a figure that is not whole. */
const DIGITS = 6;
const MAX_LENGTH = 1000;

/** The data as JSON, without what a page does not show, so that it stays small. */
export function pageJson(data: object): string {
  return JSON.stringify(data, (key, value: unknown) => {
    if (LEFT_OUT.has(key)) return undefined;
    if (typeof value === 'string') {
      return value.length > MAX_LENGTH ? `${value.slice(0, MAX_LENGTH)}…` : value;
    }
    const isExact = typeof value !== 'number' || Number.isInteger(value);
    return isExact || key.endsWith('EpochSeconds') ? value : Number(value.toPrecision(DIGITS));
  });
}
