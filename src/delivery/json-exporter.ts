import { AsyncLocalStorage } from 'node:async_hooks';
import type { Agent, ClientRequest } from 'node:http';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { decodeSpans } from './decode-spans.js';
import type { Reply, hearAnswer, OtlpSettings } from './otlp-client.js';
import type { Sender } from './sender.js';
import type { SpanBatch } from './span-batch.js';

/** Who waits for the answer to one export. */
interface Waiting {
  readonly settle: (answer: Reply | Promise<Reply>) => void;
  /** Exports the same spans once more, if that may be. */
  readonly repeat: () => Promise<Reply> | undefined;
  /** Gives up if the exporter makes no request. */
  readonly timer: NodeJS.Timeout;
  isAsked: boolean;
}
type AddRequest = (request: ClientRequest, ...rest: unknown[]) => void;

/** More requests than are ever on their way: the exporter fails those beyond without a word. */
const CONCURRENCY = 64;

/**
 * OpenTelemetry's exporter, with what the receiver answers to it. The exporter itself tells neither the
 * status, nor how many spans a receiver rejected, nor when to ask again; so its agent listens to its
 * requests, and to no others of the host. It is given what it shares with the rest, which the build would
 * otherwise put into one more file for all to load.
 */
export class JsonExporter implements Sender {
  readonly #exporter: OTLPTraceExporter;
  readonly #waiting = new AsyncLocalStorage<Waiting>();
  #aborts = 0;

  constructor(
    settings: OtlpSettings,
    private readonly timeoutMillis: number,
    private readonly agent: Agent,
    private readonly hear: typeof hearAnswer,
  ) {
    this.#listenTo(agent as unknown as { addRequest: AddRequest });
    this.#exporter = new OTLPTraceExporter({
      url: settings.url,
      headers: { ...settings.headers },
      compression: (settings.isCompressed ? 'gzip' : 'none') as never,
      httpAgentOptions: () => agent,
      concurrencyLimit: CONCURRENCY,
      timeoutMillis,
    });
  }

  send(batch: SpanBatch): Promise<Reply> {
    return this.#send(decodeSpans(batch), true);
  }

  abort(): void {
    this.#aborts += 1;
    this.agent.destroy();
  }

  #send(spans: ReadableSpan[], mayRepeat: boolean): Promise<Reply> {
    return new Promise<Reply>((resolve) => {
      const settle = (answer: Reply | Promise<Reply>) => {
        clearTimeout(timer);
        resolve(answer);
      };
      const giveUp = () => settle({ kind: 'later', reason: 'no request in time' });
      const timer = setTimeout(giveUp, this.timeoutMillis).unref();
      const aborts = this.#aborts;
      const repeat = () =>
        mayRepeat && aborts === this.#aborts ? this.#send(spans, false) : undefined;
      const waiting: Waiting = { settle, repeat, timer, isAsked: false };
      const send = () =>
        this.#exporter.export(spans, ({ error }) => {
          // Once its request was heard, the answer settles it.
          if (error !== undefined) settle({ kind: 'never', reason: 'the exporter failed' });
          else if (!waiting.isAsked) settle({ kind: 'taken', rejected: 0 });
        });
      // A host that traces its HTTP requests must not trace these.
      context.with(suppressTracing(ROOT_CONTEXT), () => this.#waiting.run(waiting, send));
    });
  }

  /** Every request reaches its agent by `addRequest`, in the course of the export that makes it. */
  #listenTo(agent: { addRequest: AddRequest }): void {
    const addRequest = agent.addRequest.bind(agent);
    agent.addRequest = (request, ...rest) => {
      const waiting = this.#waiting.getStore();
      if (waiting?.isAsked === true) {
        // The exporter would try again by itself. The queue has its own rule for that.
        request.destroy(new Error('it is tried again later'));
        return;
      }
      if (waiting !== undefined) {
        waiting.isAsked = true;
        clearTimeout(waiting.timer);
        this.hear(request, this.timeoutMillis, waiting.settle, waiting.repeat);
      }
      addRequest(request, ...rest);
    };
  }
}
