import type { Summary } from '../summary.js';
import type { Look } from '../terminal.js';
import { VERSION } from '../version.js';
import { toChromeTrace } from './chrome-trace.js';
import { toFolded } from './folded.js';
import { toHtml } from './html.js';
import { toMarkdown, toText } from './print.js';
import { toJson } from './printable-summary.js';
import { toSpeedscope } from './speedscope.js';

export interface WrittenOptions {
  /** The most rows of text and Markdown. */
  readonly top?: number | undefined;
  /** The address of Jaeger's UI, for links. */
  readonly jaegerUrl?: string | undefined;
  /** Of the terminal, where text goes to one. */
  readonly look?: Look | undefined;
}

interface Printed {
  readonly endings: readonly string[];
  readonly print: (summary: Summary, options: WrittenOptions) => string;
}

interface FileFormat extends Printed {
  /** The option of the command that writes such a file as well. */
  readonly flag: string;
  readonly help: string;
  readonly what: string;
}

/** What a person or a program reads from a stream as well as from a file. */
const STREAMED = {
  text: {
    endings: [],
    print: (summary, { top, jaegerUrl, look }) => toText(summary, { top, jaegerUrl, ...look }),
  },
  json: { endings: ['.json'], print: (summary) => toJson(summary) },
  markdown: {
    endings: ['.md'],
    print: (summary, { top, jaegerUrl }) => toMarkdown(summary, { top, jaegerUrl }),
  },
} satisfies Readonly<Record<string, Printed>>;

/** What only other programs show. */
export const FILE_FORMATS = {
  html: {
    flag: '--html',
    endings: ['.html', '.htm'],
    help: 'also write a page to look at in a browser',
    what: 'the page',
    print: (summary, { jaegerUrl }) => toHtml(summary, { jaegerUrl }),
  },
  speedscope: {
    flag: '--speedscope',
    endings: ['.speedscope.json'],
    help: 'also write call paths and critical paths for https://www.speedscope.app',
    what: 'what speedscope draws',
    print: (summary) => toSpeedscope(summary, VERSION),
  },
  chromeTrace: {
    flag: '--chrome-trace',
    endings: ['.chrome-trace.json'],
    help: "also write the slowest and typical traces for Perfetto and Chrome's DevTools",
    what: 'what Perfetto draws',
    print: (summary) => toChromeTrace(summary),
  },
  folded: {
    flag: '--folded',
    endings: ['.folded'],
    help: 'also write critical time by call path as folded stacks, for flamegraph.pl',
    what: 'the list of folded stacks',
    print: (summary) => toFolded(summary),
  },
} satisfies Readonly<Record<string, FileFormat>>;

const FORMATS = { ...STREAMED, ...FILE_FORMATS };

/** How a summary is written. */
export type WrittenFormat = keyof typeof FORMATS;

/** Returns what the ending of a file's name says, the longest first: text if it says nothing. */
export function formatOf(file: string): WrittenFormat {
  const name = file.toLowerCase();
  const found = Object.entries<Printed>(FORMATS).flatMap(([format, { endings }]) =>
    endings.filter((ending) => name.endsWith(ending)).map((ending) => ({ format, ending })),
  );
  const [longest] = found.sort((a, b) => b.ending.length - a.ending.length);
  return (longest?.format ?? 'text') as WrittenFormat;
}

export function isStreamed(format: WrittenFormat): boolean {
  return format in STREAMED;
}

/** @returns text that ends with a line break. @throws BadInputError if the summary lacks what the format draws */
export function printAs(
  format: WrittenFormat,
  summary: Summary,
  options: WrittenOptions = {},
): string {
  return `${FORMATS[format].print(summary, options).trimEnd()}\n`;
}
