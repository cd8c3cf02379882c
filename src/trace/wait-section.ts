import { SpanNode } from './trace-tree.js';

/** A part of a span's own time in which it waited: a child that stands for what it waited for. */
export class WaitSection extends SpanNode {
  /** @param cause who worked meanwhile; `undefined` if nobody did: a timer, or a user who thinks */
  constructor(
    readonly host: SpanNode,
    readonly cause: SpanNode | undefined,
    startNanos: number,
    endNanos: number,
  ) {
    const { record, operation, row } = cause ?? host;
    super(record);
    this.parent = host;
    this.operation = operation;
    this.row = row;
    this.startNanos = startNanos;
    this.endNanos = endNanos;
  }
}

/** `true` for time in which nothing worked: it is its host's, and nothing saves it. */
export function isIdle(node: SpanNode): boolean {
  return node instanceof WaitSection && node.cause === undefined;
}
