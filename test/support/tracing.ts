import { startTracing, type Tracing, type TracingOptions } from 'hotspan/node';
import { afterEach, beforeEach, vi } from 'vitest';
import { startOtlpReceiver, type OtlpReceiver } from './otlp-receiver.js';

/** What the tests of a file start, and what it says. */
export interface TracingInTests {
  /** What was logged since the test began. */
  readonly lines: string[];
  readonly start: (options?: TracingOptions) => Tracing;
  /** Starts a receiver, and makes it the one that spans are sent to. */
  readonly receive: (...options: Parameters<typeof startOtlpReceiver>) => Promise<OtlpReceiver>;
}

/** Stops after every test of the file what it started; no variable of the environment gets in. */
export function tracingInTests(): TracingInTests {
  const running: Tracing[] = [];
  const receivers: OtlpReceiver[] = [];
  const lines: string[] = [];

  beforeEach(() => {
    for (const name of Object.keys(process.env)) {
      if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined);
    }
  });
  afterEach(async () => {
    for (const tracing of running.splice(0)) await tracing.shutdown();
    for (const receiver of receivers.splice(0)) await receiver.close();
    lines.length = 0;
    vi.unstubAllEnvs();
  });
  return {
    lines,
    start: (options = {}) => {
      const tracing = startTracing({ log: (line) => lines.push(line), ...options });
      running.push(tracing);
      return tracing;
    },
    receive: async (...options) => {
      const receiver = await startOtlpReceiver(...options);
      receivers.push(receiver);
      vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.endpoint);
      return receiver;
    },
  };
}
