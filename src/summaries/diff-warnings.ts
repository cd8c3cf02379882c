import { formatCount, plural } from '../format.js';
import type { Summary } from '../summary.js';

/** What cannot be told of two summaries, and what each of them leaves out: sentences for people. */
export function diffWarnings(before: Summary, after: Summary): string[] {
  return [...sideWarnings('before', before), ...sideWarnings('after', after)];
}

function sideWarnings(side: string, summary: Summary): string[] {
  const { latency, bottlenecks, totals, traces, spans } = summary;
  const warnings: string[] = [];
  const isOlder = [latency, ...bottlenecks].some(({ durations }) => durations === undefined);
  if (latency.count > 0 && isOlder) {
    warnings.push(
      `the summary ${side} was saved by an older version: what its quantiles changed cannot be told`,
    );
  }
  if (totals.unpricedCalls > 0) {
    const calls = `${formatCount(totals.unpricedCalls)} of ${plural(totals.llmCalls, 'LLM call')}`;
    warnings.push(`${calls} ${side} have no price: what the cost changed cannot be told`);
  }
  const leftOut = [
    [traces.incomplete, 'trace', 'incomplete'],
    [traces.evicted, 'trace', 'evicted before its end'],
    [spans.dropped, 'span', 'dropped'],
  ] as const;
  for (const [count, what, why] of leftOut) {
    if (count > 0) warnings.push(`${side}: ${plural(count, what)} ${why}`);
  }
  return [...warnings, ...summary.warnings.map((text) => `${side}: ${text}`)];
}
