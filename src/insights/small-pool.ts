import { formatCount, formatSeconds, plural } from '../format.js';
import type { RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { isStepOfLoop } from './call-names.js';
import type { Finding, Totals } from './finding.js';
import { ByRow, MIN_SHARE_OF_PARENT, NANOS, quoted } from './rule.js';
import type { GroupRule } from './side-by-side.js';
import { findCallLimit, nanosWithLimit, type CallLimit } from './call-limit.js';
import { Shown } from './shown.js';
import { titleOf } from './titles.js';

/** Of all time. */
const MIN_WAIT_SHARE = 0.05;
const RAISE = 'Raise the limit, if the other side can take more';

class Limited extends Shown {
  parents = 0;
  calls = 0;
  slots = 0;
  savedNanos = 0;
}

/** Finds calls side by side of which only so many run at a time: in a pool, or in batches. */
export function smallPool(rowOf: RowOf): GroupRule {
  const pools = new ByRow(rowOf, () => new Limited());
  const batches = new ByRow(rowOf, () => new Limited());
  return {
    addGroup(calls, { parent, tokens }) {
      const slots = findCallLimit(calls);
      const { record } = calls[0]!;
      if (slots === undefined || isStepOfLoop(rowOf(record).name)) return;
      const saved = savedNanos(calls, slots);
      if (saved < MIN_SHARE_OF_PARENT * (parent.endNanos - parent.startNanos)) return;
      if (tokens.mayBuildUp(calls)) return;
      const found = (slots.areBatches ? batches : pools).of(record);
      found.parents += 1;
      found.show(parent);
      found.calls += calls.length;
      found.slots = Math.max(found.slots, slots.count);
      found.savedNanos += saved;
    },
    findings: (totals) => [
      ...sharedPools(totals),
      ...pools.findings('small-pool', (found, name) =>
        say(found, name, (slots) => [
          `ran at most ${slots} at a time, and the others waited`,
          RAISE,
        ]),
      ),
      ...batches.findings('small-pool', (found, name, row) => {
        const said = say(found, name, (slots) => [
          `ran in batches of ${slots}, each of which waited for its slowest`,
          'Start the next one as soon as one has ended',
        ]);
        return said && { ...said, title: titleOf('small-pool: batches', row.name) };
      }),
    ],
  };
}

/** Pools that spans of several traces share. */
function sharedPools({ limits = [], seconds }: Totals): Finding[] {
  return limits.flatMap(({ row: { name, service }, slots, waitNanos }) => {
    const savingSeconds = waitNanos / NANOS;
    // A single slot may be a lock, or the thread.
    if (slots < 2 || savingSeconds < MIN_WAIT_SHARE * seconds) return [];
    const message =
      `${quoted(name)} waited ${formatSeconds(savingSeconds)} for one of ${formatCount(slots)} slots that were ` +
      `all in use. ${RAISE}: saves up to ${formatSeconds(savingSeconds)}`;
    const evidence = { slots, waitSeconds: savingSeconds };
    return [{ kind: 'small-pool', segment: name, service, message, evidence, savingSeconds }];
  });
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

/** Returns how long the calls would be waited for less with slots for all, or without batches. */
function savedNanos(calls: readonly SpanNode[], { count, areBatches }: CallLimit): number {
  let critical = 0;
  let longest = 0;
  for (const { criticalInsideNanos, startNanos, endNanos } of calls) {
    critical += criticalInsideNanos;
    longest = Math.max(longest, endNanos - startNanos);
  }
  return critical - (areBatches ? nanosWithLimit(calls, count) : longest);
}
