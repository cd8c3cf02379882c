import { fields, isObject, items, text, type Fields } from '../fields.js';
import { sumOf } from '../sums.js';
import { BARE_RANK, findReport, type Found } from './find-report.js';
import type { TokenUsage } from './token-usage.js';
import { keysOf, peek } from './unknown-object.js';
import {
  MAX_ITEMS,
  USAGE_FIELDS,
  OWN_NAMES,
  UsageFigures,
  type MutableUsage,
} from './usage-figures.js';
import { aroundNames, reportNames } from './usage-names.js';

export interface UsageReading {
  /** One for each billed request, several if the client made several in one call; none if a price would be wrong. */
  readonly requests: readonly TokenUsage[];
  readonly usage: TokenUsage;
  readonly warnings: readonly string[];
  /**
   * What is not known, in the words of `hotspan.cost.excludes`: `output` after a stream broke off, or what was
   * left out of the usage. What the rest costs is too low.
   */
  readonly excludes?: readonly string[];
}

export const NO_USAGE = 'an LLM response had no token usage';
const UNKNOWN_SHAPE = 'an LLM response had token usage of an unknown shape';
const UNREAD_STREAM =
  'a result of streamText was returned unread: return its fullStream, or what was read of it';

/** What reports usage, what it stands in, and the model if it is of its own. */
export interface Report extends Pick<Found, 'report' | 'holder' | 'choices' | 'isBatch' | 'model'> {
  readonly rank?: number;
  readonly ownModel?: string | undefined;
}

/** Reads the usage of a response. Leaves out figures that cannot be right, with a warning for each. Never throws. */
export function readUsage(response: unknown): UsageReading {
  if (isUnreadStream(response)) return noUsage(UNREAD_STREAM);
  const listed = requestsIn(response);
  if (listed.length > 0) return readReports(listed);
  const found = findReport(response);
  if (found.report !== undefined) return readReports([found]);
  const closed = found.closed.map((key) => `${key} of an LLM response could not be read`);
  return closed.length > 0 ? { ...noUsage(NO_USAGE), warnings: closed } : noUsage(NO_USAGE);
}

/**
 * The reports of a list of answers, of the steps of the AI SDK, of a run of OpenAI's agents, and of each model of
 * Groq's systems.
 */
function requestsIn(response: unknown): Report[] {
  if (Array.isArray(response)) return answersIn(response.slice(0, MAX_ITEMS));
  const models = items(peek(peek(response, 'usage_breakdown'), 'models'));
  const requests: Report[] = [];
  for (const name of ['steps', 'rawResponses']) {
    for (const item of items(peek(response, name))) requests.push(findReport(item));
  }
  for (const item of models) {
    requests.push({ ...findReport(item), ownModel: text(peek(item, 'model')) });
  }
  return requests.filter(({ report }) => report !== undefined);
}

/** None of what may be items of one stream, since they may tell the same tokens again and again. */
function answersIn(list: readonly unknown[]): Report[] {
  const ids = new Set<string>();
  const answers: Report[] = [];
  for (const item of list) {
    const found = findReport(item);
    if (found.report === undefined) continue;
    const { id, model } = found;
    const isPart =
      text(peek(item, 'object'))?.includes('chunk') === true || (id !== undefined && ids.has(id));
    if (isPart || !WHOLE_TYPES.has(peek(item, 'type'))) return [];
    if (id !== undefined) ids.add(id);
    answers.push({ ...found, ownModel: model });
  }
  return answers;
}

const WHOLE_TYPES: ReadonlySet<unknown> = new Set([undefined, 'message', 'ai']);

/** Reads reports by themselves. */
export function readUsages(reports: readonly unknown[]): UsageReading {
  return readReports(reports.map((report) => ({ report })));
}

export function readReports(reports: readonly Report[]): UsageReading {
  const warnings: string[] = [];
  const requests: TokenUsage[] = [];
  const doubts = new Set<string>();
  const unpriced = new Set<string>();
  const read = (from: Report): void => {
    const { report, holder, choices, isBatch, rank = 0, ownModel, model } = from;
    const figures = new UsageFigures(warnings);
    const whole = completed(report, holder);
    figures.gather(whole, reportNames(), 'usage.');
    if (holder !== report) figures.gather(holder, aroundNames(), '');
    const usage = figures.usage(choices !== undefined, model);
    if (isBatch === true) usage.serviceTier ??= 'batch';
    if (SEARCHING.test(model ?? '')) usage.webSearches ??= 1;
    const isKnown = USAGE_FIELDS.some((field) => usage[field] !== undefined);
    if (!isKnown && figures.doubts.size === 0)
      warnings.push(rank < BARE_RANK ? UNKNOWN_SHAPE : NO_USAGE);
    // A cost of 0 would say that what has no price is free.
    const isBilled = USAGE_FIELDS.some((field) => (usage[field] ?? 0) > 0);
    if (isKnown && (isBilled || figures.unpriced.size === 0))
      requests.push(ownModel === undefined ? usage : { ...usage, model: ownModel });
    // What the provider says of the cost holds whatever it says of the tokens.
    if (usage.reportedCostUsd === undefined) {
      for (const doubt of figures.doubts) doubts.add(doubt);
      for (const part of figures.unpriced) unpriced.add(part);
    }
    for (const iteration of items(peek(whole, 'iterations'))) {
      if (!BILLED_APART.test(text(peek(iteration, 'type')) ?? '')) continue;
      const iterationModel = text(peek(iteration, 'model'));
      read({ report: iteration, holder, ownModel: iterationModel });
    }
  };
  for (const report of reports) {
    if (isObject(report.report)) read(report);
    else warnings.push(NO_USAGE);
  }
  const reading = usageOfRequests(requests, warnings);
  const excludes = [...doubts, ...unpriced];
  if (doubts.size > 0) return { ...reading, requests: [], excludes };
  return excludes.length > 0 ? { ...reading, excludes } : reading;
}

