import { OTHER } from './bounded.js';
import { formatCount, formatSeconds, plural, shortLine } from './format.js';
import { changesIn, latencyWithout, keyOf, type LatencyChange } from './sampled-times.js';
import type { Bottleneck, Insight, Summary, WaitFor } from './summary.js';

/** A row to look at, and what to look at in it. */
export interface WorthALook {
  readonly title: string;
  /** Sentences for people; names stand between backquotes. */
  readonly message: string;
  readonly row: Bottleneck;
  readonly savingSeconds: number;
  /** See `keyOf`. */
  readonly change: string;
}

const MOST = 4;
/** Of all time: less is not worth a look. */
const MIN_SHARE = 0.02;
/** Its failed tries are what to look at where they are so much of what a row would save. */
const MOSTLY = 0.5;
const MAX_NAME = 60;

/** `true` if an insight says how to save time: that comes first. */
export function hasAdvice({ insights = [] }: Summary): boolean {
  return insights.some(({ kind, savingSeconds = 0 }) => kind !== 'dominant' && savingSeconds > 0);
}

/**
 * The rows that would save most, and what to look at in each, for where no insight says what to do. Rows of which the
 * saving may be wrong come last.
 */
export function worthALook(summary: Summary): WorthALook[] {
  const { latency, bottlenecks } = summary;
  const least = MIN_SHARE * latency.totalSeconds;
  const doubts = ({ row, change }: WorthALook) =>
    Number(row.savingDoubt !== undefined && change === keyOf(row));
  return bottlenecks
    .filter(({ name, criticalSeconds, wastedSeconds = 0 }) => {
      return name !== OTHER && Math.max(criticalSeconds, wastedSeconds) >= least;
    })
    .flatMap((row) => lookAtRow(row, summary) ?? [])
    .filter(({ savingSeconds }) => savingSeconds > 0 && savingSeconds >= least)
    .sort((a, b) => doubts(a) - doubts(b) || b.savingSeconds - a.savingSeconds)
    .slice(0, MOST);
}

/**
 * Each row says what an insight says of it: told apart, they would promise the same time twice. What would save money
 * stays apart, since that is another saving.
 */
export function withInsights(
  looks: readonly WorthALook[],
  insights: readonly Insight[],
): { readonly looks: WorthALook[]; readonly others: Insight[] } {
  const others = insights.filter(({ kind }) => looks.length === 0 || kind !== 'dominant');
  const told = new Set<Insight>();
  const all = looks.map((look) => {
    const own = others.filter(({ segment, service, savingUsd, savingSeconds }) => {
      const isSame = segment === look.row.name && service === look.row.service;
      return isSame && savingUsd === undefined && savingSeconds === undefined;
    });
    for (const insight of own) told.add(insight);
    const messages = own.map(({ message }) => `${message}.`);
    return { ...look, message: [look.message, ...messages].join(' ') };
  });
  return { looks: all, others: others.filter((insight) => !told.has(insight)) };
}

function lookAtRow(row: Bottleneck, { pictures }: Summary): WorthALook | undefined {
  const { savingSeconds = 0, savingDoubt, wastedSeconds = 0 } = row;
  const sample = pictures?.sample ?? [];
  const name = quotedName(row.name);
  const triesKey = keyOf({ ...row, isTries: true });
  const tries = wastedSeconds > 0 ? latencyWithout(sample, triesKey) : undefined;
  const isTries = savingDoubt !== undefined || (tries?.savedSeconds ?? 0) >= MOSTLY * savingSeconds;
  if (tries !== undefined && isTries) {
    return {
      title: `Find out why ${name} fails at first`,
      message: [triedAgain(row), 'Look at its errors, its timeout and its backoff.']
        .concat(effectText(tries, 'Without its failed tries'))
        .join(' '),
      ...{ row, savingSeconds: tries.savedSeconds, change: triesKey },
    };
  }
  if (savingSeconds <= 0) return undefined;
  const change = keyOf(row);
  const facts = [ownWork(row), waiting(row.waitsFor), triedAgain(row), doubt(row)];
  const message = [...facts, ...effectText(latencyWithout(sample, change), 'If it took no time')];
  return {
    title: `Make ${name} faster`,
    message: message.filter((part) => part !== '').join(' '),
    ...{ row, savingSeconds, change },
  };
}

