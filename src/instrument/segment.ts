import { SpanKind, type Attributes, type Link, type Span } from '@opentelemetry/api';
import {
  requireFunction,
  requireName,
  requireObject,
  requireOptions,
  wrongUse,
} from '../errors.js';
import { inSegment } from './in-span.js';

/** What can be said of a segment when it starts. */
export interface SegmentOptions {
  /** Attributes of the span. */
  readonly attributes?: Attributes | undefined;
  /** OpenTelemetry's span kind. Default `SpanKind.INTERNAL`. */
  readonly kind?: SpanKind | undefined;
  /** Spans that this one has to do with and that are not its parent. */
  readonly links?: Link[] | undefined;
  /**
   * Whether V8's profiler looks at what runs inside, also after an `await`: the functions are in the
   * summary, and a `.cpuprofile` file for Chrome DevTools is named on the span. What that costs
   * is in docs/cpu-profile.md. Default: as `startTracing({ cpuProfile })` or `HOTSPAN_CPU_PROFILE` say.
   */
  readonly cpuProfile?: boolean | undefined;
}

const NO_OPTIONS: SegmentOptions = {};
const OPTIONS = ['attributes', 'kind', 'links', 'cpuProfile'] as const;

/**
 * Runs `fn` as a segment: a named unit of work, recorded as exactly one span.
 *
 * Segments nest by async context, so a segment inside `fn` is a child of this one, also after an
 * `await` and in parallel branches. The span ends when `fn` returns, throws, or its promise settles;
 * a value thrown is recorded on it and comes out as the same object. Sync stays sync. A promise
 * comes out as a promise that settles the same way, to be awaited like the first; the extra methods of
 * a subclass do not. A generator is not followed: wrap what its body does.
 *
 * Without a registered OpenTelemetry SDK `fn` runs just the same and nothing is recorded.
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
 * @param name what the work is called; few different names, ids belong into attributes
 * @param fn gets the span
 * @returns what `fn` returns
 * @throws TypeError when `name` or `fn` is missing or an option is unknown; else what `fn` throws
 */
export function segment<T>(name: string, fn: (span: Span) => T): T;
export function segment<T>(name: string, options: SegmentOptions, fn: (span: Span) => T): T;
export function segment<T>(
  name: string,
  optionsOrFn: SegmentOptions | ((span: Span) => T),
  maybeFn?: (span: Span) => T,
): T {
  // Told apart here, without an object for every segment.
  const isShort = typeof optionsOrFn === 'function' && maybeFn === undefined;
  const options = isShort ? NO_OPTIONS : (optionsOrFn as SegmentOptions);
  const fn = isShort ? optionsOrFn : (maybeFn as (span: Span) => T);
  checkSegment('segment', name, options, fn);
  return inSegment(name, options, fn);
}

/** Tells apart `(fn)` and `(options, fn)`. */
export function splitArguments<Options, Fn>(
  optionsOrFn: Options | Fn,
  maybeFn: Fn | undefined,
): { options: Options; fn: Fn } {
  return typeof optionsOrFn === 'function' && maybeFn === undefined
    ? { options: {} as Options, fn: optionsOrFn as Fn }
    : { options: optionsOrFn as Options, fn: maybeFn as Fn };
}

/** Throws on wrong arguments of a segment. */
export function checkSegment(
  where: string,
  name: unknown,
  options: SegmentOptions | undefined,
  fn: unknown,
): void {
  requireName(where, '`name`', name);
  requireFunction(where, '`fn`', fn);
  requireOptions(where, options, OPTIONS);
  if (options === undefined) return;
  const { attributes, kind, links, cpuProfile } = options;
  requireObject(where, '`attributes`', attributes);
  if (kind !== undefined && typeof SpanKind[kind] !== 'string') {
    throw wrongUse(where, '`kind` to be a SpanKind', kind);
  }
  if (cpuProfile !== undefined && typeof cpuProfile !== 'boolean') {
    throw wrongUse(where, '`cpuProfile` to be true or false', cpuProfile);
  }
  if (links !== undefined && !isListOfLinks(links)) {
    throw wrongUse(where, '`links` to be a list of objects with a `context`', links);
  }
}

function isListOfLinks(links: unknown): boolean {
  return (
    Array.isArray(links) &&
    links.every((link: Partial<Link> | null | undefined) => typeof link?.context === 'object')
  );
}
