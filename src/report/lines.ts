import {
  formatCount,
  formatSaving,
  formatSeconds,
  formatShare,
  formatUsd,
  plural,
} from '../format.js';
import { mainLatency } from '../summaries/entry-points.js';
import type { EntryPoint, Insight, ModelUsage, OpenSegments, Summary } from '../summary.js';
import { sumOf } from '../sums.js';
import { hasAdvice, withInsights, worthALook } from '../worth-a-look.js';
import { counted, listed, rowName, type Form } from './form.js';
import { experimentLines } from './experiments.js';
import { takenOverLines } from './savings.js';
import { missedLines } from './sureness.js';
import { idleLines, waitLines } from './waits.js';

const MAX_NAME_LENGTH = 44;
const MAX_OPEN = 5;
const INCOMPLETE = ' incomplete: spans were missing, or still running at its end';
const EVICTED = ' evicted before its end: open at shutdown, or beyond the limits';
const LATE = ' late: counted, but time after the end of its trace is on no critical path';
const MAX_LATE = 3;
const NO_USAGE = ' unpriced: no usage in the response, or one that is not known in full';
const DROPPED =
  ' dropped, in evicted traces or beyond the limits: calls and cost count, self and critical time do not';

export function headline(summary: Summary, form: Form): string {
  const { services, traces, observedSeconds } = summary;
  const { count, p50Seconds, p95Seconds, maxSeconds, leftOut } = mainLatency(summary);
  const times = { p50: p50Seconds, p95: p95Seconds, max: maxSeconds };
  const parts = [
    form.name(services.join(', ')) || 'hotspan',
    `${plural(traces.analyzed, 'trace')} in ${formatSeconds(observedSeconds)}`,
    ...(count > 0 ? Object.entries(times) : []).map(([name, s]) => `${name} ${formatSeconds(s)}`),
  ];
  return `${parts.join(' · ')}${leftOutText(leftOut)}`;
}

/** Says what the times do not tell of. */
function leftOutText(leftOut: readonly EntryPoint[]): string {
  if (leftOut.length === 0) return '';
  const roots = plural(sumOf(leftOut, ({ calls }) => calls) ?? 0, 'trace');
  return ` (without ${roots} of ${plural(leftOut.length, 'entry point')} below 1 % of the time)`;
}

export function totalsLine({ totals }: Summary): string {
  const { llmCalls, inputTokens, outputTokens, costUsd, retries, errors } = totals;
  const parts: string[] = [];
  if (llmCalls > 0) {
    const tokens = `${formatCount(inputTokens)} tokens in, ${formatCount(outputTokens)} out`;
    parts.push(plural(llmCalls, 'LLM call'), tokens);
  }
  if (costUsd !== undefined) parts.push(formatUsd(costUsd));
  if (retries > 0) parts.push(plural(retries, 'retry', 'retries'));
  if (totals.wastedSeconds > 0) {
    parts.push(`${together(totals.wastedSeconds, totals.wastedCostUsd)} wasted`);
  }
  if (errors > 0) parts.push(plural(errors, 'error'));
  return parts.join(' · ');
}

function together(seconds: number, usd: number | undefined): string {
  return `${formatSeconds(seconds)}${usd === undefined ? '' : ` and ${formatUsd(usd)}`}`;
}

export function detailsOf(summary: Summary, form: Form): string[] {
  const { totals, models, errors, latency, running, services } = summary;
  const { successRate = 1, costPerSuccessUsd: usd, cacheHits = 0 } = totals;
  const lines = [waitLines, idleLines, takenOverLines, experimentLines].flatMap((of) =>
    of(summary, form),
  );
  if (usd !== undefined || successRate < 1) {
    const succeeded = `${formatShare(successRate)} of ${plural(latency.count, 'trace')} succeeded`;
    lines.push(usd === undefined ? succeeded : `${succeeded} · ${formatUsd(usd)} per success`);
  }
  if (cacheHits > 0) {
    const saved = together(totals.cacheSavedSeconds ?? 0, totals.cacheSavedUsd);
    lines.push(`${plural(cacheHits, 'LLM call')} answered from a cache: ${saved} saved`);
  }
  if (models.length > 1) {
    lines.push(
      `by model: ${listed(
        models.map((each) => modelText(each, form)),
        ' · ',
      )}`,
    );
  }
  if (errors.length > 0) {
    const each = errors.map(({ type, segment, service, count }) => {
      const row = rowName({ name: segment, service }, services.length > 1);
      const names = `${form.name(type, MAX_NAME_LENGTH)} in ${form.name(row, MAX_NAME_LENGTH)}`;
      return count > 1 ? `${names} (${formatCount(count)} times)` : names;
    });
    lines.push(`errors: ${listed(each, ' · ')}`);
  }
  if (running !== undefined) lines.push(`still running: ${openText(running, form)}`);
  return lines;
}

/** Names the innermost segments: the others wait for them. */
function openText({ count, longest }: OpenSegments, form: Form): string {
  const innermost = longest.filter(({ openChildren }) => openChildren === 0);
  const shown = innermost.length > 0 ? innermost : longest;
  const each = shown.map(
    ({ name, seconds }) => `${form.name(name, MAX_NAME_LENGTH)} for ${formatSeconds(seconds)}`,
  );
  // How many more innermost ones there are is unknown: only the longest of all are listed.
  const more = each.length > MAX_OPEN ? ' · …' : '';
  return `${each.slice(0, MAX_OPEN).join(' · ')}${more} (${plural(count, 'segment')} open)`;
}

