import { OTHER } from '../bounded.js';
import { HeaviestMap } from '../heaviest-map.js';
import { keyOfRow, type RowName, type RowOf } from '../trace/row-names.js';
import { NO_FACTS } from '../trace/span-record.js';
import type { SpanRecord } from '../trace/span-record.js';
import type { Sliced } from '../trace/slices.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import type { Finding, Totals } from './finding.js';
import { defined } from '../sums.js';
import { Shown } from './shown.js';

/** One kind of insight: what it looks at in analyzed traces, and what it finds. */
export interface InsightRule {
  /** Called for every span with several operations directly inside it. */
  readonly addFamily?: (family: Family) => FamilyVisitor | undefined;
  /** Called for every trace that has some of what it looks at, after its families. */
  readonly addTrace?: (trace: SeenTrace) => void;
  readonly looksAt?: Looked;
  /** Called for every trace: has to be quick. */
  readonly addEvery?: (tree: TraceTree, originEpochMillis: number) => void;
  /** Returns everything that is worth weighing, in any order. */
  readonly findings: (totals: Totals) => Finding[];
}

/** What a trace is looked through for. */
type Looked = 'calls' | 'tools' | 'attempts' | 'blockers';

export class SeenTrace {
  readonly tokens: TokensInside;
  /** LLM calls that a model was asked, those of tools, attempts and blockers, of the spans that have ended. */
  readonly calls: SpanNode[] = [];
  readonly tools: SpanNode[] = [];
  readonly attempts: SpanNode[] = [];
  readonly blockers: SpanNode[] = [];

  /** @param originEpochMillis when the trace's time 0 was */
  constructor(
    readonly tree: TraceTree,
    readonly originEpochMillis: number,
  ) {
    this.tokens = new TokensInside(tree);
  }

  add(node: SpanNode): void {
    const { facts } = node.record;
    if (facts === NO_FACTS || node.stillRunning) return;
    if (facts.attempt !== undefined) this.attempts.push(node);
    if (facts.blockedSeconds !== undefined) this.blockers.push(node);
    if (facts.isToolCall === true && node.operation === node.record) this.tools.push(node);
    const isCall = facts.llmCall !== undefined && facts.cacheHit === undefined;
    if (isCall && node.operation === node.record) this.calls.push(node);
  }
}

/** The operations directly inside one span that is no retried operation. */
export interface Family {
  readonly parent: SpanNode;
  /** In the order of their ends; `undefined` for one that failed, or that nobody waited for. */
  readonly children: readonly (SpanNode | undefined)[];
  readonly tokens: TokensInside;
  /** All of the trace that can be split. */
  readonly streams: readonly SpanNode[];
  /** The rows of children that a rule has found already. */
  found: Set<RowName> | undefined;
}

export interface FamilyVisitor {
  add(child: SpanNode | undefined): void;
  /** Called after the last child; the rules of the list before this one are done with the family. */
  end?(): void;
  /** The same, in slices, for a rule that may take long. */
  endInSlices?(): Sliced;
}

export const NANOS = 1e9;
/** Of the time of a span: less is not worth a look at the calls inside it. */
export const MIN_SHARE_OF_PARENT = 0.1;
/** Calls that overlap by less of the shorter one still follow each other: clocks are not exact. */
const MAX_OVERLAP = 0.1;
/** Rows of one kind of insight beyond this many are not looked at. */
const MAX_ROWS = 500;
const MAX_NAME_LENGTH = 60;

interface Remembered<State> {
  readonly row: RowName;
  readonly variant: number;
  readonly state: State;
  /** How often it was asked for. */
  count: number;
}

/** What a rule remembers of each row, in bounded memory: of those that it is asked for most. */
export class ByRow<State extends Shown> {
  readonly #all: HeaviestMap<Remembered<State>>;
  readonly #byRow = new WeakMap<RowName, Remembered<State>[]>();
  /** Of the rows that the ranking has no room for. Nobody asks for it. */
  readonly #other: State;
  /** What was asked for last is mostly asked for next. */
  #last: Remembered<State> | undefined = undefined;

