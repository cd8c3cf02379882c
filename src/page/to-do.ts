import type { Insight, SlowSpan, Summary } from '../summary.js';
import {
  hasAdvice,
  withInsights,
  withoutTries,
  worthALook,
  type WorthALook,
} from '../worth-a-look.js';

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
  /** What to try for it; see `keyOf`. */
  readonly change?: string | undefined;
}

/**
 * What to do, the largest saving first. Where no insight says how to save time, the rows that would save most come
 * first, with what to look at in them.
 */
export function toDo(summary: Summary): ToDo[] {
  const { insights = [] } = summary;
  const found = hasAdvice(summary) ? [] : worthALook(summary);
  const { looks, others } = withInsights(found, insights);
  const shown = others.filter(({ kind }) => kind !== 'dominant');
  return [...looks.map(ofRow), ...shown.map((insight) => ofInsight(insight, summary))];
}

function ofInsight(insight: Insight, summary: Summary): ToDo {
  const { title, service, savingSeconds, savingUsd, spans = [] } = insight;
  const { text, change } = withoutTries(insight, summary) ?? {};
  const message = text === undefined ? insight.message : `${insight.message}. ${text}`;
  return { title, message, service, savingSeconds, savingUsd, spans, change };
}

function ofRow({ row, title, message, savingSeconds, change }: WorthALook): ToDo {
  return { title, message, service: row.service, savingSeconds, spans: row.slowest, change };
}