function modelText(usage: ModelUsage, form: Form): string {
  const { inputTokens, outputTokens, costUsd } = usage;
  const name = form.name(modelName(usage), MAX_NAME_LENGTH);
  const tokens = `${formatCount(inputTokens)} in, ${formatCount(outputTokens)} out`;
  return `${name} ${tokens}${costUsd === undefined ? '' : `, ${formatUsd(costUsd)}`}`;
}

const modelName = ({ model, provider }: ModelUsage) => model ?? provider ?? 'an unnamed model';

/** One thing that is worth a look. */
interface Advice {
  /** Of insights. */
  readonly severity?: Insight['severity'];
  readonly text: string;
}

/** The insights; where none says how to save time, the row that would save most, instead of which row dominates. */
export function adviceOf(summary: Summary, form: Form): Advice[] {
  const { insights = [], services } = summary;
  const found = hasAdvice(summary) ? [] : worthALook(summary);
  const { looks, others } = withInsights(found.slice(0, 1), insights);
  const of = (service: string, sentence: string) =>
    services.length > 1 && service !== '' ? `${form.name(service, 60)}: ${sentence}` : sentence;
  const told = others.map((insight) => {
    const { severity, service, message } = insight;
    const sentence = [message, ...processesText(insight)].map(form.sentence).join(' ');
    return { severity, text: of(service, sentence) };
  });
  const [first] = looks;
  if (first === undefined) return told;
  const { row, title, message } = first;
  return [{ text: of(row.service, form.sentence(`${title}. ${message}`)) }, ...told];
}

/** The message is in the words of one process, and so are its figures. */
function processesText({ evidence, savingSeconds, savingUsd }: Insight): string[] {
  const { processes } = evidence;
  if (typeof processes !== 'number' || processes < 2) return [];
  const isKnown = savingSeconds !== undefined || savingUsd !== undefined;
  const all = isKnown ? `; all together ${formatSaving(savingSeconds ?? 0, savingUsd)}` : '';
  return [`(in one of ${formatCount(processes)} processes that saw it${all})`];
}

/** Only where somebody could have waited. */
function lateAdvice({ lateSegments = [], services }: Summary, form: Form): string {
  const names = lateSegments.slice(0, MAX_LATE).map(({ segment, service }) => {
    return form.name(rowName({ name: segment, service }, services.length > 1), MAX_NAME_LENGTH);
  });
  if (names.length === 0) return '';
  return `; most often ${names.join(', ')} (await the work inside its segment to have it ranked)`;
}

function unpricedText(names: string, prices: Summary['prices']): string {
  const date = prices === undefined ? '' : ` in the table of ${prices.date}`;
  return ` unpriced: no known price for ${names}${date} (\`setPrices\` takes your own)`;
}

function oldPrices(prices: Summary['prices']): string[] {
  if (prices === undefined) return [];
  return [`prices are of ${prices.date} (\`refreshPrices\` gets newer ones)`];
}

export function notesOf(summary: Summary, form: Form): string[] {
  const { traces, spans, totals, models, delivery, sampled } = summary;
  const unknown = models.filter(({ unpricedCalls = 0 }) => unpricedCalls > 0);
  const withUsage = unknown.reduce((sum, { unpricedCalls = 0 }) => sum + unpricedCalls, 0);
  const names = unknown.map((usage) => form.name(modelName(usage))).join(', ');
  const { endpoint = 'the receiver', reason = 'no reason known' } = delivery ?? {};
  const receiver = form.sentence(`${endpoint} (${reason})`);
  const unpriced = unpricedText(names, summary.prices);
  const lost = ` not delivered to ${receiver}; the figures here are complete`;
  const { analyzed, replayed = analyzed } = traces;
  const some = `${formatCount(replayed)} of ${plural(analyzed, 'trace')}`;
  const estimates = `savings are estimates, from ${some}: the slowest, and a sample of the others`;
  const { traces: ended = 0, exported = 0 } = sampled ?? {};
  const share = `${formatShare(ended === 0 ? 1 : exported / ended)} of ${plural(ended, 'trace')}`;
  const sample = `${share} exported, by sampling; the figures here are of all`;
  return [
    ...counted(traces.incomplete, 'trace', INCOMPLETE),
    ...counted(traces.evicted, 'trace', EVICTED),
    ...counted(spans.late, 'span', `${LATE}${lateAdvice(summary, form)}`),
    ...counted(spans.dropped, 'span', DROPPED),
    ...(replayed < analyzed ? [estimates] : []),
    ...missedLines(summary, form),
    ...counted(totals.unpricedCalls - withUsage, 'LLM call', NO_USAGE),
    ...counted(withUsage, 'LLM call', unpriced),
    ...(withUsage === 0 ? oldPrices(summary.prices) : []),
    ...counted(delivery?.dropped ?? 0, 'span', lost),
    ...(sampled === undefined ? [] : [sample]),
    ...summary.warnings.map(form.sentence),
  ];
}
