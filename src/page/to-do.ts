import type { Bottleneck, Insight, SlowSpan, Summary } from '../summary.js';

/** One thing to do. */
export interface ToDo {
  /** Where there is a title. */
  readonly title?: string | undefined;
  readonly message: string;
  readonly service: string;
  readonly savingSeconds?: number | undefined;
  readonly savingUsd?: number | undefined;
  /** The spans that show it, those with most time first. */
  readonly spans: readonly SlowSpan[];
}

/**
 * What to do, the largest saving first. That one row has most of the time is what the ranking says: it is told only
 * where nothing else would save time.
 */
export function toDo({ insights = [], bottlenecks }: Summary): ToDo[] {
  const others = insights.filter(({ kind }) => kind !== 'dominant').map(ofInsight);
  if (others.some(({ savingSeconds = 0 }) => savingSeconds > 0)) return others;
  const dominant = insights.find(({ kind }) => kind === 'dominant');
  if (dominant !== undefined) return [ofInsight(dominant), ...others];
  const [first] = [...bottlenecks].sort((a, b) => (b.savingSeconds ?? 0) - (a.savingSeconds ?? 0));
  return (first?.savingSeconds ?? 0) > 0 ? [ofRow(first!), ...others] : others;
}

function ofInsight(insight: Insight): ToDo {
  const { title, message, service, savingSeconds, savingUsd, spans = [] } = insight;
  return { title, message, service, savingSeconds, savingUsd, spans };
}

function ofRow({ name, service, savingSeconds, slowest }: Bottleneck): ToDo {
  const title = `Make \`${name}\` faster`;
  const message = `Users waited longest for \`${name}\`: this is what they would wait less if it took no time.`;
  return { title, message, service, savingSeconds, spans: slowest };
}
