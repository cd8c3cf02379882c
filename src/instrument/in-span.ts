import {
  context,
  diag,
  INVALID_SPAN_CONTEXT,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type SpanKind,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import { ERROR_TYPE, HOTSPAN_CPU_PROFILE_FILE, HOTSPAN_EVENT_LOOP_BLOCKED } from '../semconv.js';
import { startClock, type SpanClock } from './clock.js';
import { errorFactsOf } from '../error-facts.js';
import { profilerFor } from './segment-profiler.js';
import { currentTracer, registeredTracer } from './tracer.js';

/** What a span starts with. */
export interface SpanStart {
  readonly attributes?: Attributes | undefined;
  readonly kind?: SpanKind | undefined;
  readonly links?: Link[] | undefined;
  /** Whether what runs inside is profiled. Default: as the process is set up. */
  readonly cpuProfile?: boolean | undefined;
}

/**
 * Runs `body` inside a new span that is active meanwhile, and ends the span when `body` returns,
 * throws, or its promise settles. What `body` returns or throws comes out unchanged; a promise comes
 * out as one that settles the same way.
 *
 * @param body may stop the span's clock, when what it does after that is not the user's work, or keep
 *   the span open with {@link holdSpan}
 */
export function inSpan<T>(
  name: string,
  start: SpanStart,
  body: (span: Span, clock: SpanClock) => T,
): T {
  const profiler = profilerFor(name, start.cpuProfile);
  if (profiler === undefined) return recordSpan(name, start, body);
  return profiler.profile(name, start.attributes ?? {}, (file, run) => {
    const named = file === undefined ? {} : { [HOTSPAN_CPU_PROFILE_FILE]: file };
    const profiled = { ...start, attributes: { ...start.attributes, ...named } };
    return recordSpan(name, profiled, (span, clock) => run(() => body(span, clock)));
  });
}

/**
 * As {@link inSpan}, for work that needs no clock: where no provider is registered it costs hardly more
 * than the call of `work`.
 */
export function inSegment<T>(name: string, start: SpanStart, work: (span: Span) => T): T {
  if (profilerFor(name, start.cpuProfile) !== undefined) {
    return inSpan(name, start, (span) => work(span));
  }
  const tracer = registeredTracer();
  if (tracer !== undefined) return recordSpan(name, start, (span) => work(span), tracer);
  const outer = context.active();
  const span = notRecorded(outer);
  return asPromise(context.with(trace.setSpan(outer, span), work, undefined, span));
}

function recordSpan<T>(
  name: string,
  start: SpanStart,
  body: (span: Span, clock: SpanClock) => T,
  tracer: Tracer = currentTracer(),
): T {
  const outer = context.active();
  const clock = startClock();
  const span = startSpan(tracer, name, start, clock, outer);
  const inner = trace.setSpan(outer, span);
  const toldBefore = blockedMillisTold;
  if (!span.isRecording()) return asPromise(context.with(inner, body, undefined, span, clock));

  let result: T;
  try {
    result = context.with(inner, body, undefined, span, clock);
  } catch (error) {
    tellBlocked(span, clock, toldBefore);
    endWithError(span, clock, error);
    throw error;
  }
  if (!isPromiseLike(result)) {
    tellBlocked(span, clock, toldBefore);
    endSpan(span, clock);
    return result;
  }
  // A thenable may be lazy, and return nothing from `then`: it is asked once, by the promise.
  return Promise.resolve(result).then(
    (value) => {
      endSpan(span, clock);
      return value;
    },
    (error: unknown) => {
      endWithError(span, clock, error);
      throw error;
    },
  ) as T;
}

/** Shorter ones do not hold up anybody. */
const MIN_BLOCKED_MILLIS = 20;

/** How long the spans that ended so far were told to have blocked the event loop. */
let blockedMillisTold = 0;

/**
 * What was not asynchronous held up everything else. Only the innermost span tells of it.
 *
 * @param toldBefore what had been told when the span started: all since then ran inside it
 */
function tellBlocked(span: Span, clock: SpanClock, toldBefore: number): void {
  if (clock.isHeld || !span.isRecording()) return;
  // The end of the span, so that the clock is read once.
  clock.stop();
  const [seconds, nanos] = clock.end();
  const total = (seconds - clock.start[0]) * 1000 + (nanos - clock.start[1]) / 1e6;
  const own = total - (blockedMillisTold - toldBefore);
  if (own < MIN_BLOCKED_MILLIS) return;
  blockedMillisTold += own;
  quietly(() => span.setAttribute(HOTSPAN_EVENT_LOOP_BLOCKED, own / 1000));
}

/** A sampler or a processor of somebody else may throw: then there is no span, and no harm. */
function startSpan(
  tracer: Tracer,
  name: string,
  start: SpanStart,
  clock: SpanClock,
  parent: Context,
): Span {
  try {
    const { attributes, kind, links } = start;
    const options = { attributes, kind, links, startTime: clock.start } as SpanOptions;
    return tracer.startSpan(name, options, parent);
  } catch (error) {
    quietly(() => diag.warn(`hotspan: no span for ${name}: ${errorFactsOf(error).message}`));
    return notRecorded(parent);
  }
}

/** As the API's own tracer does it: a context that came from elsewhere goes on to others. */
function notRecorded(parent: Context): Span {
  return trace.wrapSpanContext(trace.getSpanContext(parent) ?? INVALID_SPAN_CONTEXT);
}

/** Ends a span that was kept open; with an error, if there is one. */
export type EndSpan = (failure?: { readonly error: unknown }) => void;

/** Keeps the span of an {@link inSpan} open when its body is done, unless that fails. */
export function holdSpan(span: Span, clock: SpanClock): EndSpan {
  clock.isHeld = true;
  return (failure) => {
    clock.isHeld = false;
    if (failure === undefined) endSpan(span, clock);
    else endWithError(span, clock, failure.error);
  };
}

function endSpan(span: Span, clock: SpanClock): void {
  // As `quietly` does, but without a closure for every span.
  try {
    // The user may have ended it already.
    if (span.isRecording() && !clock.isHeld) span.end(clock.end());
  } catch {
    // There is nobody to tell.
  }
}

function endWithError(span: Span, clock: SpanClock, error: unknown): void {
  clock.isHeld = false;
  markFailed(span, clock, error);
  endSpan(span, clock);
}

/** Writes on a span that its work failed. */
export function markFailed(span: Span, clock: SpanClock, error: unknown): void {
  quietly(() => {
    const facts = errorFactsOf(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: facts.message });
    span.setAttribute(ERROR_TYPE, facts.name);
    span.recordException(facts, clock.now());
  });
}

/** Runs what only telemetry needs: it must not break its host. */
export function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // There is nobody to tell: the span is lost, the user's code goes on.
  }
}

/** The same kind of result whether or not a span is recorded: sampling must not change what comes out. */
function asPromise<T>(result: T): T {
  return isPromiseLike(result) ? (Promise.resolve(result) as T) : result;
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    // A value that does not let itself be asked comes out as it is.
    return false;
  }
}
