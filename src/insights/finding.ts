import type { Bottleneck, Insight, Summary } from '../summary.js';
import { keyOfRow, type RowName } from '../trace/row-names.js';
import { defined } from '../sums.js';
import { titleOf } from './titles.js';

/** A finding about less than this share of all time and of all cost is left out. */
const MIN_SHARE = 0.01;
const HIGH_SHARE = 0.2;
const MEDIUM_SHARE = 0.05;

/** What a finding is measured against. */
export interface Totals {
  readonly rows: readonly Bottleneck[];
  /** Of all local roots. */
  readonly seconds: number;
  readonly costUsd: number | undefined;
  readonly inputTokens: number;
  readonly slow?: Summary['slow'];
  /** Rows that wait for one of some slots. Absent where it is not known, as in a merge. */
  readonly limits?: readonly {
    readonly row: RowName;
    readonly slots: number;
    readonly waitNanos: number;
  }[];
}

export interface Finding extends Omit<Insight, 'severity' | 'savingUsd' | 'title'> {
  /** By default that of its kind. */
  readonly title?: string | undefined;
  readonly savingUsd?: number | undefined;
  /** How many seconds it is about, where nobody can say how many it would save. */
  readonly atStakeSeconds?: number;
  /** The share of all input tokens that it is about, where no cost is known. */
  readonly atStakeShare?: number;
}

/**
 * Turns the findings that matter into insights: those that save the largest share of all time or cost
 * first, those whose saving nobody can tell last. Keeps one of a kind for each segment.
 */
export function weigh(findings: readonly Finding[], { seconds, costUsd = 0 }: Totals): Insight[] {
  const told = new Set<string>();
  return findings
    .map((finding) => {
      const { kind, segment, service, atStakeSeconds = 0, atStakeShare = 0 } = finding;
      // Savings of nested segments of one name may overlap: no more can be saved than there was.
      const savingSeconds = atMost(seconds, finding.savingSeconds);
      const savingUsd = atMost(costUsd, finding.savingUsd);
      const ofTime = seconds > 0 ? Math.max(savingSeconds ?? 0, atStakeSeconds) / seconds : 0;
      const ofCost = costUsd > 0 ? (savingUsd ?? 0) / costUsd : 0;
      return {
        finding,
        key: `${kind}\n${service}\n${segment}`,
        share: Math.max(ofTime, ofCost, atStakeShare),
        hasSaving: Number(savingSeconds !== undefined || savingUsd !== undefined),
        savings: defined({ savingSeconds, savingUsd }),
      };
    })
    .filter(({ share }) => share >= MIN_SHARE)
    .sort((a, b) => b.hasSaving - a.hasSaving || b.share - a.share || (a.key < b.key ? -1 : 1))
    .filter(({ key }) => !told.has(key) && told.add(key))
    .map(({ finding, share, savings }) => {
      const { kind, segment, service, message, evidence } = finding;
      const { title = titleOf(kind, segment), spans } = finding;
      const atLeastMedium = share >= HIGH_SHARE ? 'high' : 'medium';
      const severity = share >= MEDIUM_SHARE ? atLeastMedium : 'low';
      const shown = defined({ title, spans });
      return { kind, severity, segment, service, ...shown, message, evidence, ...savings };
    });
}

/** What no span of its own shows is shown by those with most time of its row. */
export function withSpans(findings: readonly Finding[], rows: readonly Bottleneck[]): Finding[] {
  const byKey = new Map(rows.map((row) => [keyOfRow(row), row.slowest]));
  return findings.map((finding) => {
    const { spans, segment, service } = finding;
    const slowest = byKey.get(keyOfRow({ name: segment, service })) ?? [];
    return spans !== undefined || slowest.length === 0 ? finding : { ...finding, spans: slowest };
  });
}

/** Kinds that take calls under one parent for calls that could have been made together. */
const OF_SEQUENCES: readonly string[] = ['many-short-calls', 'sequential-calls'];
/** Of a row's critical time. */
const MIN_WAITED_FOR = 0.5;

/** Leaves out the jobs of a queue: they come one by one, and those who sent them wait for them. */
export function withoutJobs(findings: readonly Finding[], rows: readonly Bottleneck[]): Finding[] {
  const waited = new Map<string, number>();
  for (const { waitsFor = [] } of rows) {
    for (const { row, service, seconds } of waitsFor) {
      const key = keyOfRow({ name: row, service });
      waited.set(key, (waited.get(key) ?? 0) + seconds);
    }
  }
  if (waited.size === 0) return [...findings];
  const isJob = new Set(
    rows.flatMap((row) => {
      const seconds = waited.get(keyOfRow(row)) ?? 0;
      return seconds > 0 && seconds >= MIN_WAITED_FOR * row.criticalSeconds ? keyOfRow(row) : [];
    }),
  );
  return findings.filter(({ kind, segment, service }) => {
    return !OF_SEQUENCES.includes(kind) || !isJob.has(keyOfRow({ name: segment, service }));
  });
}

/** Kinds that say more of a row than that few of its calls are slow. */
const CAUSES_OF_TAILS: readonly string[] = ['straggler', 'cold-start'];

/**
 * Leaves out what another insight says better. Which row takes most is worth a word only where no insight that
 * matters says what to do, and comes last.
 */
export function withoutWeaker(all: readonly Insight[]): Insight[] {
  const rowOf = ({ service, segment }: Insight) => `${service}\n${segment}`;
  const explained = new Set(all.filter(({ kind }) => CAUSES_OF_TAILS.includes(kind)).map(rowOf));
  const insights = all.filter(
    (insight) => insight.kind !== 'slow-tail' || !explained.has(rowOf(insight)),
  );
  const others = insights.filter(({ kind }) => kind !== 'dominant');
  if (others.some(({ severity }) => severity !== 'low')) return others;
  return [...others, ...insights.filter(({ kind }) => kind === 'dominant')];
}

function atMost(limit: number, value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.min(value, limit);
}
