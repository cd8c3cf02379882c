import { plural } from '../format.js';
import { inMoney, inTime } from './amounts.js';
import { drawnWaits } from './critical-pieces.js';
import type { PlacedSpan } from './span-tree.js';
import { visible } from './visible.js';
import type { WaterfallRow } from './waterfall-layout.js';

/** What stands before a row. */
export function rowTitle({ spans, isMany, hidden }: WaterfallRow): string {
  const [first] = spans as [PlacedSpan];
  const name = visible(first.span.name);
  if (isMany) {
    const isOneKind = spans.every(({ key }) => key === first.key);
    return isOneKind ? `${spans.length} more ${name}` : `${spans.length} more`;
  }
  if (spans.length > 1) return `${name} ×${spans.length}`;
  return hidden > 0 ? `${name} +${hidden}` : name;
}

export function secondsOf(spans: readonly PlacedSpan[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}

export function waitWords({ name }: { readonly name?: string }): string {
  return name === undefined ? 'idle' : `waits for ${visible(name)}`;
}

/** What is written on a wait, the longest first. */
export function waitTexts(wait: {
  readonly from: number;
  readonly to: number;
  readonly name?: string;
}): string[] {
  const time = inTime(wait.to - wait.from);
  const short = wait.name === undefined ? 'idle' : 'waits';
  return [`${waitWords(wait)}, ${time}`, waitWords(wait), `${short} ${time}`, short];
}

const OUTCOMES = new Map([
  ['timeout', 'timed out'],
  ['error', 'failed'],
]);

/** `attempt 2: timed out` */
export function attemptWords({ span }: PlacedSpan): string {
  const { number = 0, outcome = 'error' } = span.attempt ?? {};
  const error = span.errorType === undefined ? undefined : visible(span.errorType);
  const isPlain = outcome === 'error' && error !== undefined;
  return `attempt ${number}: ${isPlain ? error : (OUTCOMES.get(outcome) ?? visible(outcome))}`;
}

/** The line below the picture, about a row. */
export function rowFacts(
  { spans, hidden, isParent }: WaterfallRow,
  criticalSeconds: number,
): string {
  const [first] = spans as [PlacedSpan];
  const { span, parts, from } = first;
  const isOne = spans.length === 1;
  const waits = isOne ? longestWaits(first) : [];
  const attempts = parts.filter((part) => part.span.attempt !== undefined);
  const tokens = (count: number | undefined, kind: string) =>
    isOne && count !== undefined && `${plural(count, 'token')} ${kind}`;
  const cost = spans.reduce((sum, it) => sum + (it.span.costUsd ?? 0), 0);
  return [
    isOne
      ? `${inTime(secondsOf(spans))}, from ${inTime(from)}`
      : `${inTime(secondsOf(spans))} together`,
    criticalSeconds > 0 && `${inTime(criticalSeconds)} waited for`,
    criticalSeconds === 0 && !isParent && 'beside the critical path',
    ...waits,
    isOne && attempts.length > 1 && `${attempts.length} attempts`,
    isOne &&
      span.firstTokenSeconds !== undefined &&
      `first token after ${inTime(span.firstTokenSeconds)}`,
    tokens(span.inputTokens, 'in'),
    tokens(span.outputTokens, 'out'),
    cost > 0 && inMoney(cost),
    isOne && span.errorType !== undefined && visible(span.errorType),
    hidden > 0 && `${plural(hidden, 'span')} inside: Enter or a click opens it`,
  ]
    .filter((part) => part !== false)
    .join(' · ');
}

function longestWaits(node: PlacedSpan): string[] {
  const all = node.span.waits ?? [];
  const known = drawnWaits(node).length;
  if (known === 0) return [];
  return [...all]
    .sort((one, other) => other.to - other.from - (one.to - one.from))
    .slice(0, 2)
    .filter(({ from, to }) => to > from)
    .map((wait) => `${waitWords(wait)} ${inTime(wait.to - wait.from)}`);
}
