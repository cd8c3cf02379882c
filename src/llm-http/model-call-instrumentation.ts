import type { TracerProvider } from '@opentelemetry/api';
import { VERSION } from '../version.js';
import { endHeldCalls } from './held-calls.js';
import { replace, type Method } from '../instrument/own-methods.js';
import { watchAiSdk } from './ai-sdk-channel.js';
import { watchedFetch } from './watch-fetch.js';
import { watchedConnect, watchedHttpRequest } from './watch-node-http.js';
import type { WatchSettings } from './watch-settings.js';

/** Settings of an instrumentation, as OpenTelemetry's own have them. */
export interface InstrumentationSettings {
  /** `false` not to switch it on. Default true. */
  readonly enabled?: boolean | undefined;
}

/** On what is replaced already: a second copy would see every call twice. */
const MARK = Symbol.for('hotspan.model-calls');

/**
 * Recognises the calls of models that any client in this process makes, by the address and the body of its
 * requests: by `fetch`, `node:http`, `node:https` or `node:http2`. Each call is a CLIENT span, as of
 * `llmCall`, with the model, the tokens, the cost, the finish reasons and, for a stream, the time to the
 * first token. Requests that a client sends again are attempts of one call. A call inside an `llmCall` for
 * the same model is that call, and completes it. What the AI SDK 7 tells of itself (its functions, steps and
 * tools) are spans as well. Prompts and answers are not recorded.
 *
 * It is an instrumentation of OpenTelemetry, and needs none of its packages. Known hosts of providers are
 * recognised, and any other host with the API of one of them: vLLM, LiteLLM, Ollama, a gateway. What the
 * client sees stays the same; nothing is read ahead. Nothing here throws.
 *
 * ```ts
 * import { ModelCallInstrumentation } from 'hotspan/processor';
 *
 * const instrumentation = new ModelCallInstrumentation();
 * // new NodeSDK({ instrumentations: [instrumentation], ... }), or by itself:
 * instrumentation.enable();
 * instrumentation.disable();
 * ```
 */
export class ModelCallInstrumentation {
  readonly instrumentationName = 'hotspan';
  readonly instrumentationVersion = VERSION;
  readonly #watching: WatchSettings = { isEnabled: false, tracer: undefined };
  #settings: InstrumentationSettings;
  #undo: (() => void)[] = [];
  readonly #kept: (readonly [on: object, key: string])[] = [];

  /** @param settings `{ enabled: false }` to switch it on later, by `enable()` */
  constructor(settings: InstrumentationSettings = {}) {
    this.#settings = settings;
    if (settings.enabled !== false) this.enable();
  }

  /** Begins to recognise calls. What loads later is seen as well as what has been loaded. */
  enable(): void {
    if (this.#watching.isEnabled) return;
    this.#watching.isEnabled = true;
    const { fetch } = globalThis;
    this.#replace(globalThis, 'fetch', () => watchedFetch(fetch, this.#watching) as Method);
    for (const name of ['node:http', 'node:https']) {
      this.#replace(process.getBuiltinModule(name), 'request', (found) =>
        watchedHttpRequest(found, this.#watching),
      );
    }
    this.#replace(process.getBuiltinModule('node:http2'), 'connect', (found) =>
      watchedConnect(found, this.#watching),
    );
    process.getBuiltinModule('node:module').syncBuiltinESMExports();
    this.#undo.push(watchAiSdk(this.#watching));
  }

  /** Stops recognising calls. Calls that run are still watched to their end. */
  disable(): void {
    this.#watching.isEnabled = false;
    endHeldCalls();
    for (const undo of this.#undo.splice(0)) undo();
    process.getBuiltinModule('node:module').syncBuiltinESMExports();
  }

  /**
   * Ends the calls whose last request failed and that wait for the client to try again, as they do until
   * the span around them ends: for a process that is about to end, or a summary now.
   */
  endWaitingCalls(): void {
    endHeldCalls();
  }

  /** Called by OpenTelemetry. Default: the registered provider. */
  setTracerProvider(provider: TracerProvider): void {
    this.#watching.tracer = provider.getTracer(this.instrumentationName, VERSION);
  }

  /** Called by OpenTelemetry. It measures nothing but its spans. */
  setMeterProvider(): void {
    // Nothing to set.
  }

  /** Called by OpenTelemetry. */
  setConfig(settings: InstrumentationSettings): void {
    this.#settings = settings;
  }

  /** Called by OpenTelemetry. */
  getConfig(): InstrumentationSettings {
    return this.#settings;
  }

  #replace(on: object | undefined, key: string, by: (found: Method) => Method): void {
    const found: unknown = on && Reflect.get(on, key);
    const isKept = this.#kept.some(([where, what]) => where === on && what === key);
    if (on === undefined || isKept || typeof found !== 'function' || MARK in found) return;
    const watching = Object.assign(by(found as Method), { [MARK]: true });
    replace(on, key, watching);
    this.#undo.push(() => {
      // Others may have wrapped it since. Then ours stays inside of theirs, and does nothing.
      if (Reflect.get(on, key) === watching) replace(on, key, found as Method);
      else this.#kept.push([on, key]);
    });
  }
}
