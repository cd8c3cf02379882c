import type { Span } from '@opentelemetry/api';
import { requireCount, requireFunction, requireOptions, wrongUse } from '../errors.js';
import { GEN_AI_INPUT_MESSAGES, GEN_AI_OUTPUT_MESSAGES, HOTSPAN_WARNING } from '../semconv.js';
import type { Message, MessagePart } from './message-parts.js';
import { inputMessages, outputMessages } from './read-messages.js';
import { StreamMessages } from './stream-messages.js';

/** How the messages of an LLM call are recorded. */
export interface RecordMessagesOptions {
  /**
   * Characters that are recorded of the input, and as many of the output. Of a longer input the newest
   * messages are kept; what is cut off ends with "…". Default 4,000.
   */
  readonly maxLength?: number | undefined;
  /**
   * Gets every text before it is cut off (contents, reasoning, arguments and results of tools), and
   * gives what is recorded in its place. When it throws, or gives no string, that input or output is
   * not recorded, and the summary has a warning. Default: texts as they are.
   */
  redact?(this: void, text: string): string;
}

const OPTIONS = ['maxLength', 'redact'] as const;
const DEFAULT_MAX_LENGTH = 4_000;
/** Short ones by the thousand would make the attribute large, too. */
const MAX_PARTS = 200;
const FAILED = 'the messages of an LLM call could not be recorded';

/** Throws unless `value` is absent, true, false, or options that are right. */
export function checkRecordMessages(where: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  if (value === null || typeof value !== 'object') {
    throw wrongUse(where, '`recordMessages` to be true, false or an object', value);
  }
  requireOptions(`${where}: recordMessages`, value, OPTIONS);
  const { maxLength, redact } = value as RecordMessagesOptions;
  requireCount(where, '`recordMessages.maxLength`', maxLength);
  if (redact !== undefined) requireFunction(where, '`recordMessages.redact`', redact);
}

/** Writes what a model was asked, and what it answered, on the span of the call. Never throws. */
export class MessageRecorder {
  readonly #span: Span;
  readonly #options: RecordMessagesOptions;

  constructor(span: Span, options: true | RecordMessagesOptions) {
    this.#span = span;
    this.#options = options === true ? {} : options;
  }

  /** Records what is asked. */
  input(input: unknown): void {
    // The newest come first, and stay.
    const make = () => shorten(inputMessages(input).toReversed(), this.#options).toReversed();
    record(this.#span, GEN_AI_INPUT_MESSAGES, make);
  }

  /** Records what a response answers. */
  output(response: unknown): void {
    this.#output(() => outputMessages(response));
  }

  /** What is to see the items of a stream, and then to be given to {@link streamed}. */
  followStream(): StreamMessages {
    return new StreamMessages();
  }

  /** Records what a stream answered. */
  streamed(messages: StreamMessages): void {
    this.#output(() => messages.messages());
  }

  #output(read: () => Message[]): void {
    record(this.#span, GEN_AI_OUTPUT_MESSAGES, () => shorten(read(), this.#options));
  }
}

function record(span: Span, name: string, make: () => Message[]): void {
  try {
    const messages = make();
    // The conventions have them as JSON where an attribute cannot be an object.
    if (messages.length > 0) span.setAttribute(name, JSON.stringify(messages));
  } catch {
    // What was thrown may quote what is private.
    span.setAttribute(HOTSPAN_WARNING, [FAILED]);
  }
}

/** The first messages, as far as there is room; at least one is kept, if shortened. */
function shorten(messages: readonly Message[], options: RecordMessagesOptions): Message[] {
  const { maxLength = DEFAULT_MAX_LENGTH, redact = (text: string) => text } = options;
  let left = maxLength;
  let partsLeft = MAX_PARTS;
  const cut = (text: string) => {
    const redacted: unknown = redact(text);
    if (typeof redacted !== 'string') throw new TypeError('expected `redact` to give a string');
    const room = Math.max(left, 0);
    left -= redacted.length;
    // Not through the middle of a character.
    return redacted.length <= room
      ? redacted
      : `${redacted.slice(0, room).replace(/[\uD800-\uDBFF]$/, '')}…`;
  };
  const shortened: Message[] = [];
  for (const message of messages) {
    if (left <= 0 || partsLeft <= 0) break;
    const parts: MessagePart[] = [];
    for (const part of message.parts) {
      if (left <= 0 || partsLeft <= 0) break;
      partsLeft -= 1;
      parts.push(withTexts(part, cut));
    }
    shortened.push({ ...message, parts });
  }
  return shortened;
}

function withTexts(part: MessagePart, change: (text: string) => string): MessagePart {
  const { content, arguments: args, response } = part;
  return {
    ...part,
    ...(content === undefined ? {} : { content: change(content) }),
    ...(args === undefined ? {} : { arguments: change(args) }),
    ...(response === undefined ? {} : { response: change(response) }),
  };
}
