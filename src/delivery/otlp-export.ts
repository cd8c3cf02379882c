import type { Agent, ClientRequest } from 'node:http';
import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { agentFor, NO_ANSWER, readReceiverAnswer, reasonOf } from './otlp-client.js';
import type { Answer, OtlpSettings } from './otlp-client.js';

type Settle = (answer: Answer | Promise<Answer>) => void;

/** Who waits for the answer to one export. */
interface Waiting {
  readonly settle: Settle;
  /** Exports the same spans once more. */
  readonly repeat: (() => Promise<Answer>) | undefined;
  isAsked: boolean;
}
type AddRequest = (request: ClientRequest, ...rest: unknown[]) => void;

/** Where the context of an export keeps who waits for its answer. */
const WAITING = createContextKey('hotspan: who waits for the answer of the receiver');
/** More requests than are ever on their way: the exporter fails those beyond without a word. */
const CONCURRENCY = 64;

/**
 * OpenTelemetry's exporter, with what the receiver answers to it. The exporter itself tells neither the
 * status, nor how many spans a receiver rejected, nor when to ask again; so its agent listens to its
 * requests, and to no others of the host.
 */
export class OtlpExport {
  readonly #exporter: OTLPTraceExporter;
  readonly #agent: Agent;

  constructor(
    settings: OtlpSettings,
    private readonly timeoutMillis: number,
  ) {
    this.#agent = agentFor(settings);
    listenTo(this.#agent as unknown as { addRequest: AddRequest });
    this.#exporter = new OTLPTraceExporter({
      url: settings.url,
      headers: { ...settings.headers },
      compression: (settings.isCompressed ? 'gzip' : 'none') as never,
      httpAgentOptions: () => this.#agent,
      concurrencyLimit: CONCURRENCY,
      timeoutMillis,
    });
  }

  /** Exports spans. Never rejects; answers within the time that one request may take. */
  send(spans: readonly ReadableSpan[], mayRepeat = true): Promise<Answer> {
    return new Promise<Answer>((resolve) => {
      const settle: Settle = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      // A timer that went on would keep the spans in memory long after they have arrived.
      const giveUp = () => settle({ kind: 'later', reason: NO_ANSWER });
      const timer = setTimeout(giveUp, this.timeoutMillis).unref();
      // A host that traces its HTTP requests shall not trace these.
      const repeat = mayRepeat ? () => this.send(spans, false) : undefined;
      const waiting: Waiting = { settle, repeat, isAsked: false };
      const exporting = suppressTracing(ROOT_CONTEXT).setValue(WAITING, waiting);
      try {
        context.with(exporting, () =>
          this.#exporter.export(spans as ReadableSpan[], ({ error }) => {
            // Once its request was heard, the answer settles it. A host's context may not get that far.
            if (error !== undefined) settle({ kind: 'never', reason: reasonOf(error) });
            else if (!waiting.isAsked) settle({ kind: 'taken', rejected: 0 });
          }),
        );
      } catch {
        settle({ kind: 'never', reason: 'a span could not be written as JSON' });
      }
    });
  }

  /** Breaks off what is on its way. The exporter can be used afterwards. */
  abort(): void {
    this.#agent.destroy();
  }
}

/** Every request reaches its agent by `addRequest`, in the context of the export that makes it. */
function listenTo(agent: { addRequest: AddRequest }): void {
  const addRequest = agent.addRequest.bind(agent);
  agent.addRequest = (request, ...rest) => {
    const waiting = context.active().getValue(WAITING) as Waiting | undefined;
    if (waiting?.isAsked === true) {
      // The exporter would try again by itself. The queue has its own rule for that.
      request.destroy(new Error('it is tried again later'));
      return;
    }
    if (waiting !== undefined) listen(request, waiting);
    addRequest(request, ...rest);
  };
}

function listen(request: ClientRequest, waiting: Waiting): void {
  const { settle, repeat } = waiting;
  waiting.isAsked = true;
  request.once('error', (error) => {
    // The receiver closed a kept connection just when it was to be used. That is no fault.
    const isStale = repeat !== undefined && request.reusedSocket;
    settle(isStale ? repeat() : { kind: 'later', reason: reasonOf(error) });
  });
  request.prependOnceListener('response', (response) => readReceiverAnswer(response, settle));
  // A flush that waits for the answer keeps the process alive; a request alone does not.
  request.once('socket', (socket) => socket.unref());
}
