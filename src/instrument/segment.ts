import { SpanKind, type Attributes, type Link, type Span } from '@opentelemetry/api';
import { requireFunction, requireName } from '../errors.js';
import { fields } from '../fields.js';
import { aBoolean, anObject, aValue, checkOptions, type Kind, type Shape } from '../options.js';
import { HOTSPAN_IDLE } from '../semconv.js';
import { holdIfStream } from './held-stream.js';
import { inSegment } from './in-span.js';

/** Options of {@link segment}. */
export interface SegmentOptions {
  /** Attributes of the span. */
  readonly attributes?: Attributes | undefined;
  /** OpenTelemetry's span kind. Default `SpanKind.INTERNAL`. */
  readonly kind?: SpanKind | undefined;
  /** Related spans that are not the parent. */
  readonly links?: Link[] | undefined;
  /**
   * `true` for a segment whose own time is no work: a session whose user thinks, a worker that waits for its next
   * job. The summary shows that time as idle, and what runs inside as ever. Default false.
   */
  readonly idle?: boolean | undefined;
  /**
   * `true` to run V8's CPU profiler during this segment, also after an `await`. The summary lists the
   * hottest functions, and the span names a `.cpuprofile` file for Chrome DevTools. docs/cpu-profile.md
   * says what that costs. Default: the setting of `startTracing({ cpuProfile })` or `HOTSPAN_CPU_PROFILE`.
   */
  readonly cpuProfile?: boolean | undefined;
}

const NO_OPTIONS: SegmentOptions = {};
export const SEGMENT_OPTIONS: Shape<SegmentOptions> = {
  attributes: anObject,
  kind: aValue('a SpanKind', (kind) => typeof SpanKind[kind as SpanKind] === 'string'),
  links: aValue(
    'a list of objects with a `context`',
    (links) =>
      Array.isArray(links) && links.every((link) => typeof fields(link).context === 'object'),
  ),
  idle: aBoolean,
  cpuProfile: aBoolean,
};

/**
 * Runs `fn` as a segment: a named unit of work, recorded as exactly one span.
 *
 * A segment inside `fn` becomes a child of this one, also after an `await` and in parallel branches.
 * The span ends when `fn` returns, throws, or its promise settles. Synchronous code stays synchronous.
 * A thrown value is recorded on the span and rethrown, the same object.
 *
 * A promise comes back as a plain promise that settles the same way, without the extra methods of a
 * subclass.
 *
 * If `fn` returns an asynchronous generator, a web stream, or the stream of a model's client, the segment goes on
 * until that is read to its end, broken off, or not read for a minute (5 s for its first item). What a generator
 * does belongs to the segment. The stream stays the same object. The body of any other generator runs after its
 * segment has ended, and so does what reads Node's own streams.
 *
 * `fn` also runs when no OpenTelemetry SDK is registered; nothing is recorded then.
 *
 * ```ts
 * import { segment } from 'hotspan';
 *
 * const words = segment('count words', () => 'to be or not to be'.split(' ').length);
 * const page = await segment('load', { attributes: { 'app.page': 7 } }, async (span) => {
 *   span.setAttribute('app.words', words);
 *   return `page of ${words} words`;
 * });
 * ```
 *
 * @param name a name for this kind of work; put ids and other varying data into attributes
 * @param fn the work; receives the span
 * @returns the result of `fn`
 * @throws TypeError when `name`, `fn` or an option is wrong; otherwise whatever `fn` throws
 */
export function segment<T>(name: string, fn: (span: Span) => T): T;
export function segment<T>(name: string, options: SegmentOptions, fn: (span: Span) => T): T;
export function segment<T>(
  name: string,
  optionsOrFn: SegmentOptions | ((span: Span) => T),
  maybeFn?: (span: Span) => T,
): T {
  // Not by `readArguments`, which makes an object.
  const isShort = typeof optionsOrFn === 'function' && maybeFn === undefined;
  const options = isShort ? NO_OPTIONS : (optionsOrFn as SegmentOptions);
  const fn = isShort ? optionsOrFn : (maybeFn as (span: Span) => T);
  requireName('segment', '`name`', name);
  requireFunction('segment', '`fn`', fn);
  if (!isShort && !areRight(options)) checkOptions('segment', options, SEGMENT_OPTIONS);
  return inSegment(name, options.idle === true ? idleOptions(options) : options, fn, holdIfStream);
}

function idleOptions(options: SegmentOptions): SegmentOptions {
  return { ...options, attributes: { ...options.attributes, [HOTSPAN_IDLE]: true } };
}

/** Takes apart `(name, options?, fn)`, and checks it. */
export function readArguments<Options extends object, Fn>(
  where: string,
  name: unknown,
  shape: Shape<Options>,
  first: Options | Fn | undefined,
  second?: Fn,
) {
  const isShort = typeof first === 'function' && second === undefined;
  const [options = {}, fn] = isShort ? [{}, first] : [first, second];
  requireName(where, '`name`', name);
  requireFunction(where, '`fn`', fn);
  checkOptions(where, options as Options, shape);
  return { options: options as Options, fn: fn as Fn };
}

/** Finds out fast that all is right, as it mostly is. */
function areRight(options: SegmentOptions): boolean {
  let isRight = false;
  for (const option in options) {
    const key = option as keyof SegmentOptions;
    isRight = (SEGMENT_OPTIONS[key] as Kind | undefined)?.accepts(options[key]) === true;
    if (!isRight) break;
  }
  return isRight;
}
