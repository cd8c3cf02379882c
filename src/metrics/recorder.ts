import { diag, type Attributes, type BatchObservableResult, type Meter } from '@opentelemetry/api';
import { MAX_KINDS, OTHER } from '../bounded.js';
import { messageOf } from '../error-facts.js';
import type { Settings } from '../options.js';
import type { Counted, CountedRow } from '../ranking/counted.js';
import type { EntryPointFigures } from '../ranking/entry-points.js';
import type { Model } from '../ranking/model-calls.js';
import type { RankingObserver } from '../ranking/ranking.js';
import type { Row } from '../ranking/row.js';
import { GEN_AI_PROVIDER_NAME, GEN_AI_RESPONSE_MODEL } from '../semconv.js';
import { defined } from '../sums.js';
import { keyOfRow, type RowName } from '../trace/row-names.js';
import type { SpanRecord } from '../trace/span-record.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { AttributeSets } from './attribute-sets.js';
import { Counters } from './counters.js';
import { OF_ENTRY_POINTS, OF_MODELS, OF_ROWS } from './counted-figures.js';
import { GenAiMetrics } from './gen-ai-metrics.js';
import type { Instruments, InstrumentSpec } from './instruments.js';
import { Labels } from './labels.js';
import type { Metric } from './metric.js';
import type { MetricsOptions } from './metrics-options.js';

const NANOS = 1e9;
/** From 10 ms to 82 s, as the GenAI conventions have them. */
const DURATION_BUCKETS = Array.from({ length: 14 }, (_, at) => 0.01 * 2 ** at);
const ENTRY_POINT_DURATION: InstrumentSpec = {
  name: 'hotspan.entry_point.duration',
  unit: 's',
  description: 'How long local roots took.',
  buckets: DURATION_BUCKETS,
};
const ROW_DURATION: InstrumentSpec = {
  name: 'hotspan.row.duration',
  unit: 's',
  description: 'How long spans of this row took.',
  buckets: DURATION_BUCKETS,
};

/** Records the metrics of the rankings that it is attached to. Nothing here throws after construction. */
export class Recorder implements RankingObserver {
  readonly #sources: (() => Counted)[] = [];
  readonly #entryLabels = new Labels(MAX_KINDS, { 'hotspan.entry_point': OTHER });
  readonly #entryAttributes = new WeakMap<RowName, Attributes>();
  readonly #sets = new AttributeSets();
  readonly #genAi: GenAiMetrics;
  readonly #rows: Counters<CountedRow>;
  readonly #entryPoints: Counters<EntryPointFigures>;
  readonly #models: Counters<Model>;
  #rootNanos = 0;
  #hasFailed = false;

  constructor(
    private readonly instruments: Instruments,
    { maxRows, genAiNames }: Settings<MetricsOptions>,
  ) {
    this.#genAi = new GenAiMetrics(instruments, this.#sets, genAiNames);
    this.#rows = new Counters(OF_ROWS, {
      labels: new Labels(maxRows, { 'hotspan.row': OTHER }),
      sourceOf: ({ row }) => row,
      weightOf: ({ row }) => row.weight,
      keyOf: ({ row }) => keyOf(row),
      attributesOf: ({ row }) => ({
        'hotspan.row': row.name,
        'hotspan.service': row.service,
      }),
      durations: {
        spec: ROW_DURATION,
        of: ({ row }) => ({ durations: row.durations, nanos: row.totalNanos }),
      },
    });
    this.#entryPoints = new Counters(OF_ENTRY_POINTS, {
      labels: this.#entryLabels,
      sourceOf: (figures) => figures,
      weightOf: ({ nanos }) => nanos,
      keyOf: ({ row }) => keyOf(row),
      attributesOf: ({ row }) => attributesOfEntry(row),
    });
    this.#models = new Counters(OF_MODELS, {
      labels: new Labels(MAX_KINDS, { [GEN_AI_RESPONSE_MODEL]: OTHER }),
      sourceOf: (model) => model,
      weightOf: ({ weight }) => weight,
      keyOf: ({ model, provider }) => (model === OTHER ? undefined : `${provider}\n${model}`),
      attributesOf: ({ model, provider }) =>
        defined({ [GEN_AI_PROVIDER_NAME]: provider, [GEN_AI_RESPONSE_MODEL]: model }),
    });
  }

  /** Reports the counters whenever the host's meter collects. */
  reportTo(meter: Meter): void {
    const observables = this.#counters.flatMap((counters) => counters.start(meter));
    meter.addBatchObservableCallback((result) => this.#observe(result), observables);
  }

  /** Returns the counters as they are now, with the durations of rows. */
  metrics(): Metric[] {
    this.settle();
    return this.#counters.flatMap((counters) => counters.metrics());
  }

  /** Counts what a ranking finds, beside those that it counts already. */
  attach(counted: () => Counted): void {
    this.#sources.push(counted);
  }

  /** Takes what was found so far. To be called before a ranking is forgotten. */
  settle(): void {
    this.#safely(() => {
      const found = this.#sources.map((counted) => counted());
      this.#rows.take(found.flatMap(({ rows }) => rows));
      this.#entryPoints.take(found.flatMap(({ entryPoints }) => entryPoints));
      this.#models.take(found.flatMap(({ models }) => models));
    });
  }

  addRoot(row: Row, { startNanos, endNanos, record: { errorType } }: SpanNode): void {
    const nanos = endNanos - startNanos;
    this.#rootNanos += nanos;
    this.#safely(() => {
      const attributes = this.#entryAttributes.get(row) ?? this.#attributesOfEntry(row);
      const series = this.#sets.withError(attributes, errorType);
      this.instruments.record(ENTRY_POINT_DURATION, nanos / NANOS, series);
    });
  }

  addSpan(record: SpanRecord, operation: SpanRecord, at: Partial<SpanNode>): void {
    this.#safely(() => this.#genAi.addSpan(record, operation, at));
  }

  get #counters() {
    return [this.#rows, this.#entryPoints, this.#models] as const;
  }

  #attributesOfEntry(row: Row): Attributes {
    const key = keyOf(row);
    if (key === undefined) return this.#entryLabels.other;
    const share = row.totalNanos / Math.max(1, this.#rootNanos);
    const attributes = this.#entryLabels.get(key, share, () => attributesOfEntry(row));
    // What has no label yet may get one.
    if (attributes !== this.#entryLabels.other) this.#entryAttributes.set(row, attributes);
    return attributes;
  }

  #observe(result: BatchObservableResult): void {
    this.settle();
    this.#safely(() => {
      for (const counters of this.#counters) counters.observe(result);
    });
  }

  #safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!this.#hasFailed) diag.error(`hotspan: metrics are incomplete: ${messageOf(error)}`);
    this.#hasFailed = true;
  }
}

function keyOf(row: RowName): string | undefined {
  return row.name === OTHER ? undefined : keyOfRow(row);
}

function attributesOfEntry({ name, service }: RowName): Attributes {
  return { 'hotspan.entry_point': name, 'hotspan.service': service };
}
