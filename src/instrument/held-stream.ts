import { context, trace, type Context, type Span } from '@opentelemetry/api';
import type { SpanClock } from './clock.js';
import { followIterable, type FollowedItems } from './follow-iterable.js';
import { holdSpan, quietly, type EndSpan, type Failure } from './in-span.js';
import { StreamTurns } from './stream-turns.js';
import { watchStream, type WatchedBody } from './watch-stream.js';

/** A stream whose reader does not ask for its first item, or its next, for so long is taken to be abandoned. */
const FIRST_MILLIS = 5_000;
const NEXT_MILLIS = 60_000;
const CHECK_MILLIS = 2_500;

/**
 * Holds the span of a segment that returned a stream open, until that is read to its end, broken off, or abandoned.
 * The stream stays the same object, and nothing is read ahead. Other results are left alone. Never throws.
 */
export function holdIfStream(result: unknown, name: string, span: Span, clock: SpanClock): void {
  if (typeof result !== 'object' || result === null) return;
  try {
    if ((result as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === undefined) return;
    // Node's own streams and what else has events (sockets, cursors) are often not read here, or never end.
    if ('on' in result || !span.isRecording()) return;
    const isWeb = result instanceof ReadableStream;
    if (isWeb ? result.locked || !Object.isExtensible(result) : !mayEnd(result)) return;
    const held = new HeldStream(name, span, clock);
    if (isWeb) watchStream(result, held.expectAhead());
    else if (!followIterable(result, held)) return;
    held.hold();
  } catch {
    // A getter that throws.
  }
}

/** Not so what has an iterator made by hand, such as that of `events.on`. */
function mayEnd(result: object): boolean {
  return !('next' in result) || Reflect.get(result, Symbol.toStringTag) === 'AsyncGenerator';
}

class HeldStream implements FollowedItems, WatchedBody<unknown> {
  readonly #context: Context;
  readonly #turns: StreamTurns;
  #pace: 'asked' | 'ahead' = 'asked';
  #endSpan: EndSpan | undefined;
  #seenMillis = performance.now();
  #waiting = 0;
  #limitMillis = FIRST_MILLIS;

  /** To be made in the context around the segment. */
  constructor(
    name: string,
    private readonly span: Span,
    private readonly clock: SpanClock,
  ) {
    this.#context = trace.setSpan(context.active(), span);
    this.#turns = new StreamTurns(name, clock, trace.getActiveSpan()?.spanContext().spanId);
  }

  hold(): void {
    this.#endSpan = holdSpan(this.span, this.clock);
    held.add(this);
    timer ??= setInterval(endAbandoned, CHECK_MILLIS).unref();
  }

  expectAhead(): this {
    this.#pace = 'ahead';
    return this;
  }

  pull<T>(next: () => PromiseLike<T>): Promise<T> {
    this.#waiting += 1;
    this.#turns.onPull();
    // What runs inside the stream is inside the segment.
    return context.with(this.#context, next) as Promise<T>;
  }

  stopped(): undefined {
    return undefined;
  }

  onItem(): void {
    this.#turns.onItem();
    this.#waiting = Math.max(0, this.#waiting - 1);
    this.#limitMillis = NEXT_MILLIS;
    this.#seenMillis = performance.now();
  }

  onChunk(): void {
    this.onItem();
  }

  onEnd(failure?: Failure): undefined {
    if (this.#endSpan === undefined) return;
    held.delete(this);
    if (held.size === 0 && timer !== undefined) {
      clearInterval(timer);
      timer = undefined;
    }
    this.clock.stop();
    // Also what a span of another tracer throws must not reach the reader.
    quietly(() => this.span.setAttributes(this.#turns.attributes(this.#pace)));
    const end = this.#endSpan;
    this.#endSpan = undefined;
    end(failure);
  }

  onError(error: unknown): void {
    this.onEnd({ error });
  }

  /** It ends where it was last read. */
  onLost(): void {
    this.clock.stop(this.#seenMillis);
    this.onEnd();
  }

  isAbandoned(presentMillis: number): boolean {
    return this.#waiting === 0 && presentMillis - this.#seenMillis > this.#limitMillis;
  }
}

const held = new Set<HeldStream>();
let timer: NodeJS.Timeout | undefined;

function endAbandoned(): void {
  const presentMillis = performance.now();
  for (const stream of held) if (stream.isAbandoned(presentMillis)) stream.onLost();
}