/** OpenAI's models that search the web at each request, without a word of it. */
const SEARCHING = /-search-(?:preview|api)/;

/** What Anthropic bills besides what the whole says: summaries of the context, and the model that advises. */
const BILLED_APART = /^(?:compaction|advisor_message)$/;

export function usageOfRequests(
  requests: readonly TokenUsage[],
  warnings: readonly string[],
): UsageReading {
  const [first] = requests;
  const isOne = first !== undefined && requests.length === 1;
  return { requests, usage: isOne ? first : sumOfUsages(requests), warnings };
}

export function sumOfUsages(usages: readonly TokenUsage[]): TokenUsage {
  const sums: MutableUsage = {};
  for (const field of USAGE_FIELDS) {
    const sum = sumOf(usages, (usage) => usage[field]);
    if (sum !== undefined) sums[field] = sum;
  }
  return sums;
}

/** What was read of several requests. */
export function joined(readings: readonly UsageReading[]): UsageReading {
  if (readings.length === 1) return readings[0]!;
  const excludes = [...new Set(readings.flatMap((reading) => reading.excludes ?? []))];
  const isPriced = !readings.some((reading) => reading.excludes && reading.requests.length === 0);
  const requests = isPriced ? readings.flatMap((reading) => reading.requests) : [];
  const warnings = [...new Set(readings.flatMap((reading) => reading.warnings))];
  const usage = sumOfUsages(readings.map((reading) => reading.usage));
  return { requests, usage, warnings, ...(excludes.length > 0 ? { excludes } : {}) };
}

/** Reads in the same way what a user's own function returned. */
export function checkUsage(given: unknown): UsageReading {
  if (!isObject(given)) return noUsage(NO_USAGE);
  const warnings: string[] = [];
  const figures = new UsageFigures(warnings);
  figures.gather(given, OWN_NAMES, 'usage.');
  const usage = figures.usage(true);
  if (figures.doubts.size === 0) return { requests: [usage], usage, warnings };
  return { requests: [], usage, warnings, excludes: [...figures.doubts] };
}

export function noUsage(warning: string): UsageReading {
  return { requests: [], usage: {}, warnings: [warning] };
}

/** Tells whether it is a result of the AI SDK's `streamText`; touching its getters would begin to read it. */
export function isUnreadStream(response: unknown): boolean {
  return isObject(response) && 'fullStream' in response;
}

/**
 * Cohere bills fewer tokens than the model sees. What the AI SDK hands on of the provider's own report tells more
 * than its own does; without it, versions 4 and 5 leave cached tokens out of the input of Anthropic and Bedrock.
 */
function completed(report: unknown, holder: unknown): unknown {
  for (const name of OWN) {
    const own = peek(report, name);
    if (isObject(own) && hasName(own, INPUT)) return own;
  }
  const metadata = peek(holder, 'providerMetadata');
  if (!isObject(metadata)) return report;
  const [anthropic, bedrock] = [peek(metadata, 'anthropic'), peek(metadata, 'bedrock')];
  const own = peek(anthropic, 'usage');
  if (isObject(own) && hasName(own, INPUT)) return own;
  if (isObject(peek(report, 'inputTokenDetails'))) return report;
  for (const told of [anthropic, bedrock]) {
    const parts: Fields = { ...copyOf(told), ...copyOf(peek(told, 'usage')) };
    if (!hasName(parts, /^\+/)) continue;
    return {
      inputTokens: peek(report, 'inputTokens') ?? peek(report, 'promptTokens'),
      outputTokens: peek(report, 'outputTokens') ?? peek(report, 'completionTokens'),
      cacheReadInputTokens: peek(report, 'cachedInputTokens'),
      ...parts,
    };
  }
  return report;
}

const OWN = ['billed_units', 'billedUnits', 'raw'];
const INPUT = /^(?:prompt|input)Tokens$/;

function hasName(report: Fields, meaning: RegExp): boolean {
  return Object.keys(copyOf(report)).some((key) =>
    meaning.test(reportNames().get(key)?.means ?? ''),
  );
}

function copyOf(value: unknown): Fields {
  try {
    return Object.fromEntries(keysOf(value).map((key) => [key, fields(value)[key]]));
  } catch {
    return {};
  }
}
