import { jsonRequestOf } from './json-request.js';
import { OtlpClient, type Reply, type OtlpSettings } from './otlp-client.js';
import { requestOf, type SpanBatch } from './span-batch.js';

export interface Sender {
  /** Sends a batch. Never rejects, and answers within the time that one request may take. */
  readonly send: (batch: SpanBatch) => Promise<Reply>;
  /** Breaks off what is on its way. The sender can be used afterwards. */
  readonly abort: () => void;
}

/** @param timeoutMillis how long one request may take */
export function makeSender(settings: OtlpSettings, timeoutMillis: number): Sender {
  const client = new OtlpClient(settings);
  const isJson = settings.protocol === 'http/json';
  const [write, type] = isJson ? ([jsonRequestOf, 'application/json'] as const) : [requestOf];
  return {
    send: (batch) => client.post(write(batch), timeoutMillis, type),
    abort: () => client.abort(),
  };
}
