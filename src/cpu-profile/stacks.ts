import type { V8CallFrame, V8Node } from './v8-profile.js';

/** The address of the function that calls the code of a segment. */
export const BOUNDARY = 'hotspan:segment';

/** Not functions: what V8 calls the root of the tree, native code, the idle thread and the collector. */
const META = new Set(['(root)', '(program)', '(idle)', '(garbage collector)']);

export class Stacks {
  readonly #nodeOf: ReadonlyMap<number, V8Node>;
  readonly #callerOf = new Map<number, number>();

  /** @param isOwn checks whether a function is hotspan's own */
  constructor(
    nodes: readonly V8Node[],
    private readonly isOwn: (frame: V8CallFrame) => boolean,
  ) {
    this.#nodeOf = new Map(nodes.map((node) => [node.id, node]));
    for (const { id, children } of nodes) {
      for (const child of children ?? []) this.#callerOf.set(child, id);
    }
  }

  /**
   * Returns the functions from the one that ran to the first one of the segment. After an `await` nothing on
   * the stack says where that is: then to the outermost, without Node's own event loop.
   *
   * ```
   * main > BOUNDARY > load > BOUNDARY > parse > next
   *                      level 0:       next, parse
   *               level 1:       next, parse, load
   * ```
   *
   * @param level how many segments further out the segment begins
   */
  of(nodeId: number, level: number): V8CallFrame[] {
    const frames: V8CallFrame[] = [];
    let boundaries = 0;
    // A damaged profile may go round in a circle.
    const seen = new Set<number>();
    for (let id: number | undefined = nodeId; id !== undefined; id = this.#callerOf.get(id)) {
      const frame = this.#nodeOf.get(id)?.callFrame;
      if (frame === undefined || seen.has(id)) break;
      seen.add(id);
      const isBoundary = frame.url === BOUNDARY;
      const isMeta = frame.url === '' && META.has(frame.functionName);
      if (id === nodeId || !(isBoundary || isMeta || this.isOwn(frame))) frames.push(frame);
      if (isBoundary) {
        if (boundaries === level) return frames;
        boundaries += 1;
      }
    }
    // Code of Node itself, or native code.
    while (frames.length > 1 && /^(node:|$)/.test(frames.at(-1)!.url)) frames.pop();
    return frames;
  }
}
