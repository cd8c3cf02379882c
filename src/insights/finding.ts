import type { Bottleneck, Insight } from '../summary.js';
import { defined } from '../sums.js';

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
}

export interface Finding extends Omit<Insight, 'severity' | 'savingUsd'> {
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
export function weigh(findings: readonly Finding[], totals: Totals): Insight[] {
  const told = new Set<string>();
  return findings
    .map((finding) => cut(finding, totals))
    .map((finding) => ({ finding, share: shareOf(finding, totals) }))
    .filter(({ share }) => share >= MIN_SHARE)
    .sort(
      (a, b) =>
        Number(hasSaving(b.finding)) - Number(hasSaving(a.finding)) ||
        b.share - a.share ||
        (textKey(a.finding) < textKey(b.finding) ? -1 : 1),
    )
    .filter(({ finding }) => {
      const key = textKey(finding);
      return !told.has(key) && told.add(key);
    })
    .map(({ finding, share }) => toInsight(finding, share));
}

/** Savings of nested segments of one name may overlap: no more can be saved than there was. */
function cut(finding: Finding, { seconds, costUsd = 0 }: Totals): Finding {
  const { savingSeconds, savingUsd } = finding;
  return {
    ...finding,
    ...(savingSeconds === undefined ? {} : { savingSeconds: Math.min(savingSeconds, seconds) }),
    ...(savingUsd === undefined ? {} : { savingUsd: Math.min(savingUsd, costUsd) }),
  };
}

/** Of all time or of all cost, whichever is more. */
function shareOf(finding: Finding, { seconds, costUsd = 0 }: Totals): number {
  const { savingSeconds = 0, savingUsd = 0, atStakeSeconds = 0, atStakeShare = 0 } = finding;
  const ofTime = seconds > 0 ? Math.max(savingSeconds, atStakeSeconds) / seconds : 0;
  return Math.max(ofTime, costUsd > 0 ? savingUsd / costUsd : 0, atStakeShare);
}

function hasSaving({ savingSeconds, savingUsd }: Finding): boolean {
  return savingSeconds !== undefined || savingUsd !== undefined;
}

function textKey({ kind, segment, service }: Finding): string {
  return `${kind}\n${service}\n${segment}`;
}

function toInsight(finding: Finding, share: number): Insight {
  const { kind, segment, service, message, evidence, savingSeconds, savingUsd } = finding;
  const atLeastMedium = share >= HIGH_SHARE ? 'high' : 'medium';
  return {
    kind,
    severity: share >= MEDIUM_SHARE ? atLeastMedium : 'low',
    segment,
    service,
    message,
    evidence,
    ...defined({ savingSeconds, savingUsd }),
  };
}
