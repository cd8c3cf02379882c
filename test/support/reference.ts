import type { SpanSketch } from './trace.js';

interface Interval {
  readonly start: number;
  readonly end: number;
}

/**
 * Self and critical time by the definitions alone, millisecond by millisecond: slow, recursive and
 * obvious. Whole milliseconds only, one root, no tolerance.
 */
export class Reference {
  readonly #spans: readonly SpanSketch[];

  constructor(spans: readonly SpanSketch[]) {
    this.#spans = spans;
  }

  /** Milliseconds of the span in which none of its children ran. */
  self(span: SpanSketch): number {
    const children = this.#childrenOf(span);
    return cells(span).filter((at) => !children.some((child) => has(child, at))).length;
  }

  /** For every millisecond of the root: the span that was waited for. */
  path(): string[] {
    const root = this.#spans.find((span) => span.parent === undefined);
    return root === undefined ? [] : cells(root).map((at) => this.#waitedForAt(root, at).id);
  }

  #waitedForAt(span: SpanSketch, at: number): SpanSketch {
    const child = this.#explains(span, at);
    return child === undefined ? span : this.#waitedForAt(child, at);
  }

  /** The child that explains this millisecond of its parent. */
  #explains(span: SpanSketch, at: number): SpanSketch | undefined {
    const parent = this.#cut(span);
    const children = this.#childrenOf(span).filter(
      (child) => !(child.kind === 'consumer' && child.end > parent.end) && !this.#isOutside(child),
    );
    const inTime = children.filter((child) => child.end <= parent.end);
    let cursor = parent.end;
    for (;;) {
      const ended = inTime.filter(
        (child) => this.#cut(child).end <= cursor && this.#cut(child).start < cursor,
      );
      const last = ended.sort((a, b) => this.#endsLater(a, b))[0];
      if (last === undefined || this.#cut(last).end <= at) break;
      if (has(this.#cut(last), at)) return last;
      cursor = this.#cut(last).start;
    }
    const outliving = children.filter((child) => child.end > parent.end);
    const first = outliving.sort((a, b) => this.#endsLater(a, b))[0];
    return first !== undefined && has(this.#cut(first), at) ? first : undefined;
  }

  #endsLater(a: SpanSketch, b: SpanSketch): number {
    const [x, y] = [this.#cut(a), this.#cut(b)];
    return y.end - x.end || x.start - y.start || (a.id < b.id ? -1 : 1);
  }

  #childrenOf(span: SpanSketch): SpanSketch[] {
    return this.#spans.filter((other) => other.parent === span.id);
  }

  #parentOf(span: SpanSketch): SpanSketch | undefined {
    return this.#spans.find((other) => other.id === span.parent);
  }

  #isOutside(span: SpanSketch): boolean {
    const parent = this.#parentOf(span);
    if (parent === undefined) return false;
    const { start, end } = this.#cut(parent);
    return span.end <= start || span.start >= end;
  }

  #cut(span: SpanSketch): Interval {
    const parent = this.#parentOf(span);
    if (parent === undefined || this.#isOutside(span)) return span;
    const { start, end } = this.#cut(parent);
    return { start: Math.max(span.start, start), end: Math.min(span.end, end) };
  }
}

function cells({ start, end }: Interval): number[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);
}

function has({ start, end }: Interval, at: number): boolean {
  return start <= at && at < end;
}
