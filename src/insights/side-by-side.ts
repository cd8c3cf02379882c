import { getOrMake } from '../bounded.js';
import type { RowName, RowOf } from '../trace/row-names.js';
import type { Sliced } from '../trace/slices.js';
import type { SpanNode } from '../trace/trace-tree.js';
import type { Family, FamilyVisitor, InsightRule } from './rule.js';
import { smallPool } from './small-pool.js';
import { straggler } from './straggler.js';

/** A kind of insight that looks at calls of one row under one parent, whatever is between them. */
export interface GroupRule extends InsightRule {
  readonly addGroup: (calls: readonly SpanNode[], family: Family) => void;
}

const MIN_CALLS = 3;
/** The most calls of one row to look at: more would show nothing else. */
const MAX_CALLS = 10_000;

/** The kinds that look at calls of one row under one parent. */
export function sideBySide(rowOf: RowOf): InsightRule {
  const rules: readonly GroupRule[] = [straggler(rowOf), smallPool(rowOf)];
  return {
    addFamily: (family) =>
      family.children.length >= MIN_CALLS && overlap(family.children)
        ? new GroupFinder(rules, rowOf, family)
        : undefined,
    findings: (totals) => rules.flatMap((rule) => rule.findings(totals)),
  };
}

/** @param children in the order of their ends: if any two overlap, so do two that follow each other */
function overlap(children: Family['children']): boolean {
  let endNanos = -Infinity;
  for (const child of children) {
    if (child === undefined) continue;
    if (child.startNanos < endNanos) return true;
    ({ endNanos } = child);
  }
  return false;
}

class GroupFinder implements FamilyVisitor {
  readonly #groups = new Map<RowName, SpanNode[]>();

  constructor(
    private readonly rules: readonly GroupRule[],
    private readonly rowOf: RowOf,
    private readonly family: Family,
  ) {}

  add(child: SpanNode | undefined): void {
    if (child === undefined) return;
    const row = child.row ?? this.rowOf(child.record);
    const calls = getOrMake(this.#groups, row, () => []);
    if (calls.length < MAX_CALLS) calls.push(child);
  }

  *endInSlices(): Sliced {
    for (const calls of this.#groups.values()) {
      if (calls.length < MIN_CALLS) continue;
      for (const rule of this.rules) {
        rule.addGroup(calls, this.family);
        yield;
      }
    }
  }
}
