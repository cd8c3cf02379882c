import { Quantiles } from '../durations.js';
import { formatCount, formatSeconds, plural } from '../format.js';
import type { RowName, RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { ByRow, MIN_SHARE_OF_PARENT, NANOS, quoted } from './rule.js';
import type { Family } from './rule.js';
import type { GroupRule } from './side-by-side.js';
import { Shown } from './shown.js';
import { titleOf } from './titles.js';

/** So many times the longest other call is late. */
const LATE = 2;
const MIN_LATE = 5;
/** Of all that run side by side. */
const MIN_LATE_SHARE = 0.2;
/** Of those that were late: then it is no chance which one is. */
const MIN_SAME_SHARE = 0.8;
const MIN_SAME = 8;
const MAX_NAMES = 20;

class FanOuts extends Shown {
  count = 0;
  late = 0;
  /** How many would be late by chance, if their times were exponential. */
  byChance = 0;
  calls = 0;
  savedNanos = 0;
  /** The longest call of each, without those that were late. */
  readonly usual = new Quantiles();
  readonly lateOnes = new Map<string, number>();
}

/** Finds calls of one row side by side of which one takes much longer than all others, again and again. */
export function straggler(rowOf: RowOf): GroupRule {
  const rows = new ByRow(rowOf, () => new FanOuts());
  return {
    addGroup(calls, family) {
      if (areAllOpenAtOnce(calls)) addFanOut(rows.of(calls[0]!.record), calls, family);
    },
    findings: () => rows.findings('straggler', sayStraggler),
  };
}

function sayStraggler(found: FanOuts, name: string, row: RowName) {
  const { count, late, calls, usual } = found;
  if (late < MIN_LATE || late < MIN_LATE_SHARE * count) return undefined;
  const [who, times] = [...found.lateOnes].sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
  const isSame = times >= MIN_SAME && times >= MIN_SAME_SHARE * late;
  if (!isSame && late < found.byChance + 3 * Math.sqrt(found.byChance) + 2) return undefined;
  const savingSeconds = found.savedNanos / NANOS;
  const enoughSeconds = usual.at(0.5) / NANOS;
  const advice = isSame
    ? `It was ${who} ${formatCount(times)} times: split it, start it first, or find out what is different in it`
    : `Ask again after ${formatSeconds(enoughSeconds)} and take the first answer, or set that as its timeout`;
  return {
    message:
      `${formatCount(late)} of ${plural(count, 'time')} that ${formatCount(Math.round(calls / count))} calls of ` +
      `${name} ran side by side, one took at least twice as long as any other. ${advice}: saves up to ` +
      formatSeconds(savingSeconds),
    ...(isSame ? { title: titleOf('straggler: always the same', row.name) } : {}),
    evidence: { fanOuts: count, late, calls, enoughSeconds },
    savingSeconds,
  };
}

function addFanOut(found: FanOuts, calls: readonly SpanNode[], { parent }: Family): void {
  const [longest, second] = calls
    .map((call) => [call, call.endNanos - call.startNanos] as const)
    .sort((a, b) => b[1] - a[1]);
  const [call, nanos] = longest!;
  const saved = Math.min(nanos - second![1], call.criticalInsideNanos);
  const isLate = nanos >= LATE * second![1];
  found.count += 1;
  // The largest of n exponential values is twice the second largest.
  found.byChance += 2 / (calls.length + 1);
  found.calls += calls.length;
  found.usual.add(isLate ? second![1] : nanos);
  if (!isLate || saved < MIN_SHARE_OF_PARENT * (parent.endNanos - parent.startNanos)) return;
  found.late += 1;
  found.show(call);
  found.savedNanos += saved;
  const who = whoIs(call, calls);
  if (who === undefined) return;
  const { lateOnes } = found;
  if (lateOnes.has(who) || lateOnes.size < MAX_NAMES) {
    lateOnes.set(who, (lateOnes.get(who) ?? 0) + 1);
  }
}

/** What starts only when another one has ended waits for its turn. */
function areAllOpenAtOnce(calls: readonly SpanNode[]): boolean {
  const firstEnd = calls.reduce((first, { endNanos }) => Math.min(first, endNanos), Infinity);
  return calls.every(({ startNanos }) => startNanos < firstEnd);
}

/** By its own name, where the row has several, its host, or else its place; `undefined` where all are alike. */
function whoIs(late: SpanNode, calls: readonly SpanNode[]): string | undefined {
  const others = calls.filter((call) => call !== late);
  const { name, facts } = late.record;
  if (others.every(({ record }) => record.name !== name)) return quoted(name);
  const { address } = facts;
  if (address !== undefined && others.every(({ record }) => record.facts.address !== address)) {
    return quoted(address);
  }
  if (others.some(({ startNanos }) => startNanos === late.startNanos)) return undefined;
  const before = others.filter(({ startNanos }) => startNanos < late.startNanos).length;
  return `the one that started ${before === 0 ? 'first' : `after ${plural(before, 'other')}`}`;
}
