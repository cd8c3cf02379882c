import { trace, type Context } from '@opentelemetry/api';
import { parentOf, type SdkSpan } from '../processor/sdk-span.js';
import * as semconv from '../semconv.js';
import { isModelCall } from '../trace/call-kind.js';
import type { HeldUp, Moment } from './held-up.js';
import type { Period } from './schedule.js';

/** A local root, while it runs. */
export interface Request {
  readonly root: object;
  readonly startMillis: number;
  /** Absent if it began too near to a change of periods. */
  readonly period: Period | undefined;
  delayMillis: number;
  /** A row of the experiment began in it. */
  hasRow: boolean;
}

/** A span that a row may hold up. */
interface Call {
  readonly heldUp: HeldUp;
  readonly startMillis: number;
  readonly moment: Moment;
  isLeaf: boolean;
}

/** The request that a span is part of, and whether it is a model call or an attempt, or inside one. */
interface Place {
  readonly request: Request;
  readonly isProtected: boolean;
  readonly call: Call | undefined;
}

const PLACE = Symbol('hotspan experiment');
type Tagged = Partial<Record<typeof PLACE, Place>>;

export function placeOf(span: object | undefined): Place | undefined {
  return (span as Tagged | undefined)?.[PLACE];
}

/**
 * Gives a span that starts its place, if it is in a request.
 *
 * @param heldUp what is known, in this period, of who is held up
 */
export function setPlace(
  span: SdkSpan,
  parentContext: Context,
  open: () => Request,
  heldUp: (nowMillis: number) => HeldUp | undefined,
): void {
  const parent = parentOf(span, parentContext);
  const isRoot = parent === undefined || parent.isRemote === true;
  const around = isRoot ? undefined : placeOf(trace.getSpan(parentContext));
  if (around?.call !== undefined) around.call.isLeaf = false;
  const request = isRoot ? open() : around?.request;
  if (request === undefined) return;
  const { attributes } = span;
  const isAttempt = attributes[semconv.HOTSPAN_ATTEMPT_NUMBER] !== undefined;
  const isProtected = around?.isProtected === true || isAttempt || isModelCall(attributes);
  const call = callIn(request, heldUp);
  (span as Tagged)[PLACE] = { request, isProtected, call };
}

/** A request that calls the row itself tells of more than how the row holds up others. */
function callIn(
  { hasRow }: Request,
  heldUpAt: (nowMillis: number) => HeldUp | undefined,
): Call | undefined {
  if (hasRow) return undefined;
  const startMillis = performance.now();
  const heldUp = heldUpAt(startMillis);
  return heldUp && { heldUp, startMillis, moment: heldUp.momentAt(startMillis), isLeaf: true };
}

/** Adds how long a span took that has ended, without what it was delayed by. */
export function addCall({ call }: Place, row: string, { attributes }: SdkSpan): void {
  if (call?.isLeaf !== true) return;
  const delaySeconds = (attributes[semconv.HOTSPAN_EXPERIMENT_DELAY] as number | undefined) ?? 0;
  const millis = performance.now() - call.startMillis - delaySeconds * 1_000;
  call.heldUp.add(row, call.moment, millis);
}
