import { cutCritical } from './critical-pieces.js';
import type { PlacedSpan } from './span-tree.js';

/** One row of a waterfall. */
export interface WaterfallRow {
  /** Stays the same while others open and close. */
  readonly id: string;
  readonly depth: number;
  /** The spans that are drawn on it, without their parts: more than one if they are packed or left together. */
  readonly spans: readonly PlacedSpan[];
  /** How many spans are in it that have no row of their own now: it can be opened. */
  readonly hidden: number;
  /** It has rows below it. */
  readonly isParent: boolean;
  /** `true` if it stands for many, of which none is shown alone. */
  readonly isMany: boolean;
}

export interface WaterfallRows {
  readonly rows: readonly WaterfallRow[];
  /** The row of each span, or the one that it is hidden in. */
  readonly rowOf: readonly number[];
}

interface Plan {
  readonly id: string;
  readonly spans: readonly PlacedSpan[];
  children: Plan[];
  readonly isMany: boolean;
  readonly critical: number;
  /** How many rows it and all in it take. */
  size: number;
  isClosed: boolean;
}

/** With more rows than these, those that took least of the users' time are closed. */
export const MOST_OPEN_ROWS = 60;
const MOST_SIBLINGS = 30;
/** So many calls of one kind, beside the path, are shown one by one. */
const SHOWN_OF_A_KIND = 3;

export interface WaterfallOptions {
  /** The rows that someone opened. */
  readonly open?: ReadonlySet<string>;
  /** A span that has to be seen. */
  readonly shown?: PlacedSpan | undefined;
}

/** Gives each span a row; short calls of one kind that follow one another share one. */
export function layWaterfall(
  nodes: readonly PlacedSpan[],
  { open = new Set(), shown }: WaterfallOptions = {},
): WaterfallRows {
  const critical = nodes.map((node) =>
    cutCritical(node).reduce((sum, { from, to }) => sum + to - from, 0),
  );
  const inChildren = new Set(nodes.flatMap(({ children }) => children));
  const tops = nodes.filter((node) => node.host === node && !inChildren.has(node));
  const parents = new Map(nodes.flatMap((node) => node.children.map((child) => [child, node])));
  const kept = new Set<PlacedSpan>();
  for (let at = shown?.host; at !== undefined; at = parents.get(at)) kept.add(at);

  const plans = planAll(nodes, tops, critical);
  const isKept = ({ id, spans }: Plan) => open.has(id) || spans.some((span) => kept.has(span));
  let size = plans.reduce((sum, plan) => sum + plan.size, 0);
  if (size > MOST_OPEN_ROWS) {
    const all = { children: plans } as Plan;
    size = gather(all, 'all', isKept);
    close(all.children, size, isKept);
    return placeRows(all.children, nodes);
  }
  return placeRows(plans, nodes);
}

/** From the last to the first, since children come after their parents: no recursion, however deep it is. */
function planAll(
  nodes: readonly PlacedSpan[],
  tops: readonly PlacedSpan[],
  critical: readonly number[],
): Plan[] {
  const plans = new Map<PlacedSpan, Plan>();
  const ownCritical = ({ index, parts }: PlacedSpan) =>
    parts.reduce((sum, part) => sum + critical[part.index]!, critical[index]!);
  for (const node of [...nodes].reverse()) {
    if (node.host !== node) continue;
    const children = pack(node.children, plans);
    plans.set(node, planOf([node], children, ownCritical(node)));
  }
  return pack(tops, plans);
}

function planOf(spans: readonly PlacedSpan[], children: Plan[], own: number, isMany = false): Plan {
  return {
    ...{ id: String(spans[0]!.index), spans, children, isMany, isClosed: false },
    critical: children.reduce((sum, child) => sum + child.critical, own),
    size: children.reduce((sum, child) => sum + child.size, 1),
  };
}

/** Three or more calls of one kind with nothing inside take as few rows as there are at a time. */
function pack(siblings: readonly PlacedSpan[], plans: ReadonlyMap<PlacedSpan, Plan>): Plan[] {
  const counts = new Map<string, number>();
  const isLeaf = (node: PlacedSpan) => node.children.length === 0;
  for (const node of siblings) {
    if (isLeaf(node)) counts.set(node.key, (counts.get(node.key) ?? 0) + 1);
  }
  const lanes = new Map<string, PlacedSpan[][]>();
  const order: (PlacedSpan | PlacedSpan[])[] = [];
  for (const node of siblings) {
    if (!isLeaf(node) || counts.get(node.key)! < 3) {
      order.push(node);
      continue;
    }
    const ofKind = lanes.get(node.key) ?? [];
    lanes.set(node.key, ofKind);
    const lane = ofKind.find((it) => it.at(-1)!.to <= node.from + 1e-9);
    if (lane !== undefined) {
      lane.push(node);
      continue;
    }
    ofKind.push([node]);
    order.push(ofKind.at(-1)!);
  }
  return order.map((one) => {
    if (!Array.isArray(one)) return plans.get(one)!;
    const own = one.reduce((sum, node) => sum + plans.get(node)!.critical, 0);
    return planOf(one, [], own);
  });
}

