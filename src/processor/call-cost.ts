import { hasTokens } from '../trace/count-usage.js';
import { isPartOfOperation } from '../trace/operation.js';
import { addFacts, NO_FACTS, type SpanFacts } from '../trace/span-record.js';
import { priceFacts, sumOfCosts, type Cost } from '../cost/price.js';
import { NO_USAGE } from '../cost/usage.js';
import * as semconv from '../semconv.js';
import type { LiveSpan } from './live-span.js';
import { mayHoldCall } from './span-reading.js';
import type { SdkSpan } from './sdk-span.js';

/** The most attempts and wrappers between two spans of one call; more would be no call. */
const MAX_DEPTH = 20;
/** The most parts of one call; more would be no call. */
const MAX_PARTS = 100;

type Attributes = Record<string, string | number | string[]>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What is added to a span that is about to end. */
interface Added {
  readonly attributes: Attributes;
  /** What the span then tells; `undefined` if it is to be read again. */
  readonly facts: SpanFacts | undefined;
}

/**
 * Returns the attributes of usage and cost that a span about to end still lacks, so that every model call is
 * exported with them once, on the outermost span that stands for it:
 *
 * - A call that has usage and no cost is priced.
 * - A call that several instrumentations see has several spans, one in another. The inner ones are not
 *   priced. The outermost gets their usage if it knows none.
 * - What a failed attempt used is on that attempt.
 * - A span that may be a call is one if no call has ended inside it.
 *
 * A span that brings its cost keeps it, and none is written above it. What counts is decided when the trace has
 * ended, by `findCalls` and `countUsage`.
 */
export function addedAtEnd(live: LiveSpan, told: SpanFacts): Added | undefined {
  const { attempt, callWrapper, cacheHit, warnings } = told;
  const ifAlone = live.holdsCall ? undefined : told.ifAlone;
  const facts: SpanFacts = ifAlone ?? told;
  if (cacheHit !== undefined) return undefined;
  const isFailedAttempt = attempt !== undefined && attempt.outcome !== 'success';
  if (facts.llmCall !== undefined) markAbove(live);
  else if (!isFailedAttempt) {
    if (attempt !== undefined || callWrapper !== undefined) passOn(live.parent, live.parts);
    return undefined;
  }
  const written = hasTokens(facts) ? undefined : sumOfParts(live.parts);
  const all = written === undefined ? facts : addFacts(facts, written.tokens);
  const brought = live.parts?.find(({ costUsd }) => costUsd !== undefined)?.costUsd;
  const above = isFailedAttempt ? undefined : holderOf(live, facts);
  if (above !== undefined) {
    // A cost that is written further in is known further out as well.
    passOn(above, [brought === undefined ? all : addFacts({ costUsd: brought }, all)]);
    return undefined;
  }
  const isPriced = facts.costUsd !== undefined || brought !== undefined;
  // A framework may name a provider that has no prices, where its client's span inside names the real one.
  const cost = isPriced ? undefined : (written?.cost ?? priceFacts(all) ?? costOfParts(live.parts));
  if (written === undefined) {
    if (cost === undefined) return undefined;
    const known = withCost(facts, cost);
    const added = ifAlone === undefined ? known : addFacts(told, { ifAlone: known });
    return { attributes: addCost({}, cost), facts: added };
  }
  const { attributes } = written;
  if (cost !== undefined) addCost(attributes, cost);
  if (warnings?.includes(NO_USAGE) === true) {
    attributes[semconv.HOTSPAN_WARNING] = warnings.filter((warning) => warning !== NO_USAGE);
  }
  return { attributes, facts: undefined };
}

function addCost(attributes: Attributes, { usd, source, excludes }: Cost): Attributes {
  attributes[semconv.GEN_AI_USAGE_COST] = usd;
  attributes[semconv.HOTSPAN_COST_SOURCE] = source;
  if (excludes !== undefined) attributes[semconv.HOTSPAN_COST_EXCLUDES] = [...excludes];
  return attributes;
}

/** What is read of a span with that cost. */
function withCost(facts: SpanFacts, { usd, source, excludes, byKind }: Cost): SpanFacts {
  const added: Mutable<SpanFacts> = { costUsd: usd };
  if (source !== 'provider') added.isCostComputed = true;
  if (excludes !== undefined) added.costExcludes = excludes;
  if (byKind !== undefined) added.costByKind = byKind;
  return addFacts(facts, added);
}

/** Tells the spans above that a call has ended inside them: up to the first that knows it already. */
function markAbove({ parent }: LiveSpan): void {
  for (let at = parent; at !== undefined && !at.holdsCall; at = at.parent) at.holdsCall = true;
}

/** SDKs before 2.3 do not call `onEnding`: the cost still to be added is then in the ranking alone. */
export function settledFacts(live: LiveSpan, span: SdkSpan): SpanFacts {
  // What is no part of a call gets no cost.
  if (live.facts !== undefined && !mayHoldCall(live.facts)) return live.facts;
  const facts = live.readFacts(span);
  if (live.facts !== undefined || facts === NO_FACTS) return facts;
  const added = addedAtEnd(live, facts);
  if (added === undefined) return facts;
  if (added.facts !== undefined) return added.facts;
  const attributes = { value: { ...span.attributes, ...added.attributes } };
  return live.readFacts(Object.create(span, { attributes }) as SdkSpan);
}

function sumOfParts(parts: readonly SpanFacts[] | undefined) {
  if (parts === undefined) return undefined;
  const tokens: Partial<Record<(typeof semconv.TOKEN_ATTRIBUTES)[number][0], number>> = {};
  const attributes: Attributes = {};
  for (const part of parts) {
    for (const [field, name] of semconv.TOKEN_ATTRIBUTES) {
      const value = part[field];
      if (value !== undefined) attributes[name] = tokens[field] = (tokens[field] ?? 0) + value;
    }
  }
  return { tokens, attributes, cost: costOfParts(parts) };
}

function costOfParts(parts: readonly SpanFacts[] = []): Cost | undefined {
  return sumOfCosts(parts.map(priceFacts));
}

/** Returns the span above that stands for the same call, or for a part of it, or holds it. */
function holderOf(live: LiveSpan, facts: SpanFacts): LiveSpan | undefined {
  const { parent } = live;
  if (parent?.source === undefined || facts.llmCall === undefined) return undefined;
  let above: LiveSpan | undefined = parent;
  for (let depth = 0; above !== undefined && depth < MAX_DEPTH; depth += 1, above = above.parent) {
    const outer = above.factsNow;
    if (outer.llmCall !== undefined) {
      return isPartOfOperation({ facts }, { facts: outer }) ? parent : undefined;
    }
    const { attempt, callWrapper } = outer;
    if (attempt === undefined && callWrapper === undefined) return undefined;
  }
  return undefined;
}

function passOn(to: LiveSpan | undefined, parts: readonly SpanFacts[] | undefined): void {
  if (to === undefined || parts === undefined) return;
  const known = (to.parts ??= []);
  for (const part of parts) {
    const isKnown = hasTokens(part) || part.costUsd !== undefined;
    if (isKnown && known.length < MAX_PARTS) known.push(part);
  }
}
