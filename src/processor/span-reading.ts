import type { SpanFacts } from '../trace/span-record.js';
import type { SdkSpan } from './sdk-span.js';

/**
 * What was read of a span that runs, and of what. To see that this has not changed takes a tenth of the time of
 * reading it again.
 */
export class SpanReading {
  readonly #name: string;
  readonly #values: unknown[] = [];

  constructor(
    { name, attributes }: SdkSpan,
    readonly facts: SpanFacts,
  ) {
    this.#name = name;
    for (const key in attributes) this.#values.push(attributes[key]);
  }

  /** `false` if the span has been written to. */
  isOf({ name, attributes }: SdkSpan): boolean {
    let at = 0;
    for (const key in attributes) {
      if (attributes[key] !== this.#values[at]) return false;
      at += 1;
    }
    return at === this.#values.length && name === this.#name;
  }
}

/** `true` for what may be a call of a model, a part of one, or around one. */
export function mayHoldCall({ llmCall, attempt, callWrapper, ifAlone }: SpanFacts): boolean {
  return (llmCall ?? attempt ?? callWrapper ?? ifAlone) !== undefined;
}