/** What its own time is, as far as its spans tell. */
function ownWork(row: Bottleneck): string {
  const { calls, inputTokens, outputTokens, p50Seconds, firstTokenP50Seconds, p95Seconds } = row;
  const half = `Half of its ${plural(calls, 'call')} take ${formatSeconds(p50Seconds)} or more`;
  if (calls === 0 || (inputTokens ?? outputTokens) === undefined) {
    return `${half}, one in twenty ${formatSeconds(p95Seconds)}.`;
  }
  const perCall = (tokens = 0) => formatCount(Math.round(tokens / calls));
  const first =
    firstTokenP50Seconds === undefined
      ? ''
      : `, and half have the first token after ${formatSeconds(firstTokenP50Seconds)}`;
  return (
    `A model answers, with ${perCall(inputTokens)} tokens in and ${perCall(outputTokens)} out in a call. ` +
    `${half}${first}. Ask for fewer tokens, or a faster model.`
  );
}

function waiting([first]: readonly WaitFor[] = []): string {
  if (first === undefined) return '';
  return `It also waits ${formatSeconds(first.seconds)} for ${quotedName(first.row)}.`;
}

function triedAgain({ retries = 0, wastedSeconds = 0 }: Bottleneck): string {
  if (wastedSeconds <= 0) return '';
  const again = retries > 0 ? `It was tried again ${plural(retries, 'time')}: failed` : 'Failed';
  return `${again} attempts and backoffs took ${formatSeconds(wastedSeconds)}.`;
}

function doubt({ savingDoubt }: Bottleneck): string {
  return savingDoubt === undefined ? '' : 'Its saving is not sure.';
}

/** `condition`, p95 of some entry point would fall: one sentence, or none. */
function effectText(effect: LatencyChange | undefined, condition: string): string[] {
  if (effect === undefined) return [];
  const { entry, p95 } = effect;
  const [now, then] = p95.map(formatSeconds);
  if (now === then) return [];
  return [`${condition}, p95 of ${quotedName(entry)} would fall from ${now} to ${then}.`];
}

/** Insights that are about failed attempts. */
const ABOUT_TRIES: readonly string[] = ['timeout', 'costly-retries'];

/** What it would bring if the failed tries that an insight is about took no time, and its change. */
export function withoutTries(
  { kind, segment, service }: Insight,
  { pictures }: Summary,
): { readonly text: string; readonly change: string } | undefined {
  if (!ABOUT_TRIES.includes(kind)) return undefined;
  const change = keyOf({ name: segment, service, isTries: true });
  const [text] = effectText(
    latencyWithout(pictures?.sample ?? [], change),
    `Without failed tries of ${quotedName(segment)}`,
  );
  return text === undefined ? undefined : { text, change };
}

/** The changes that move a trace of the sample: rows in the order of the ranking, each followed by its failed tries. */
export function changesToTry(summary: Pick<Summary, 'bottlenecks' | 'pictures'>): string[] {
  const moving = new Set<string>();
  for (const trace of summary.pictures?.sample ?? []) {
    for (const [change, [least]] of changesIn(trace)) {
      if (least < trace.seconds) moving.add(keyOf(change));
    }
  }
  return summary.bottlenecks
    .flatMap((row) => [keyOf(row), keyOf({ ...row, isTries: true })])
    .filter((key) => moving.has(key));
}

function quotedName(name: string): string {
  return `\`${shortLine(name, MAX_NAME).replaceAll('`', "'")}\``;
}
