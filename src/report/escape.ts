import { printable } from '../format.js';

/** How text from outside is made safe for what it is put into. */
export interface Escape {
  /** A name: of a service, segment, model or error. */
  readonly name: (text: string, maxLength?: number) => string;
  /** A sentence for people, which may hold names. */
  readonly sentence: (text: string) => string;
}

const MAX_SENTENCE_LENGTH = 500;

/** For a terminal. */
export const FOR_TERMINAL: Escape = {
  name: printable,
  sentence: (text) => printable(text, MAX_SENTENCE_LENGTH),
};

/** For Markdown as GitHub reads it; a table has to escape its vertical bars as well. */
export const FOR_MARKDOWN: Escape = { name: codeSpan, sentence: markdownSentence };

/** Nothing within a code span is read as Markdown, HTML, a mention or a link. */
function codeSpan(text: string, maxLength?: number): string {
  const content = printable(text, maxLength);
  if (content === '') return '';
  const runs = content.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(0, ...runs.map(({ length }) => length)) + 1);
  // One space at each end belongs to the span, not to its content.
  const space = /^[` ]|[` ]$/.test(content) ? ' ' : '';
  return `${fence}${space}${content}${space}${fence}`;
}

/** An invisible character that is no part of a name, so that nobody is notified and nothing linked. */
const WORD_JOINER = '\u2060';

/** What stands between backticks is a name, and stays one. */
const NAMES = /(`[^`]+`)/;

function markdownSentence(text: string): string {
  return printable(text, MAX_SENTENCE_LENGTH)
    .trim()
    .split(NAMES)
    .map((part, at) => (at % 2 === 1 ? codeSpan(part.slice(1, -1)) : plainMarkdown(part)))
    .join('')
    .replace(/^(\d*)([-+.)])/, '$1\\$2'); // Where it stands first it would begin a list.
}

function plainMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>&|~$]/g, '\\$&').replace(/[@#]/g, `$&${WORD_JOINER}`);
}
