import { BadInputError } from '../errors.js';
import { singleLine } from '../format.js';
import type { CallPath, Pictures, PictureSpan, Summary } from '../summary.js';

const MEANS: Record<NonNullable<CallPath['means']>, (name: string) => string> = {
  failed: () => 'failed attempts',
  backoff: () => 'backoff',
  wait: (name) => `waits for ${name}`,
  idle: () => 'idle',
};

/** Returns what to call a box of a flame graph. */
export function pathLabel({ name, means }: Pick<CallPath, 'name' | 'means'>): string {
  const label = singleLine(name);
  return means === undefined ? label : MEANS[means](label);
}

/** The frames of stacks, each with a number of its own. */
export class Frames {
  readonly labels: string[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(label: string): number {
    const known = this.#numbers.get(label);
    if (known !== undefined) return known;
    this.#numbers.set(label, this.labels.length);
    return this.labels.push(label) - 1;
  }
}

/** Returns the stack of each call path, the entry point first. */
export function stacksOf<T>(
  paths: Pictures['callPaths'],
  frameOf: (path: CallPath) => T,
): (readonly T[])[] {
  const stacks: T[][] = [];
  for (const path of paths) {
    const above = path.parent === undefined ? undefined : stacks[path.parent];
    stacks.push([...(above ?? []), frameOf(path)]);
  }
  return stacks;
}

/** Returns what is drawn of a summary, or says that there is nothing. */
export function requirePictures({ pictures }: Summary): Pictures {
  if (pictures !== undefined) return pictures;
  throw new BadInputError(
    'expected traces, or a summary of this version of hotspan: an older summary has no call paths',
  );
}

/** Takes a list apart that goes from, to, from, to. */
export function pairsOf(edges: NonNullable<PictureSpan['critical']>): [number, number][] {
  const pairs: [number, number][] = [];
  for (let at = 0; at + 1 < edges.length; at += 2) pairs.push([edges[at]!, edges[at + 1]!]);
  return pairs;
}