/** Leaves the calls of one kind beside the path together, and the least of very many siblings. Returns the size. */
function gather(plan: Plan, id: string, isKept: (plan: Plan) => boolean): number {
  const open: [Plan, string][] = [[plan, id]];
  const visited: Plan[] = [];
  /** Someone opened the row that they were together in. */
  const single = new Set<Plan>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [parent, name] = next;
    visited.push(parent);
    const byKind = new Map<string, Plan[]>();
    for (const child of parent.children) {
      if (child.critical > 0 || isKept(child)) continue;
      const { key } = child.spans[0]!;
      byKind.set(key, [...(byKind.get(key) ?? []), child]);
    }
    [...byKind.values()].forEach((ofKind, at) => {
      const rest = ofKind.slice(SHOWN_OF_A_KIND);
      if (rest.length < 2) return;
      const isOpen = !leaveTogether(parent, rest, `${name}/${at}`, isKept);
      if (isOpen) for (const one of rest) single.add(one);
    });
    const rest = [...parent.children]
      .filter((child) => !isKept(child) && !single.has(child))
      .sort((one, other) => other.critical - one.critical || secondsOf(other) - secondsOf(one))
      .slice(MOST_SIBLINGS);
    if (rest.length > 1) leaveTogether(parent, rest, `${name}/rest`, isKept);
    for (const child of parent.children) {
      if (!child.isClosed) open.push([child, child.id]);
    }
  }
  for (const it of visited.reverse()) {
    it.size = it.children.reduce((sum, child) => sum + child.size, it === plan ? 0 : 1);
  }
  return plan.size;
}

function secondsOf({ spans }: Plan): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** Returns `false` if it is open. */
function leaveTogether(
  parent: Plan,
  rest: readonly Plan[],
  id: string,
  isKept: (plan: Plan) => boolean,
): boolean {
  const critical = rest.reduce((sum, plan) => sum + plan.critical, 0);
  const spans = rest.flatMap((plan) => plan.spans);
  const many = { ...planOf(spans, [], critical, true), children: [...rest], id, isClosed: true };
  if (isKept({ ...many, spans: [] })) return false;
  const place = parent.children.indexOf(rest[0]!);
  const gone = new Set(rest);
  parent.children = parent.children.flatMap((child, at) =>
    at === place ? [many] : gone.has(child) ? [] : [child],
  );
  return true;
}

/** Closes the rows that took least of the users' time until there are few enough. */
function close(plans: readonly Plan[], size: number, isKept: (plan: Plan) => boolean): void {
  const parents = new Map<Plan, Plan>();
  const all = [...plans];
  for (const plan of all) {
    if (plan.isClosed) continue;
    for (const child of plan.children) {
      parents.set(child, plan);
      all.push(child);
    }
  }
  const candidates = all
    .filter((plan) => plan.children.length > 0 && !plan.isClosed && parents.has(plan))
    .filter((plan) => !isKept(plan))
    .sort((one, other) => one.critical - other.critical || other.size - one.size);
  let rows = size;
  for (const plan of candidates) {
    if (rows <= MOST_OPEN_ROWS) return;
    let above = parents.get(plan);
    while (above !== undefined && !above.isClosed) above = parents.get(above);
    if (above !== undefined) continue;
    plan.isClosed = true;
    const gone = plan.size - 1;
    rows -= gone;
    for (let at: Plan | undefined = plan; at !== undefined; at = parents.get(at)) at.size -= gone;
  }
}

function placeRows(plans: readonly Plan[], nodes: readonly PlacedSpan[]): WaterfallRows {
  const rows: WaterfallRow[] = [];
  const rowOf: number[] = nodes.map(() => 0);
  const open = [...plans].reverse().map((plan) => ({ plan, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { plan, depth } = next;
    const { id, spans, children, isMany, isClosed } = plan;
    const inside = isClosed ? allIn(plan) : [...spans];
    for (const node of inside) rowOf[node.index] = rows.length;
    const hidden = isClosed ? inside.length - (isMany ? 0 : spans.length) : 0;
    const isParent = !isClosed && children.length > 0;
    rows.push({ id, depth, spans, hidden, isParent, isMany });
    if (isClosed) continue;
    for (const child of [...children].reverse()) open.push({ plan: child, depth: depth + 1 });
  }
  for (const node of nodes) rowOf[node.index] = rowOf[node.host.index]!;
  return { rows, rowOf };
}

function allIn(plan: Plan): PlacedSpan[] {
  const open = [plan];
  const found = new Set<PlacedSpan>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const span of next.spans) found.add(span);
    open.push(...next.children);
  }
  return [...found];
}
