import { fields, isObject, text, type Fields } from '../fields.js';
import { findReport, type Found } from './find-report.js';
import { sumRequests } from './sum-requests.js';
import { keysOf, peek } from './unknown-object.js';
import { isUnreadStream, joined, readReports, type UsageReading } from './usage.js';
import { aroundNames } from './usage-names.js';

export interface ResponseFacts {
  readonly model: string | undefined;
  readonly id: string | undefined;
  readonly finishReasons: readonly string[];
}

/** Never throws. */
export function readResponse(response: unknown): ResponseFacts {
  const { model, id, finishReasons } = findReport(isUnreadStream(response) ? {} : response);
  return { model, id, finishReasons };
}

export function finishReasonsOf(response: unknown): string[] {
  return findReport(response).finishReasons;
}

/** With these a request ends, and its usage is whole; others may follow in the same stream. */
const ENDS: ReadonlySet<unknown> = new Set([
  ...['finish-step', 'step-finish', 'response_done', 'response.done'],
]);

/** These tell the sum of all requests. */
const SUMS: ReadonlySet<unknown> = new Set(['finish', 'result']);

/** How many requests are kept one by one before they are added up. */
const MAX_ENDED = 200;

/** Reads the items of a stream, whatever client makes them; keeps none of their content. Does not throw. */
export class StreamReader {
  #model: string | undefined;
  #id: string | undefined;
  #report: Fields | undefined;
  #around: Fields = {};
  /** A report that throws. */
  #closed: unknown;
  /** What was read of the requests that are over, if the stream has several. */
  #ended: UsageReading[] = [];
  readonly #finishReasons = new Set<string>();
  /** Why the tokens that are known so far are not all. */
  #open: string | undefined;
  /** The error that an item reported, which some clients do not throw. */
  failure: { readonly error: unknown } | undefined;

  see(item: unknown): void {
    if (!isObject(item)) return;
    const found = findReport(item);
    const type = peek(item, 'type');
    if (found.model !== undefined) this.#model = found.model;
    // Parts of the AI SDK have ids of their own.
    if (type === undefined) this.#id = found.id ?? this.#id;
    else for (const name of ['message', 'response']) this.#setId(peek(item, name));
    for (const reason of found.finishReasons) this.#finishReasons.add(reason);
    if (type === 'error') this.failure = { error: peek(item, 'error') ?? item };
    if (type === 'response.failed')
      this.failure = { error: peek(peek(item, 'response'), 'error') ?? item };
    if (type === 'start-step') this.#open = RUNNING;
    if (found.report !== undefined) this.#keep(found, type, peek(peek(item, 'data'), 'type'));
  }

  /** The next items belong to another request. */
  endRequest(): void {
    if (this.#report !== undefined) this.#end(this.#current());
    this.#report = undefined;
    this.#around = {};
    this.#open = undefined;
  }

  usage(): UsageReading {
    const isOne = this.#ended.length === 0;
    const rest = this.#report === undefined ? [] : [this.#current()];
    const reading = isOne ? this.#current() : joined([...this.#ended, ...rest]);
    const isOver = this.#finishReasons.size > 0 && this.#open !== PLACEHOLDER;
    const isRead = Object.keys(reading.usage).length > 0;
    if (this.#open === undefined || isOver || !isRead) return reading;
    const excludes = [...(reading.excludes ?? []), 'output'];
    return { ...reading, warnings: [...reading.warnings, this.#open], excludes };
  }

  facts(): ResponseFacts {
    return { model: this.#model, id: this.#id, finishReasons: [...this.#finishReasons] };
  }

  /** A session may have thousands of answers. */
  #end(reading: UsageReading): void {
    this.#ended.push(reading);
    if (this.#ended.length < MAX_ENDED) return;
    const all = joined(this.#ended);
    this.#ended = [{ ...all, requests: sumRequests(all.requests) }];
  }

  #setId(from: unknown): void {
    this.#id = text(peek(from, 'id')) ?? this.#id;
  }

  #current(): UsageReading {
    const report = this.#closed ?? this.#report;
    return readReports([{ report, holder: this.#around, model: this.#model }]);
  }

  #keep(found: Found, type: unknown, innerType: unknown): void {
    if (ENDS.has(type) || ENDS.has(innerType) || found.isBatch === true) {
      // The requests of a batch may go to several models.
      this.#end(
        readReports([found.isBatch === true ? { ...found, ownModel: found.model } : found]),
      );
      this.#open = undefined;
      return;
    }
    if (SUMS.has(type) && this.#ended.length > 0) return;
    const { report, holder, choices = 0 } = found;
    const known = copyKnown(report);
    if (known === undefined) this.#closed = report;
    if (known === undefined || Object.keys(known).length === 0) return;
    if (type === 'message_start') {
      this.endRequest();
      // Anthropic's first count of the output is no count.
      delete known.output_tokens;
      this.#open = PLACEHOLDER;
    } else if (this.#open === PLACEHOLDER) this.#open = undefined;
    else if (choices > 0) this.#open = RUNNING;
    // Chunks of LangChain tell what they add; others tell all so far.
    const join = found.reportName === 'usage_metadata' ? add : Math.max;
    this.#report = merged(this.#report ?? {}, known, join);
    this.#around = { ...this.#around, ...copyKnown(holder, (key) => aroundNames().has(key)) };
  }
}

const PLACEHOLDER = 'an LLM stream ended before it told its output tokens: they are unknown';
const RUNNING = 'an LLM stream ended before its last token usage: its tokens are those so far';

const add = (a: number, b: number) => a + b;

type Join = (a: number, b: number) => number;

/** Completes an earlier report with a later one. */
function merged(earlier: Fields, later: Fields, join: Join, depth = 0): Fields {
  const all: Record<string, unknown> = { ...earlier };
  for (const [key, value] of Object.entries(later)) {
    const known = all[key];
    if (typeof value === 'number' && typeof known === 'number') all[key] = join(known, value);
    else if (join === add && depth === 0 && isObject(known)) {
      all[key] = merged(copyKnown(known) ?? {}, copyKnown(value) ?? {}, join, 1);
    } else all[key] = value;
  }
  return all;
}

/** Returns the fields that have a value; `undefined` if one cannot be read. */
function copyKnown(
  value: unknown,
  isWanted: (key: string) => boolean = () => true,
): Record<string, unknown> | undefined {
  const known: Record<string, unknown> = {};
  try {
    for (const key of keysOf(value)) {
      const told = isWanted(key) ? fields(value)[key] : undefined;
      if (told !== undefined && told !== null) known[key] = told;
    }
    return known;
  } catch {
    return undefined;
  }
}
