import type { Span } from '@opentelemetry/api';
import { addWarnings } from '../instrument/in-span.js';
import { aCount, aFunction, type Shape } from '../options.js';
import { GEN_AI_INPUT_MESSAGES, GEN_AI_OUTPUT_MESSAGES } from '../semconv.js';
import { defined } from '../sums.js';
import { inputMessages, type Message, type MessagePart } from './messages.js';

/** How the messages of an LLM call are recorded. */
export interface RecordMessagesOptions {
  /**
   * The most characters to record of the input, and as many of the output. The newest messages of a longer
   * input are kept. A text that is cut ends with "…". Default 4,000.
   */
  readonly maxLength?: number | undefined;
  /**
   * Replaces each text before it is cut: contents, reasoning, and the arguments and results of tools. If
   * it throws, or does not return a string, nothing of that input or output is recorded, and the summary
   * has a warning. Default: texts stay as they are.
   */
  redact?(this: void, text: string): string;
}

export const RECORD_OPTIONS: Shape<RecordMessagesOptions> = {
  maxLength: aCount,
  redact: aFunction,
};

export function recordInput(span: Span, options: RecordMessagesOptions, input: unknown): void {
  record(span, GEN_AI_INPUT_MESSAGES, () =>
    // The newest come first, and stay.
    shorten(inputMessages(input).toReversed(), options).toReversed(),
  );
}

export function recordOutput(
  span: Span,
  options: RecordMessagesOptions,
  read: () => Message[],
): void {
  record(span, GEN_AI_OUTPUT_MESSAGES, () => shorten(read(), options));
}

function record(span: Span, name: string, make: () => Message[]): void {
  try {
    const messages = make();
    // As JSON, since an attribute cannot be an object.
    if (messages.length > 0) span.setAttribute(name, JSON.stringify(messages));
  } catch {
    // The error may quote private data.
    addWarnings(span, ['the messages of an LLM call could not be recorded']);
  }
}

const TEXTS = ['content', 'arguments', 'response'] as const;
/** Thousands of short parts would make the attribute large, too. */
const MAX_PARTS = 200;

/** Keeps the first messages, as far as there is room; at least the start of the first one. */
function shorten(messages: readonly Message[], options: RecordMessagesOptions): Message[] {
  const { maxLength = 4_000, redact = (text: string) => text } = options;
  let left = maxLength;
  let partsLeft = MAX_PARTS;
  const cut = (text: string) => {
    const redacted: unknown = redact(text);
    if (typeof redacted !== 'string') throw new TypeError('expected `redact` to return a string');
    const room = Math.max(left, 0);
    left -= redacted.length;
    // Not through the middle of a character.
    return redacted.length <= room
      ? redacted
      : `${redacted.slice(0, room).replace(/[\uD800-\uDBFF]$/, '')}…`;
  };
  const isFull = () => left <= 0 || partsLeft <= 0;
  const shortened: Message[] = [];
  for (const message of messages) {
    if (isFull()) break;
    const parts: MessagePart[] = [];
    for (const part of message.parts) {
      if (isFull()) break;
      partsLeft -= 1;
      const texts = TEXTS.map((key) => [key, part[key] === undefined ? undefined : cut(part[key])]);
      parts.push({ ...part, ...defined(Object.fromEntries(texts) as Partial<MessagePart>) });
    }
    shortened.push({ ...message, parts });
  }
  return shortened;
}
