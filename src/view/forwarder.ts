import { OtlpClient, type OtlpSettings } from '../delivery/otlp-client.js';

/** The most that waits to be sent on. */
const MAX_REQUESTS = 256;
const MAX_BYTES = 64 * 2 ** 20;
const TIMEOUT_MILLIS = 10_000;

interface Waiting {
  readonly body: Uint8Array;
  readonly contentType: string;
}

/** Sends on what a receiver got, one request after the other. What cannot be sent is lost, and counted. */
export class Forwarder {
  readonly #client: OtlpClient;
  readonly #waiting: Waiting[] = [];
  #bytes = 0;
  #isSending = false;
  /** How many requests were not sent on. */
  lost = 0;

  /** @param log is told once why a request was lost, and again after one has arrived */
  constructor(
    private readonly settings: OtlpSettings,
    private readonly log: (line: string) => void,
  ) {
    this.#client = new OtlpClient(settings);
  }

  /** Has a request sent on, if there is room. Never throws, and does not wait. */
  send(body: Uint8Array, contentType: string): void {
    if (this.#waiting.length >= MAX_REQUESTS || this.#bytes + body.length > MAX_BYTES) {
      this.#lose('too much waits');
      return;
    }
    this.#waiting.push({ body, contentType });
    this.#bytes += body.length;
    if (!this.#isSending) void this.#sendAll();
  }

  #hasSaid = false;

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const reply = await this.#client.post(next.body, TIMEOUT_MILLIS, next.contentType);
      this.#bytes -= next.body.length;
      if (reply.kind !== 'taken') this.#lose(reply.reason);
      else this.#hasSaid = false;
    }
    this.#isSending = false;
  }

  #lose(reason: string): void {
    this.lost += 1;
    if (this.#hasSaid) return;
    this.#hasSaid = true;
    this.log(`spans could not be sent on to ${this.settings.endpoint} (${reason})`);
  }
}
