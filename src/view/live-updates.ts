import type { ServerResponse } from 'node:http';
import type { PageSource } from './page-source.js';

/** The most pages that are told of changes. */
const MAX_CLIENTS = 16;
/** A page that takes nothing for so long is given up. */
const BEHIND_MILLIS = 30_000;
/** Shows that the connection is still there. */
const PING_MILLIS = 15_000;

export interface LiveUpdatesOptions {
  /** How long an update is after the one before, at least. Default 1,000. */
  readonly updateMillis?: number | undefined;
  /** The most of the time that making summaries may take, from 0 to 1. Where they take long there are fewer. */
  readonly share: number;
}

interface Client {
  /** Since when it has taken nothing of what was written, on the monotonic clock. */
  behindSince: number | undefined;
  hasMissed: boolean;
}

/**
 * Tells pages of changes, as server-sent events: `page` with the JSON that a page is drawn from, and `end`. It makes
 * summaries only while a page is there, and writes nothing to a page that has not taken what was written before.
 */
export class LiveUpdates {
  readonly #clients = new Map<ServerResponse, Client>();
  readonly #updateMillis: number;
  #timer: NodeJS.Timeout | undefined;
  #wroteAt = 0;
  /** The last one that was made, and what it says without the time when it was made. */
  #event: string | undefined;
  #said = '';

  constructor(
    private readonly source: PageSource,
    private readonly options: LiveUpdatesOptions,
  ) {
    this.#updateMillis = options.updateMillis ?? 1_000;
  }

  /** Begins to tell a page. Returns `false` if there are too many. */
  add(response: ServerResponse): boolean {
    if (this.#clients.size >= MAX_CLIENTS) return false;
    const client: Client = { behindSince: undefined, hasMissed: false };
    this.#clients.set(response, client);
    if (this.#clients.size === 1) this.source.list?.look?.(true);
    response.on('close', () => this.#remove(response));
    response.on('drain', () => {
      client.behindSince = undefined;
      if (client.hasMissed && this.#event !== undefined) this.#write(response, this.#event);
    });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    if (this.#timer === undefined) this.#updateIn(0);
    else if (this.#event !== undefined) this.#write(response, this.#event);
    return true;
  }

  /** Sends a last update, and says that it is the last one. */
  end(): void {
    if (this.#clients.size > 0) this.#update();
    clearTimeout(this.#timer);
    for (const response of this.#clients.keys()) response.end('event: end\ndata:\n\n');
    this.#clients.clear();
  }

  #remove(response: ServerResponse): void {
    if (!this.#clients.delete(response) || this.#clients.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#event = undefined;
    this.source.list?.look?.(false);
  }

  #updateIn(millis: number): void {
    this.#timer = setTimeout(() => {
      const began = performance.now();
      this.#update();
      const took = performance.now() - began;
      this.#updateIn(Math.max(this.#updateMillis, took / this.options.share));
    }, millis).unref();
  }

  #update(): void {
    const now = performance.now();
    const event = this.#changed();
    const text = event ?? (now - this.#wroteAt > PING_MILLIS ? ':\n\n' : undefined);
    for (const [response, { behindSince = now }] of this.#clients) {
      if (now - behindSince > BEHIND_MILLIS) response.destroy();
      else if (text !== undefined) this.#write(response, text);
    }
  }

  /** Returns the event of a new summary; `undefined` if it says what the one before does, or cannot be made. */
  #changed(): string | undefined {
    try {
      const summary = this.source.summary();
      const json = this.source.data(summary);
      this.source.list?.newest.renew();
      const said = json.replace(summary.generatedAt, '');
      if (this.#event !== undefined && said === this.#said) return undefined;
      this.#said = said;
      return (this.#event = `event: page\ndata: ${json}\n\n`);
    } catch {
      return undefined;
    }
  }

  #write(response: ServerResponse, text: string): void {
    const client = this.#clients.get(response);
    if (client === undefined) return;
    client.hasMissed = client.behindSince !== undefined;
    if (client.hasMissed) return;
    this.#wroteAt = performance.now();
    if (!response.write(text)) client.behindSince = this.#wroteAt;
  }
}
