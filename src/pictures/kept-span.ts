import type { PictureSpan, PictureWait } from '../pictures.js';
import { nameWithoutSecrets } from '../secrets.js';
import { defined } from '../sums.js';
import { shortName } from '../trace/short-name.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { rowOfKey } from '../trace/row-names.js';
import { NO_PARENT } from './longest-spans.js';
import type { PathPart } from './stretches.js';

/** A wait, before it is known what its row will be called. */
export interface KeptWait extends PathPart {
  /** The key of the row that it waited for; absent for idle time. */
  readonly row?: string;
  readonly by?: number;
}

/** A span of a picture, before it is known what rows will be called. */
export interface KeptSpan extends Omit<PictureSpan, 'row' | 'waits'> {
  /** The key of its row. */
  readonly row: string;
  readonly waits?: readonly KeptWait[];
}

/** Of all spans of a trace there is one string for each name. */
export class SharedTexts {
  readonly #texts = new Map<string, string>();
  readonly #names = new Map<string, string>();

  of(text: string): string {
    const known = this.#texts.get(text);
    if (known === undefined) this.#texts.set(text, text);
    return known ?? text;
  }

  /** What data from outside is called, without secrets, and as short as the names of rows. */
  name(name: string): string {
    let short = this.#names.get(name);
    if (short === undefined) {
      short = this.of(shortName(nameWithoutSecrets(name)));
      this.#names.set(name, short);
    }
    return short;
  }
}

/** What surrounds a span of a picture. */
interface Place {
  readonly parent: number;
  readonly row: string;
  /** When the trace starts, in nanoseconds. */
  readonly since: number;
  readonly critical: readonly PathPart[];
  readonly waits: readonly KeptWait[];
}

export function keptSpan(node: SpanNode, place: Place, texts: SharedTexts): KeptSpan {
  const { record, used } = node;
  const { facts, errorType, spanId, service } = record;
  const { since, parent, critical, waits } = place;
  const text = (value: string | undefined) => (value === undefined ? undefined : texts.name(value));
  const { model } = facts.llmCall ?? {};
  // What began before its local root, by its clock, is cut there.
  const startSeconds = Math.max(0, secondsOf(record.startNanos + movedBy(node) - since));
  const endSeconds = secondsOf(record.endNanos + movedBy(node) - since);
  return {
    spanId,
    name: texts.name(record.name),
    service: texts.of(service),
    row: texts.of(place.row),
    startSeconds,
    endSeconds: Math.max(startSeconds, endSeconds),
    ...defined({
      parent: parent === NO_PARENT ? undefined : parent,
      critical:
        critical.length === 0
          ? undefined
          : critical.flatMap(({ from, to }) => [secondsOf(from - since), secondsOf(to - since)]),
      waits: waits.length === 0 ? undefined : waits.map((wait) => inSeconds(wait, since, texts)),
      errorType: text(errorType),
      attempt: attemptOf(node),
      firstTokenSeconds: facts.firstTokenSeconds,
      model: text(model),
      inputTokens: used?.inputTokens,
      outputTokens: used?.outputTokens,
      costUsd: used?.costUsd,
    }),
  };
}

/** Where the clocks of two services differ, a span was moved; the pieces of a stream have times of their own. */
function movedBy({ record, startNanos, endNanos }: SpanNode): number {
  const nanos = startNanos - record.startNanos;
  return nanos === endNanos - record.endNanos ? nanos : 0;
}

/** The span as it is shown. */
export function pictureSpan(
  { row, waits, ...span }: KeptSpan,
  currentKey: (key: string) => string,
): PictureSpan {
  const { name } = rowOfKey(currentKey(row));
  return {
    ...span,
    ...(name === span.name ? {} : { row: name }),
    ...(waits === undefined ? {} : { waits: waits.map((wait) => pictureWait(wait, currentKey)) }),
  };
}

function pictureWait(
  { from, to, row, by }: KeptWait,
  currentKey: (key: string) => string,
): PictureWait {
  return { from, to, ...(row === undefined ? {} : rowOfKey(currentKey(row))), ...defined({ by }) };
}

function attemptOf({ record: { facts } }: SpanNode): PictureSpan['attempt'] {
  if (facts.attempt === undefined) return undefined;
  const { number, outcome, backoffSeconds } = facts.attempt;
  const backoff = backoffSeconds > 0 ? backoffSeconds : undefined;
  return { number, ...defined({ outcome, backoffSeconds: backoff }) };
}

function inSeconds({ from, to, row, by }: KeptWait, since: number, texts: SharedTexts): KeptWait {
  const shared = row === undefined ? undefined : texts.of(row);
  const times = { from: secondsOf(from - since), to: secondsOf(to - since) };
  return { ...times, ...defined({ row: shared, by }) };
}

/** To a microsecond: more is not seen, and makes a summary larger. */
function secondsOf(nanos: number): number {
  return Math.round(nanos / 1e3) / 1e6;
}
