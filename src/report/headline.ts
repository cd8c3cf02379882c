import type { Summary } from '../summary.js';
import type { Escape } from './escape.js';
import { formatCount, formatSeconds, formatUsd, plural } from '../format.js';

/** What was observed, and how long users waited. */
export function headline(summary: Summary, escape: Escape): string {
  const { services, traces, latency, observedSeconds } = summary;
  const parts = [
    escape.name(services.join(', ')) || 'hotspan',
    `${plural(traces.analyzed, 'trace')} in ${formatSeconds(observedSeconds)}`,
  ];
  if (latency.count > 0) {
    parts.push(
      `p50 ${formatSeconds(latency.p50Seconds)}`,
      `p95 ${formatSeconds(latency.p95Seconds)}`,
      `max ${formatSeconds(latency.maxSeconds)}`,
    );
  }
  return parts.join(' · ');
}

/** LLM calls, cost, waste and errors, as far as there are any; may be empty. */
export function totalsLine({ totals }: Summary): string {
  const parts: string[] = [];
  if (totals.llmCalls > 0) {
    parts.push(
      plural(totals.llmCalls, 'LLM call'),
      `${formatCount(totals.inputTokens)} tokens in, ${formatCount(totals.outputTokens)} out`,
    );
  }
  if (totals.costUsd !== undefined) parts.push(formatUsd(totals.costUsd));
  if (totals.retries > 0) parts.push(plural(totals.retries, 'retry', 'retries'));
  if (totals.wastedSeconds > 0) {
    const usd = totals.wastedCostUsd;
    const money = usd === undefined ? '' : ` and ${formatUsd(usd)}`;
    parts.push(`${formatSeconds(totals.wastedSeconds)}${money} wasted`);
  }
  if (totals.errors > 0) parts.push(plural(totals.errors, 'error'));
  return parts.join(' · ');
}
