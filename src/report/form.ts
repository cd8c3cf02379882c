import picocolors from 'picocolors';
import { formatCount, plural, shortLine, singleLine } from '../format.js';
import { drawMarkdownTable, drawTable, type Column } from './table.js';

export interface Form {
  readonly name: (text: string, maxLength?: number) => string;
  /** Writes a sentence for people, which may hold names. */
  readonly sentence: (text: string) => string;
  readonly table: <Row>(columns: readonly Column<Row>[], rows: readonly Row[]) => string;
  readonly list: (lines: readonly string[]) => string;
  /** A comment on GitHub has room for 65,536 characters. */
  readonly maxRows: number;
  /** `true` if there is a terminal to draw bars in. */
  readonly hasBars: boolean;
  readonly colors: ReturnType<typeof picocolors.createColors>;
}

/** The part of the options that decides how text looks. */
interface TextLook {
  readonly color?: boolean | undefined;
  readonly width?: number | undefined;
}

const MAX_SENTENCE_LENGTH = 500;
const MAX_LISTED = 5;

export function textForm({ color = false, width }: TextLook = {}): Form {
  return {
    name: shortLine,
    sentence: (text) => singleLine(text, MAX_SENTENCE_LENGTH),
    table: (columns, rows) => drawTable(columns, rows, { bold: color, width }),
    list: (lines) => lines.map((line) => `  · ${line}`).join('\n'),
    maxRows: 10_000,
    hasBars: width !== undefined,
    colors: picocolors.createColors(color),
  };
}

export const MARKDOWN: Form = {
  name: codeSpan,
  sentence: markdownSentence,
  table: drawMarkdownTable,
  list: (lines) => lines.map((line) => `- ${line}`).join('\n'),
  maxRows: 200,
  hasBars: false,
  colors: picocolors.createColors(false),
};

/** Says of which there are how many; nothing if there are none. */
export function counted(count: number, what: string, text = ''): string[] {
  return count > 0 ? [`${plural(count, what)}${text}`] : [];
}

/** The first texts, and how many more there are. */
export function atMost(limit: number, texts: readonly string[], before = ''): string[] {
  const more = texts.length - limit;
  return [...texts.slice(0, limit), ...(more > 0 ? [`${before}${formatCount(more)} more`] : [])];
}

export function listed(texts: readonly string[], separator: string): string {
  return atMost(MAX_LISTED, texts).join(separator);
}

export function paragraphs(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n\n');
}

export function rowName(
  { name, service = '' }: { readonly name: string; readonly service?: string | undefined },
  several: boolean,
): string {
  return several && service !== '' ? `${name} (${service})` : name;
}

/** Nothing within a code span is read as Markdown, HTML, a mention or a link. */
function codeSpan(text: string, maxLength?: number): string {
  const content = shortLine(text, maxLength);
  if (content === '') return '';
  const runs = content.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(0, ...runs.map(({ length }) => length)) + 1);
  // One space at each end belongs to the span, not to its content.
  const space = /^[` ]|[` ]$/.test(content) ? ' ' : '';
  return `${fence}${space}${content}${space}${fence}`;
}

/** An invisible character that is no part of a name, so that nobody is notified and nothing linked. */
const WORD_JOINER = '\u2060';

/** Text between backticks is a name, and stays one. */
const NAMES = /(`[^`]+`)/;

function markdownSentence(text: string): string {
  return singleLine(text, MAX_SENTENCE_LENGTH)
    .trim()
    .split(NAMES)
    .map((part, at) => (at % 2 === 1 ? codeSpan(part.slice(1, -1)) : plainMarkdown(part)))
    .join('')
    .replace(/^(\d*)([-+.)])/, '$1\\$2'); // At the start it would begin a list.
}

function plainMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>&|~$]/g, '\\$&').replace(/[@#]/g, `$&${WORD_JOINER}`);
}
