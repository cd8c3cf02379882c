import type { SpanExporter } from '@opentelemetry/sdk-trace-node';

/** An exporter that counts and discards spans. */
export class ThrownAway implements SpanExporter {
  exported = 0;

  export(spans: readonly unknown[], done: (result: { code: number }) => void): void {
    this.exported += spans.length;
    done({ code: 0 });
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }
}
