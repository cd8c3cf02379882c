import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { Delivery } from './delivery.js';
import { DEFAULT_ENDPOINT } from './otlp-endpoint.js';

const REFUSED = 'connection refused';
const START_JAEGER = 'docker compose -f node_modules/hotspan/docker-compose.yml up -d --wait';

type ExportResult = Parameters<Parameters<SpanExporter['export']>[1]>[0];

/**
 * An exporter that counts what arrives, and says so in one line when that changes: not one line per
 * failure, no stack trace.
 */
export class ReportingExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #endpoint: string;
  readonly #log: (line: string) => void;
  #delivered = 0;
  #failed = 0;
  #pending = 0;
  #gaveUp = false;
  #reason: string | undefined;

  constructor(exporter: SpanExporter, endpoint: string, log: (line: string) => void) {
    this.#exporter = exporter;
    this.#endpoint = endpoint;
    this.#log = (line) => {
      try {
        log(line);
      } catch {
        // A log of the user's that fails must not fail the export.
      }
    };
  }

  /** What has arrived so far. */
  get delivery(): Delivery {
    return {
      endpoint: this.#endpoint,
      delivered: this.#delivered,
      failed: this.#failed,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
    };
  }

  /** Exports, and takes note of the result. */
  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#pending += spans.length;
    this.#exporter.export(spans, (result) => {
      // What was given up is counted already.
      if (!this.#gaveUp) this.#count(spans.length, result);
      // In any case: the batch processor has a timer that keeps the process alive until then.
      done(result);
    });
  }

  /** Counts what has not arrived by now as lost: nobody waits for it any more. */
  giveUp(): void {
    this.#gaveUp = true;
    if (this.#pending > 0) this.#lost(this.#pending, new Error('no answer in time'));
    this.#pending = 0;
  }

  /** Resolves when no export is in flight. */
  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.();
  }

  /** Ends the exporter after what is in flight. */
  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #count(count: number, result: ExportResult): void {
    this.#pending -= count;
    // 0 is success in every version of the SDK.
    if ((result.code as number) === 0) this.#succeeded(count);
    else this.#lost(count, result.error);
  }

  #succeeded(count: number): void {
    this.#delivered += count;
    if (this.#reason === undefined) return;
    this.#reason = undefined;
    this.#log(`hotspan: spans arrive at ${this.#endpoint} again; ${this.#failed} were lost.`);
  }

  #lost(count: number, error: unknown): void {
    this.#failed += count;
    const before = this.#reason;
    this.#reason = reasonOf(error);
    if (before !== undefined) return;
    const isMissing = this.#reason === REFUSED && this.#endpoint === DEFAULT_ENDPOINT;
    this.#log(
      `hotspan: spans do not arrive at ${this.#endpoint} (${this.#reason}); ` +
        `the summary is complete without them.${isMissing ? ` To start Jaeger: ${START_JAEGER}` : ''}`,
    );
  }
}

/** A few words; never the text of a response or a header, which may hold what is private. */
function reasonOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'number') return `HTTP ${code}`;
  if (code === 'ECONNREFUSED') return REFUSED;
  if (typeof code === 'string') return code;
  return typeof message === 'string' && message !== ''
    ? (message.split('\n', 1)[0] ?? '')
    : 'failed';
}
