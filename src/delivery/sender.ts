import { agentFor, hearAnswer, OtlpClient } from './otlp-client.js';
import type { Reply, OtlpSettings } from './otlp-client.js';
import { requestOf, type SpanBatch } from './span-batch.js';

export interface Sender {
  /** Sends a batch. Never rejects, and answers within the time that one request may take. */
  readonly send: (batch: SpanBatch) => Promise<Reply>;
  /** Breaks off what is on its way. The sender can be used afterwards. */
  readonly abort: () => void;
}

/** @param timeoutMillis how long one request may take */
export function makeSender(settings: OtlpSettings, timeoutMillis: number): Sender {
  if (settings.protocol === 'http/json') return makeJsonSender(settings, timeoutMillis);
  const client = new OtlpClient(settings);
  return {
    send: (batch) => client.post(requestOf(batch), timeoutMillis),
    abort: () => client.abort(),
  };
}

/** OpenTelemetry's exporter is loaded when the first spans are sent: it takes as long as all of hotspan. */
function makeJsonSender(settings: OtlpSettings, timeoutMillis: number): Sender {
  let exporter: Sender | undefined;
  let loading: Promise<Sender> | undefined;
  const load = async () => {
    const { JsonExporter } = await import('./json-exporter.js');
    return (exporter = new JsonExporter(settings, timeoutMillis, agentFor(settings), hearAnswer));
  };
  return {
    send: async (batch) => {
      try {
        return await (await (loading ??= load())).send(batch);
      } catch {
        return { kind: 'never', reason: 'OpenTelemetry’s exporter could not be loaded' };
      }
    },
    abort: () => exporter?.abort(),
  };
}