  constructor(
    readonly rowOf: RowOf,
    readonly make: () => State,
  ) {
    this.#other = make();
    this.#all = new HeaviestMap<Remembered<State>>(MAX_ROWS, {
      makeOther: () => this.#remember({ name: OTHER, service: '' }, 0),
      weightOf: ({ count }) => count,
      merge: (_, given) => this.#forget(given),
    });
  }

  /** @param variant keeps apart what is not the same within a row */
  of(record: SpanRecord, variant = 0): State {
    const row = this.rowOf(record);
    const last = this.#last;
    if (last?.row === row && last.variant === variant) {
      last.count += 1;
      return last.state;
    }
    const variants = this.#byRow.get(row);
    const known = variants?.find((each) => each.variant === variant);
    if (known !== undefined) {
      known.count += 1;
      this.#last = known;
      return known.state;
    }
    if (row.name === OTHER) return this.#other;
    const key = `${keyOfRow(row)}\n${variant}`;
    const fresh = this.#all.get(key, () => this.#remember(row, variant));
    fresh.count += 1;
    this.#byRow.set(row, [...(this.#byRow.get(row) ?? []), fresh]);
    return fresh.state;
  }

  states(): (readonly [RowName, State])[] {
    return this.#all.values().map(({ row, state }) => [row, state]);
  }

  #remember(row: RowName, variant: number): Remembered<State> {
    return { row, variant, state: this.make(), count: 0 };
  }

  #forget(given: Remembered<State>): void {
    const others = this.#byRow.get(given.row)?.filter((each) => each !== given) ?? [];
    // What is only collected leaves the table of a WeakMap large.
    if (others.length > 0) this.#byRow.set(given.row, others);
    else this.#byRow.delete(given.row);
    if (this.#last === given) this.#last = undefined;
  }

  /** Asks `say` about each row, by its name in backquotes; `undefined` when there is nothing to say. */
  findings(
    kind: Finding['kind'],
    say: (
      state: State,
      name: string,
      row: RowName,
    ) => Omit<Finding, 'kind' | 'segment' | 'service'> | undefined,
  ): Finding[] {
    return this.#all.values().flatMap(({ row, state }) => {
      if (row.isGone === true || row.name === OTHER) return [];
      const said = say(state, quoted(row.name), row);
      const { name: segment, service } = row;
      const shown = defined({ spans: state.spans() });
      return said === undefined ? [] : [{ kind, segment, service, ...shown, ...said }];
    });
  }
}

export function quoted(name: string): string {
  return `\`${name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH - 1)}…` : name}\``;
}

/** `false` where the second started before the first ended, or so much later that it waited for something else. */
export function followsAtOnce(before: SpanNode, after: SpanNode): boolean {
  const nanosBefore = before.endNanos - before.startNanos;
  const nanosAfter = after.endNanos - after.startNanos;
  const gap = after.startNanos - before.endNanos;
  return (
    gap >= -MAX_OVERLAP * Math.min(nanosBefore, nanosAfter) &&
    gap <= Math.max(nanosBefore, nanosAfter)
  );
}

/** Of the steps from one to the next. */
const MIN_GROWING_SHARE = 0.75;

/** The input tokens of the LLM calls inside each span. Added up when asked: most traces never are. */
export class TokensInside {
  #tokens: Map<SpanNode, number> | undefined;

  constructor(private readonly tree: TraceTree) {}

  /** `true` for a call of a model, too. */
  asksModel(node: SpanNode): boolean {
    return this.#byNode().has(node);
  }

  /** `true` if the input grows from span to span, as with the answer of the one before, or nobody knows. */
  mayBuildUp(nodes: readonly SpanNode[]): boolean {
    const tokens = this.#byNode();
    let steps = 0;
    let growing = 0;
    for (let at = 1; at < nodes.length; at += 1) {
      const before = tokens.get(nodes[at - 1]!);
      const now = tokens.get(nodes[at]!);
      if (before === undefined || now === undefined) continue;
      if (Number.isNaN(before) || Number.isNaN(now)) return true;
      steps += 1;
      if (now > before) growing += 1;
    }
    return steps > 0 && growing >= MIN_GROWING_SHARE * steps;
  }

  #byNode(): Map<SpanNode, number> {
    return (this.#tokens ??= addUp(this.tree));
  }
}

/** Those of a call itself; NaN where they are not known. */
function ownTokens({ record, operation, used }: SpanNode): number | undefined {
  const { llmCall, cacheHit } = record.facts;
  if (used?.inputTokens !== undefined) return used.inputTokens;
  const isAnswered = cacheHit === undefined && record.errorType === undefined;
  return llmCall !== undefined && record === operation && isAnswered ? Number.NaN : undefined;
}

/** Children come after their parents: backwards, each hands on what it has. */
function addUp({ nodes }: TraceTree): Map<SpanNode, number> {
  const tokens = new Map<SpanNode, number>();
  for (let at = nodes.length - 1; at >= 0; at -= 1) {
    const node = nodes[at]!;
    if (node.record.facts === NO_FACTS && tokens.size === 0) continue;
    const own = ownTokens(node);
    const below = tokens.get(node);
    if (own === undefined && below === undefined) continue;
    const sum = (own ?? 0) + (below ?? 0);
    tokens.set(node, sum);
    if (node.parent !== undefined) tokens.set(node.parent, (tokens.get(node.parent) ?? 0) + sum);
  }
  return tokens;
}
