import { OTHER } from '../bounded.js';
import { Quantiles } from '../durations.js';
import { formatSeconds, formatShare } from '../format.js';
import type { Bottleneck, SlowEntryPoint, SlowRow } from '../summary.js';
import type { Finding, Totals } from './finding.js';
import { NANOS, quoted } from './rule.js';

const MIN_CALLS = 50;
const MIN_SLOW_CALLS = 5;
/** More of them are another kind of call. */
const MAX_SLOW_SHARE = 0.1;
/** So many times the median is slow. */
const SLOW = 8;
/** Of all time, beyond what the calls would take if all were as fast as the median. */
const MIN_SHARE = 0.05;

/** What has less more of the slow traces than of all is told by the ranking. */
const MIN_TIMES_SHARE = 2;
/** The slowest of an entry point's local roots are this share. */
export const SLOW_SHARE = 0.05;

/**
 * Finds the rows that make the slowest traces slow, and others of which few calls take many times the median, and
 * much of the waiting.
 */
export function slowTail({ rows, seconds, slow = [] }: Totals): Finding[] {
  const isNews = ({ isCause, name, service, slowShare }: SlowRow) => {
    const row = rows.find((each) => each.name === name && each.service === service);
    return isCause === true && slowShare >= MIN_TIMES_SHARE * (row?.criticalShare ?? 0);
  };
  const causes = slow.flatMap((point) =>
    point.rows.filter(isNews).map((row) => causeOf(point, row)),
  );
  const isTold = ({ name, service }: Bottleneck) =>
    causes.some((cause) => cause.segment === name && cause.service === service);
  return [
    ...causes,
    ...rows.filter((row) => !isTold(row)).flatMap((row) => findingOf(row, seconds) ?? []),
  ];
}

function causeOf(point: SlowEntryPoint, row: SlowRow): Finding {
  const { name: segment, service, slowShare, typicalShare, slowest } = row;
  const { calls, slowTraces, slowSeconds, typicalSeconds } = point;
  const savingSeconds = SLOW_SHARE * calls * (row.slowSeconds - row.typicalSeconds);
  const { traceId = '' } = slowest[0] ?? {};
  const message =
    `the slowest 5 % of ${quoted(point.name)} (${formatSeconds(slowSeconds)}, not ${formatSeconds(typicalSeconds)}) ` +
    `wait for ${quoted(segment)}: ${formatShare(slowShare)} of their time, ${formatShare(typicalShare)} of that of ` +
    `typical ones. Look at trace ${quoted(traceId)}, or limit its time: saves up to ${formatSeconds(savingSeconds)}`;
  const evidence = { entryPoint: point.name, calls, slowTraces, slowShare, typicalShare, traceId };
  return { kind: 'slow-tail', segment, service, message, evidence, savingSeconds, spans: slowest };
}

function findingOf(row: Bottleneck, allSeconds: number): Finding | undefined {
  const { name, service, calls, durations, p50Seconds, retries = 0 } = row;
  // What retries take is told by other kinds.
  if (durations === undefined || name === OTHER || retries > 0 || calls < MIN_CALLS)
    return undefined;
  const beyondSeconds = row.criticalSeconds - calls * p50Seconds;
  if (p50Seconds <= 0 || beyondSeconds < MIN_SHARE * allSeconds) return undefined;
  if (row.p99Seconds < SLOW * p50Seconds && row.maxSeconds < SLOW * p50Seconds) return undefined;
  const quantiles = Quantiles.fromJson(durations);
  const slowCalls = countAbove(quantiles, SLOW * p50Seconds * NANOS);
  if (slowCalls < MIN_SLOW_CALLS || slowCalls > MAX_SLOW_SHARE * calls) return undefined;
  const slowSeconds = slowCalls * (meanOfSlowest(quantiles, slowCalls) / NANOS - p50Seconds);
  // The others differ from the median, too.
  const savingSeconds = Math.min(beyondSeconds, slowSeconds);
  if (savingSeconds < MIN_SHARE * allSeconds) return undefined;
  const message =
    `${formatShare(slowCalls / calls)} of the calls of ${quoted(name)} took over ${SLOW} times the median of ` +
    `${formatSeconds(p50Seconds)}, up to ${formatSeconds(row.maxSeconds)}. Look at its slowest traces for what ` +
    `they have in common, or limit its time: saves up to ${formatSeconds(savingSeconds)}`;
  const evidence = { calls, slowCalls, p50Seconds, maxSeconds: row.maxSeconds };
  return { kind: 'slow-tail', segment: name, service, message, evidence, savingSeconds };
}

const MAX_ASKED = 200;

function meanOfSlowest(durations: Quantiles, calls: number): number {
  const asked = Math.min(calls, MAX_ASKED);
  let sum = 0;
  for (let at = 0; at < asked; at += 1) {
    const fromSlowest = ((at + 0.5) / asked) * calls;
    sum += durations.at(1 - fromSlowest / durations.count);
  }
  return sum / asked;
}

/** Asks for quantiles, of which each is a call: the first above the limit. */
function countAbove(durations: Quantiles, nanos: number): number {
  let low = 0;
  let high = durations.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (durations.at((middle + 0.5) / durations.count) > nanos) high = middle;
    else low = middle + 1;
  }
  return durations.count - low;
}
