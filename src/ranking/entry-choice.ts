import { BoundedMap, MAX_KINDS, OTHER } from '../bounded.js';
import { defined } from '../sums.js';
import { standsFor } from '../trace/numbered-names.js';
import type { RowName } from '../trace/row-names.js';
import type { SpanRecord } from '../trace/span-record.js';
import { preorder, type TraceTree } from '../trace/trace-tree.js';

const MAX_NAMED = 5;

/** Takes the traces of one entry point alone. */
export class EntryChoice {
  readonly #seen = new BoundedMap<RowName>(MAX_KINDS, () => ({ name: OTHER, service: '' }));
  #isFound = false;

  /** @param entry its name, or `service/name` */
  constructor(
    readonly entry: string,
    private readonly nameOf: (record: SpanRecord) => string,
  ) {}

  /** Checks whether a local root is one of the entry point. */
  has(root: SpanRecord): boolean {
    const { service } = root;
    const name = this.nameOf(root);
    this.#seen.get(`${service}\n${name}`, () => ({ name, service }));
    return standsFor(this.entry, name) || standsFor(this.entry, `${service}/${name}`);
  }

  /** What of a trace belongs to the entry point; `undefined` where nothing does. */
  of(tree: TraceTree): TraceTree | undefined {
    const roots = tree.roots.filter(({ record }) => this.has(record));
    if (roots.length === 0) return undefined;
    this.#isFound = true;
    if (roots.length === tree.roots.length) return tree;
    const nodes = preorder(roots);
    const inside = new Set(tree.streamWaits === undefined ? [] : nodes);
    const streamWaits = tree.streamWaits?.filter(
      ({ waiting, cause }) => inside.has(waiting) && inside.has(cause),
    );
    return { ...tree, roots, orphans: [], nodes, ...defined({ streamWaits }) };
  }

  /** The entry points that there were instead; `undefined` if the wanted one was there. */
  get others(): readonly RowName[] | undefined {
    return this.#isFound ? undefined : this.#seen.values();
  }

  /** Says so where traces have ended, but none of the entry point. */
  warnings(): string[] {
    const names = (this.others ?? []).slice(0, MAX_NAMED).map(({ name }) => `\`${name}\``);
    if (names.length === 0) return [];
    const text = `no trace of the entry point \`${this.entry}\` has ended; of others: ${names.join(', ')}`;
    return [text];
  }
}
