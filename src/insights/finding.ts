import { OTHER } from '../bounded.js';
import type { RowName, RowOf } from '../trace/row-names.js';
import type { SpanRecord } from '../trace/span-record.js';
import type { Bottleneck, Insight } from '../summary.js';

/** What is less than this share of all time and of all cost is not worth a word. */
const MIN_SHARE = 0.01;
const HIGH_SHARE = 0.2;
const MEDIUM_SHARE = 0.05;

/** Segments of one kind of insight beyond this many are not looked at. */
const MAX_SEGMENTS = 500;
const MAX_NAME_LENGTH = 60;

/** What a finding is measured against. */
export interface Totals {
  readonly rows: readonly Bottleneck[];
  /** Of all local roots. */
  readonly seconds: number;
  readonly costUsd: number | undefined;
  readonly inputTokens: number;
}

/** An insight before it is weighed. */
export interface Finding extends Omit<Insight, 'severity'> {
  /** What it is about where nobody can say what would be saved, in seconds. */
  readonly atStakeSeconds?: number;
  /** The same as a share of all input tokens. */
  readonly atStakeShare?: number;
}

/** One kind of insight: what it keeps of the traces, and what it makes of that. */
export interface InsightSource {
  /** Whatever is worth weighing, in any order. */
  findings(totals: Totals): Finding[];
}

/** How much of all time or of all cost a finding is about, whichever is more: 0 to 1. */
function shareOf(finding: Finding, { seconds, costUsd = 0 }: Totals): number {
  const { savingSeconds = 0, savingUsd = 0, atStakeSeconds = 0, atStakeShare = 0 } = finding;
  const ofTime = seconds > 0 ? Math.max(savingSeconds, atStakeSeconds) / seconds : 0;
  return Math.max(ofTime, costUsd > 0 ? savingUsd / costUsd : 0, atStakeShare);
}

/**
 * The findings that are worth a word as insights, by how much of all time or of all cost they would
 * save, the largest first. Those of which nobody can say what they would save come last. One of a
 * kind for each segment.
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
  const { savingSeconds, savingUsd, ...rest } = finding;
  return {
    ...rest,
    ...(savingSeconds === undefined ? {} : { savingSeconds: Math.min(savingSeconds, seconds) }),
    ...(savingUsd === undefined ? {} : { savingUsd: Math.min(savingUsd, costUsd) }),
  };
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
    ...(savingSeconds === undefined ? {} : { savingSeconds }),
    ...(savingUsd === undefined ? {} : { savingUsd }),
  };
}

/** A segment and what a kind of insight keeps of it. */
export interface SegmentState<State> {
  readonly segment: string;
  readonly service: string;
  readonly variant: number;
  readonly state: State;
}

/** What a kind of insight keeps of each segment, in bounded memory. */
export class BySegment<State> {
  readonly #rowOf: RowOf;
  readonly #make: () => State;
  readonly #all: SegmentState<State>[] = [];
  readonly #byRow = new Map<RowName, SegmentState<State>[]>();
  /** Of the segments that find no room, here or among the rows. Nobody asks for it. */
  readonly #other: State;

  constructor(rowOf: RowOf, make: () => State) {
    this.#rowOf = rowOf;
    this.#make = make;
    this.#other = make();
  }

  /**
   * The state of the segment that a span is a call of.
   *
   * @param variant keeps apart what is not the same within a segment
   */
  of(record: SpanRecord, variant = 0): State {
    const row = this.#rowOf(record);
    const variants = this.#byRow.get(row);
    const known = variants?.find((each) => each.variant === variant);
    if (known !== undefined) return known.state;
    if (row.name === OTHER || this.#all.length >= MAX_SEGMENTS) return this.#other;
    const fresh = { segment: row.name, service: row.service, variant, state: this.#make() };
    this.#all.push(fresh);
    if (variants === undefined) this.#byRow.set(row, [fresh]);
    else variants.push(fresh);
    return fresh.state;
  }

  /** Every segment with its state, without those that found no room. */
  list(): readonly SegmentState<State>[] {
    return this.#all;
  }
}

/** A segment's name in a sentence. */
export function quoted(segment: string): string {
  const isLong = segment.length > MAX_NAME_LENGTH;
  return `\`${isLong ? `${segment.slice(0, MAX_NAME_LENGTH - 1)}…` : segment}\``;
}
