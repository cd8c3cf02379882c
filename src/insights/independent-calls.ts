import { formatSeconds, plural } from '../format.js';
import type { RowName, RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { seemIndependent } from './call-names.js';
import { ByRow, followsAtOnce, MIN_SHARE_OF_PARENT, NANOS, quoted } from './rule.js';
import type { Family, FamilyVisitor, InsightRule } from './rule.js';
import { Shown } from './shown.js';

/** Parents under which the calls followed each other. */
const MIN_PARENTS = 5;
const MAX_NAMES = 4;
const MAX_CHAIN = 20;

class Chains extends Shown {
  parents = 0;
  calls = 0;
  savedNanos = 0;
  mostSavedNanos = 0;
  /** Of the chain that would save most. */
  names: readonly string[] = [];
}

/** Finds calls of different names, awaited one after another, that seem not to need each other. */
export function independentCalls(rowOf: RowOf): InsightRule {
  const rows = new ByRow(rowOf, () => new Chains());
  return {
    addFamily: (family) => new ChainFinder(rows, family),
    findings: () =>
      rows.findings('independent-calls', ({ parents, calls, names, savedNanos }, name) => {
        if (parents < MIN_PARENTS) return undefined;
        const savingSeconds = savedNanos / NANOS;
        const all = names.length === 2 ? 'both' : 'all of them';
        return {
          message:
            `${listed(names)} ran one after another inside ${name}, ${plural(parents, 'time')}, and nothing ` +
            `in the traces shows that one needs another. Start ${all} before awaiting any: saves up to ` +
            formatSeconds(savingSeconds),
          evidence: { parents, calls },
          savingSeconds,
        };
      }),
  };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).map(quoted);
  const more = names.length - shown.length;
  const last = more > 0 ? `${more} more` : shown.pop()!;
  return `${shown.join(', ')} and ${last}`;
}

class ChainFinder implements FamilyVisitor {
  #chain: SpanNode[] = [];
  #repeated = false;

  constructor(
    private readonly rows: ByRow<Chains>,
    private readonly family: Family,
  ) {}

  add(child: SpanNode | undefined): void {
    const last = this.#chain.at(-1);
    if (child === undefined) this.end();
    else if (last === undefined) this.#chain.push(child);
    // What is called once for each of many may be called for what the one before found.
    else if (this.#rowOf(child) === this.#rowOf(last)) this.#repeated = true;
    else {
      if (this.#repeated || !this.#mayJoin(last, child)) this.end();
      this.#chain.push(child);
    }
  }

  end(): void {
    const { parent } = this.family;
    const chain = this.#chain;
    if (this.#repeated) chain.pop();
    this.#chain = [];
    this.#repeated = false;
    if (chain.length < 2) return;
    const critical = chain.map(({ criticalInsideNanos }) => criticalInsideNanos);
    const saved = critical.reduce((sum, nanos) => sum + nanos, 0) - Math.max(...critical);
    if (saved < MIN_SHARE_OF_PARENT * (parent.endNanos - parent.startNanos)) return;
    const found = this.rows.of(parent.operation);
    found.parents += 1;
    found.show(parent);
    found.calls += chain.length;
    found.savedNanos += saved;
    if (saved <= found.mostSavedNanos) return;
    found.mostSavedNanos = saved;
    found.names = chain.map((call) => this.#rowOf(call).name);
  }

  #rowOf(call: SpanNode): RowName {
    return call.row ?? this.rows.rowOf(call.record);
  }

  #mayJoin(last: SpanNode, child: SpanNode): boolean {
    const { tokens } = this.family;
    const isLike = this.#rowOf(last).name.slice(0, 2) === this.#rowOf(child).name.slice(0, 2);
    if (!isLike || this.#chain.length >= MAX_CHAIN || !followsAtOnce(last, child)) return false;
    const asksOrIsAsked = (call: SpanNode) =>
      tokens.asksModel(call) || call.record.facts.isToolCall === true;
    if (asksOrIsAsked(last) || asksOrIsAsked(child)) return false;
    return seemIndependent([...this.#chain, child].map((call) => this.#rowOf(call).name));
  }
}
