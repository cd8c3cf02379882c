import { getOrMake } from '../bounded.js';
import { formatCount, formatSeconds, plural } from '../format.js';
import type { RowName, RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { isStepOfLoop } from './call-names.js';
import { ByRow, MIN_SHARE_OF_PARENT, NANOS } from './rule.js';
import type { Family, FamilyVisitor, InsightRule } from './rule.js';
import { findSlots, nanosWithSlots } from './slots.js';

const MIN_CALLS = 8;

class Limited {
  parents = 0;
  calls = 0;
  slots = 0;
  savedNanos = 0;
}

/** Finds calls side by side of which only so many run at a time: in a pool, or in batches. */
export function smallPool(rowOf: RowOf): InsightRule {
  const pools = new ByRow(rowOf, () => new Limited());
  const batches = new ByRow(rowOf, () => new Limited());
  return {
    addFamily: (family) =>
      family.children.length < MIN_CALLS ? undefined : new PoolFinder(pools, batches, family),
    findings: () => [
      ...pools.findings('small-pool', (found, name) =>
        say(found, name, (slots) => [
          `ran at most ${slots} at a time, and the others waited`,
          'Raise the limit, if the other side can take more',
        ]),
      ),
      ...batches.findings('small-pool', (found, name) =>
        say(found, name, (slots) => [
          `ran in batches of ${slots}, each of which waited for its slowest`,
          'Start the next one as soon as one has ended',
        ]),
      ),
    ],
  };
}

function say(
  { parents, calls, slots, savedNanos }: Limited,
  name: string,
  how: (slots: string) => readonly [seen: string, advice: string],
) {
  if (parents === 0) return undefined;
  const savingSeconds = savedNanos / NANOS;
  const [seen, advice] = how(formatCount(slots));
  const message =
    `${formatCount(Math.round(calls / parents))} calls of ${name} ${seen}, ${plural(parents, 'time')}. ` +
    `${advice}: saves up to ${formatSeconds(savingSeconds)}`;
  return { message, evidence: { parents, calls, slots }, savingSeconds };
}

class PoolFinder implements FamilyVisitor {
  readonly #groups = new Map<RowName, SpanNode[]>();

  constructor(
    private readonly pools: ByRow<Limited>,
    private readonly batches: ByRow<Limited>,
    private readonly family: Family,
  ) {}

  add(child: SpanNode | undefined): void {
    if (child === undefined) return;
    const row = child.row ?? this.pools.rowOf(child.record);
    getOrMake(this.#groups, row, () => []).push(child);
  }

  end(): void {
    const { parent, tokens } = this.family;
    for (const [{ name }, calls] of this.#groups) {
      const slots = findSlots(calls);
      if (slots === undefined || isStepOfLoop(name) || tokens.mayBuildUp(calls)) continue;
      const { count, areBatches } = slots;
      let critical = 0;
      let longest = 0;
      for (const { criticalInsideNanos, startNanos, endNanos } of calls) {
        critical += criticalInsideNanos;
        longest = Math.max(longest, endNanos - startNanos);
      }
      const saved = critical - (areBatches ? nanosWithSlots(calls, count) : longest);
      if (saved < MIN_SHARE_OF_PARENT * (parent.endNanos - parent.startNanos)) continue;
      const found = (areBatches ? this.batches : this.pools).of(calls[0]!.record);
      found.parents += 1;
      found.calls += calls.length;
      found.slots = Math.max(found.slots, count);
      found.savedNanos += saved;
    }
  }
}
