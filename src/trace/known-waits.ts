import type { SpanNode } from './trace-tree.js';
import { WaitSection } from './wait-section.js';

/** Returns how long a timer ran before an attempt started, in which nothing worked. */
export function backoffNanos(node: SpanNode | undefined): number {
  const { attempt } = node?.record.facts ?? {};
  if (attempt === undefined || node instanceof WaitSection) return 0;
  return attempt.backoffSeconds * 1e9;
}

/** Returns the names of the siblings that a step waited for; `undefined` where only the clock tells. */
export function namesBefore(node: SpanNode): readonly string[] | undefined {
  const { after } = node.record.facts;
  return after === undefined || node instanceof WaitSection ? undefined : after;
}

/** The siblings that steps waited for, by their places in the order of starts. */
export class NamedSiblings {
  readonly #byName = new Map<string, number>();

  constructor(private readonly children: readonly SpanNode[]) {
    if (!children.some((child) => child.record.facts.after !== undefined)) return;
    children.forEach(({ record }, position) => this.#byName.set(record.name, position));
  }

  /** Returns `undefined` where only the clock tells, also if none of those it names was seen. */
  before(position: number): number[] | undefined {
    if (this.#byName.size === 0) return undefined;
    const names = namesBefore(this.children[position]!);
    if (names === undefined) return undefined;
    const found = names.map((name) => this.#byName.get(name) ?? position);
    const earlier = found.filter((other) => other < position);
    return earlier.length === 0 && names.length > 0 ? undefined : earlier;
  }
}
