import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent as HttpAgent, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { context, createContextKey } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { answerOf, failureOf, MAX_ANSWER_BYTES, NO_ANSWER, type Answer } from './otlp-answer.js';
import type { OtlpSettings } from './otlp-settings.js';

/** What the receiver said last to one export; the exporter may have asked it several times. */
interface Heard {
  readonly by: OtlpExport;
  answer: Answer | undefined;
}

/**
 * Where an export keeps what it heard, in OpenTelemetry's context: an `AsyncLocalStorage` of its own would
 * make every promise of the process a little dearer.
 */
const HEARD = createContextKey('hotspan: what the receiver said');

/** More than are ever on their way at once: the exporter fails those beyond, and says so to nobody. */
const CONCURRENCY = 64;
/** Node tells here of every request that is made. */
const REQUEST_START = 'http.client.request.start';

/**
 * OpenTelemetry's exporter, and what the receiver answers to it: the exporter itself tells neither how
 * many spans a receiver rejected, nor what status came, nor when it wants to be asked again.
 */
export class OtlpExport {
  readonly #exporter: OTLPTraceExporter;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #timeoutMillis: number;
  readonly #onRequest = (message: unknown): void => {
    const heard = context.active().getValue(HEARD) as Heard | undefined;
    if (heard?.by !== this) return;
    listen((message as { request: ClientRequest }).request, heard, (answer) => {
      heard.answer = answer;
      this.#lastTrouble = answer.kind === 'taken' ? undefined : answer.reason;
    });
  };
  #lastTrouble: string | undefined;

  /** @param timeoutMillis how long one export may take, with all that the exporter tries again */
  constructor(settings: OtlpSettings, timeoutMillis: number) {
    this.#timeoutMillis = timeoutMillis;
    this.#agent = settings.url.startsWith('https:')
      ? new HttpsAgent({ keepAlive: true, ...settings.tls })
      : new HttpAgent({ keepAlive: true });
    this.#exporter = new OTLPTraceExporter({
      url: settings.url,
      headers: { ...settings.headers },
      compression: settings.isCompressed ? ('gzip' as never) : ('none' as never),
      httpAgentOptions: () => this.#agent,
      concurrencyLimit: CONCURRENCY,
      timeoutMillis,
    });
    subscribe(REQUEST_START, this.#onRequest);
  }

  /** What the receiver said last, if it was no good. */
  get lastTrouble(): string | undefined {
    return this.#lastTrouble;
  }

  /** Exports spans. Never rejects; answers within the time that an export may take. */
  send(spans: readonly ReadableSpan[]): Promise<Answer> {
    const heard: Heard = { by: this, answer: undefined };
    return new Promise<Answer>((settle) => {
      // A timer that went on would keep the spans in memory, long after they have arrived.
      const resolve = (answer: Answer) => {
        clearTimeout(timer);
        settle(answer);
      };
      // The exporter waits for the end of an answer that comes drop by drop.
      const timer = setTimeout(() => {
        resolve(heard.answer ?? TOO_LATE);
      }, this.#timeoutMillis).unref();
      const done: Parameters<OTLPTraceExporter['export']>[1] = ({ code, error }) => {
        // 0 is success in every version of the SDK.
        const isTaken = (code as number) === 0;
        const taken: Answer = { kind: 'taken', rejected: 0 };
        resolve(heard.answer ?? (isTaken ? taken : failureOf(error)));
      };
      try {
        // A host that traces its HTTP requests shall not trace these.
        context.with(suppressTracing(context.active()).setValue(HEARD, heard), () =>
          this.#exporter.export(spans as ReadableSpan[], done),
        );
      } catch {
        resolve({ kind: 'never', reason: 'a span could not be written as JSON' });
      }
    });
  }

  /** Breaks off what is on its way. */
  abort(): void {
    this.#agent.destroy();
  }

  /** Lets go of the process. */
  close(): void {
    unsubscribe(REQUEST_START, this.#onRequest);
    void this.#exporter.shutdown();
  }
}

const TOO_LATE: Answer = { kind: 'later', reason: NO_ANSWER };

function listen(request: ClientRequest, heard: Heard, note: (answer: Answer) => void): void {
  // Of a request that was tried again only the last answer counts.
  heard.answer = undefined;
  request.once('timeout', () => note(TOO_LATE));
  request.once('error', (error) => {
    if (heard.answer === undefined) note(failureOf(error));
  });
  request.once('response', (response: IncomingMessage) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const read = () => Buffer.concat(chunks).toString();
    note(answerOf(response, read()));
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_ANSWER_BYTES) chunks.push(chunk);
    });
    // Before the exporter hears of it, which listens as well.
    response.prependListener('end', () => note(answerOf(response, read())));
  });
}
