import type { V8CallFrame, V8CpuProfile, V8Node } from '../../src/cpu-profile/v8-profile.js';

/** The function `hotspan` is hotspan's own in these profiles, and so is `hotspan:segment`. */
export const isOwn = ({ functionName }: V8CallFrame): boolean => functionName === 'hotspan';

/** What ran at a moment in microseconds: the functions from the outermost on, `main > parse > next`. */
export type Moment = readonly [atMicros: number, stack: string];

type Node = V8Node & { readonly children: number[] };

/**
 * A profile as V8 gives it. Every function is in `/app/src/<name>.js` and begins in its second line;
 * names in parentheses are V8's own, `node:x` is a module and a function of Node's.
 */
export function makeProfile(moments: readonly Moment[], endTime: number): V8CpuProfile {
  const nodes: Node[] = [];
  const add = (name: string): Node => {
    const hasNoPlace = name.startsWith('(');
    const callFrame = {
      functionName: name,
      scriptId: '1',
      url: urlOf(name),
      lineNumber: hasNoPlace ? -1 : 1,
      columnNumber: hasNoPlace ? -1 : 0,
    };
    const node: Node = { id: nodes.length + 1, callFrame, children: [] };
    nodes.push(node);
    return node;
  };
  const root = add('(root)');
  const idOf = (stack: string) =>
    stack.split(' > ').reduce<Node>((caller, name) => {
      const called = caller.children.map((id) => nodes[id - 1]!);
      const same = called.find(({ callFrame }) => callFrame.functionName === name);
      if (same !== undefined) return same;
      const node = add(name);
      caller.children.push(node.id);
      return node;
    }, root).id;
  const samples = moments.map(([, stack]) => idOf(stack));
  const timeDeltas = moments.map(([at], index) => at - (moments[index - 1]?.[0] ?? 0));
  return { nodes, startTime: 0, endTime, samples, timeDeltas };
}

function urlOf(name: string): string {
  if (name.startsWith('(')) return '';
  return /^(node|hotspan):/.test(name) ? name : `file:///app/src/${name}.js`;
}
