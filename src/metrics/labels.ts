import type { Attributes } from '@opentelemetry/api';

/** What has at least this share of all gets one of the labels that are held back. */
const HEAVY_SHARE = 0.01;

/**
 * Gives out a bounded number of labels, for ever: a series of a metric must not become that of something else. The
 * first half goes to whatever comes first, the rest only to what has a hundredth of all.
 */
export class Labels {
  readonly #known = new Map<string, Attributes>();

  /** @param other what all those share that get none */
  constructor(
    private readonly limit: number,
    readonly other: Attributes,
  ) {}

  /** @param share how much of all it has, from 0 to 1 */
  get(key: string, share: number, make: () => Attributes): Attributes {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { size } = this.#known;
    const hasRoom = size < this.limit / 2 || (size < this.limit && share >= HEAVY_SHARE);
    if (!hasRoom) return this.other;
    const made = make();
    this.#known.set(key, made);
    return made;
  }
}
