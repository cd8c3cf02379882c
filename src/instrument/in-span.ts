import {
  context,
  diag,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type SpanOptions,
} from '@opentelemetry/api';
import { errorFactsOf, messageOf } from '../error-facts.js';
import { nameWithoutSecrets } from '../secrets.js';
import * as semconv from '../semconv.js';
import { noteUnrecorded } from '../unrecorded.js';
import { startClock, type SpanClock } from './clock.js';
import { profilerFor } from './segment-profiler.js';
import { currentSlowDown } from './slow-down.js';
import type { SegmentOptions } from './segment.js';
import { currentTracer, registeredTracer } from './tracer.js';

/** Never throws. */
type OnValue = (value: unknown, name: string, span: Span, clock: SpanClock) => void;

/** Runs `body` in a new active span, which ends when `body` returns, throws, or its promise settles. */
export function inSpan<T>(
  name: string,
  start: SegmentOptions,
  body: (span: Span, clock: SpanClock) => T,
  onValue?: OnValue,
): T {
  const profiler = profilerFor(name, start.cpuProfile);
  if (profiler === undefined) return recordSpan(name, start, body, undefined, undefined, onValue);
  return profiler.profile(nameWithoutSecrets(name), start.attributes ?? {}, (file, run) => {
    const named = file === undefined ? {} : { [semconv.HOTSPAN_CPU_PROFILE_FILE]: file };
    const profiled = { ...start, attributes: { ...start.attributes, ...named } };
    const profiledBody = (span: Span, clock: SpanClock) => run(() => body(span, clock));
    return recordSpan(name, profiled, profiledBody, undefined, undefined, onValue);
  });
}

/**
 * The same for work that needs no clock: without a provider it costs little more than the work.
 *
 * @param onValue sees what a recorded span's work returned, or its promise brought, and may hold the span
 */
export function inSegment<T>(
  name: string,
  start: SegmentOptions,
  work: (span: Span) => T,
  onValue: OnValue,
): T {
  if (profilerFor(name, start.cpuProfile) !== undefined) {
    return inSpan(name, start, bodyOf(name, work), onValue);
  }
  const tracer = registeredTracer();
  if (tracer !== undefined) {
    return recordSpan(name, start, bodyOf(name, work), tracer, undefined, onValue);
  }
  const outer = context.active();
  const span = notRecorded(outer);
  return asPromise(context.with(trace.setSpan(outer, span), work, undefined, span));
}

/** Without the clock, which is not the user's. */
function bodyOf<T>(name: string, work: (span: Span) => T): (span: Span) => T {
  const slowDown = currentSlowDown();
  if (slowDown === undefined) return (span) => work(span);
  return (span) => slowDown.run(name, span, work);
}

/** The same for work of hotspan's own, which is never profiled, and may have begun before. */
export function recordSpan<T>(
  name: string,
  start: SegmentOptions,
  body: (span: Span, clock: SpanClock) => T,
  tracer = currentTracer(),
  clock = startClock(),
  onValue?: OnValue,
): T {
  const outer = context.active();
  const { attributes, kind, links } = start;
  let span: Span;
  try {
    const options = { attributes, kind, links, startTime: clock.start } as SpanOptions;
    span = tracer.startSpan(nameWithoutSecrets(name), options, outer);
  } catch (error) {
    // A sampler or a processor threw.
    quietly(() =>
      diag.warn(`hotspan: no span for ${nameWithoutSecrets(name)}: ${messageOf(error)}`),
    );
    span = notRecorded(outer);
  }
  const inner = trace.setSpan(outer, span);
  const toldBefore = blockedMillisTold;
  if (!span.isRecording()) {
    // Without a provider the span has the context of a caller, or none.
    if (isSpanContextValid(span.spanContext()) && registeredTracer() !== undefined) {
      noteUnrecorded();
    }
    return asPromise(context.with(inner, body, undefined, span, clock));
  }

  let result: T;
  try {
    result = context.with(inner, body, undefined, span, clock);
  } catch (error) {
    tellBlocked(span, clock, toldBefore);
    endWithError(span, clock, error);
    throw error;
  }
  if (!isPromiseLike(result)) {
    onValue?.(result, name, span, clock);
    tellBlocked(span, clock, toldBefore);
    endSpan(span, clock);
    return result;
  }
  // A thenable may be lazy, and return nothing from `then`: it is asked once, by the promise.
  return Promise.resolve(result).then(
    (value) => {
      onValue?.(value, name, span, clock);
      endSpan(span, clock);
      return value;
    },
    (error: unknown) => {
      endWithError(span, clock, error);
      throw error;
    },
  ) as T;
}

/** A shorter time delays nobody noticeably, however often. */
const MIN_BLOCKED_MILLIS = 1;

let blockedMillisTold = 0;

/** Without what spans inside have told since `toldBefore`, the value when this span started. */
function tellBlocked(span: Span, clock: SpanClock, toldBefore: number): void {
  if (clock.isHeld || !span.isRecording()) return;
  // Stopped, so that the span ends at the same reading.
  clock.stop();
  const own = clock.lengthSeconds() * 1000 - (blockedMillisTold - toldBefore);
  if (own < MIN_BLOCKED_MILLIS) return;
  blockedMillisTold += own;
  quietly(() => span.setAttribute(semconv.HOTSPAN_EVENT_LOOP_BLOCKED, own / 1000));
}

/** Passes on the context of a caller, as the API's own tracer does. */
function notRecorded(parent: Context): Span {
  return trace.wrapSpanContext(trace.getSpanContext(parent) ?? INVALID_SPAN_CONTEXT);
}

/** An error, which may be any value, also `undefined`. */
export interface Failure {
  readonly error: unknown;
}

export type EndSpan = (failure?: Failure) => void;

/** Keeps the span of an {@link inSpan} open after its body is done, unless that fails. */
export function holdSpan(span: Span, clock: SpanClock): EndSpan {
  clock.isHeld = true;
  return (failure) => {
    clock.isHeld = false;
    if (failure === undefined) endSpan(span, clock);
    else endWithError(span, clock, failure.error);
  };
}

function endSpan(span: Span, clock: SpanClock): void {
  // Not by `quietly`, which would need a closure for every span.
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

export function markFailed(span: Span, clock: SpanClock, error: unknown): void {
  quietly(() => {
    const facts = errorFactsOf(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: facts.message });
    span.setAttribute(semconv.ERROR_TYPE, facts.name);
    span.recordException(facts, clock.now());
  });
}

/** Runs telemetry work and ignores its errors: it must not break the user's code. */
export function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // There is nobody to tell.
  }
}

/** A span that is not recorded must return the same kind of promise. */
function asPromise<T>(result: T): T {
  return isPromiseLike(result) ? (Promise.resolve(result) as T) : result;
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    // A getter that throws.
    return false;
  }
}

/** The warnings on each span, since setting an attribute again replaces it. */
const written = new WeakMap<Span, readonly string[]>();

export function addWarnings(span: Span, warnings: readonly string[]): void {
  // All spans that are not recorded may be the same object.
  if (warnings.length === 0 || !span.isRecording()) return;
  const all = [...(written.get(span) ?? []), ...warnings];
  written.set(span, all);
  span.setAttribute(semconv.HOTSPAN_WARNING, all);
}
