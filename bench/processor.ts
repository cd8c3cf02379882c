/** What the processor alone costs for a span, its part of the analysis included. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT_CONTEXT, trace, type Context, type Tracer } from '@opentelemetry/api';
import { NodeTracerProvider, type Span } from '@opentelemetry/sdk-trace-node';
import { BottleneckSpanProcessor, VERSION } from 'hotspan';
import { spread, takeTurns, type Side } from './compare.js';
import { cells, micros, table } from './markdown.js';
import { atMost, type Findings, type Section, type Settings } from './section.js';
import { spreadOf, type Spread } from './statistics.js';

/** So few at a time that it is not the memory that is measured. */
const SPANS = 2_000;
/** How long the analysis may go on after the last span; where it waits for that, nothing counts. */
const SETTLE_MILLIS = 5;
const SETTLE_MILLIS_PER_SPAN = 0.005;

const SHAPES = ['one after another', 'at the same time'] as const;
type Shape = (typeof SHAPES)[number];

/** The part of the processor that the SDK calls for every span. */
type Called = Pick<BottleneckSpanProcessor, 'onStart' | 'onEnding' | 'onEnd'>;

/** A span of the SDK whose times are written when it is replayed. */
interface Replayed {
  readonly span: Span & { endTime: [number, number]; _ended: boolean };
  readonly parent: Context;
  startedAt: number;
}

/** Starts and ends in their order: a span is started by its first mention, ended by its second. */
type Events = readonly Replayed[];

/** Spans as the SDK makes them, of one trace. */
function makeTrace(tracer: Tracer, size: number, shape: Shape): Events {
  const start = (name: string, parent: Context): Replayed => {
    const attributes = { 'app.text': 'text', 'app.number': 3, 'app.flag': true };
    const span = tracer.startSpan(name, { attributes }, parent) as unknown as Replayed['span'];
    return { span, parent, startedAt: 0 };
  };
  const root = start('root', ROOT_CONTEXT);
  const inside = trace.setSpan(ROOT_CONTEXT, root.span);
  const children = Array.from({ length: size - 1 }, (_, at) =>
    start(`step ${'abcdefghij'[at % 10]}`, inside),
  );
  const events =
    shape === 'at the same time'
      ? [...children, ...children]
      : children.flatMap((child) => [child, child]);
  return [root, ...events, root];
}

/** Plays the events to a processor; the times are written as the SDK does, or as `segment` does. */
function replay(events: Events, processor: Called, isOwn: boolean): void {
  for (const event of events) {
    const { span, parent } = event;
    const now = performance.now();
    if (event.startedAt === 0) {
      event.startedAt = now;
      const epoch = isOwn ? performance.timeOrigin + now : Date.now();
      write(span.startTime, epoch);
      processor.onStart(span, parent);
    } else {
      const [seconds, nanos] = span.startTime;
      processor.onEnding(span);
      write(span.endTime, seconds * 1e3 + nanos / 1e6 + (now - event.startedAt));
      span._ended = true;
      processor.onEnd(span);
    }
  }
}

function write(time: [number, number], epochMillis: number): void {
  time[0] = Math.trunc(epochMillis / 1e3);
  time[1] = Math.round((epochMillis - time[0] * 1e3) * 1e6);
}

const NOTHING: Called = {
  onStart: () => undefined,
  onEnding: () => undefined,
  onEnd: () => undefined,
};

/** What a span costs, when the replay itself, played to nothing, is taken off. */
interface SpanCost {
  readonly busy: Spread;
  /** The median. */
  readonly cpu: number;
}

async function cost(size: number, shape: Shape, isOwn: boolean, rounds: number): Promise<SpanCost> {
  const processor = new BottleneckSpanProcessor();
  const count = Math.max(1, Math.round(SPANS / size));
  const tracer = new NodeTracerProvider().getTracer(isOwn ? 'hotspan' : 'bench', VERSION);
  let traces: Events[] = [];
  const side = (name: string, called: Called): Side => ({
    name,
    prepare: () => {
      traces = Array.from({ length: count }, () => makeTrace(tracer, size, shape));
    },
    run: async () => {
      for (const events of traces) replay(events, called, isOwn);
      // A large trace may be analyzed bit by bit, after the turn in which it ended.
      await sleep(Math.max(SETTLE_MILLIS, size * SETTLE_MILLIS_PER_SPAN));
    },
  });
  const warmUp = Math.max(20, Math.ceil(rounds / 3));
  const sides = [side('processor', processor), side('nothing', NOTHING)];
  const [with_, without] = await takeTurns(sides, { rounds, warmUp, units: count * size });
  const { spans, warnings } = processor.summary();
  const expected = count * size * (rounds + warmUp);
  if (spans.analyzed !== expected) {
    throw new Error(`expected ${expected} spans to be analyzed, got ${spans.analyzed}`);
  }
  if (warnings.length > 0) throw new Error(`expected no warnings, got: ${warnings.join('; ')}`);
  const net = (figure: 'busy' | 'cpu') => {
    const base = spread(without!, figure).median;
    return spreadOf(with_!.costs.map((cost) => cost[figure] - base));
  };
  return { busy: net('busy'), cpu: net('cpu').median };
}

async function run({ isQuick }: Settings): Promise<Findings> {
  // Or the first rows would be those of the compiler.
  for (const isOwn of [true, false]) await cost(10, 'at the same time', isOwn, isQuick ? 20 : 100);
  const rows: string[][] = [];
  let largest = 0;
  for (const size of [1, 10, 100, 10_000]) {
    for (const shape of size === 1 ? SHAPES.slice(0, 1) : SHAPES) {
      for (const isOwn of [true, false]) {
        const found = await cost(size, shape, isOwn, isQuick ? 15 : 90);
        if (size > 1) largest = Math.max(largest, found.busy.median);
        const spans = isOwn ? 'segments' : 'of others';
        rows.push([
          size.toLocaleString('en'),
          shape,
          spans,
          ...cells(found.busy, micros),
          micros(found.cpu),
        ]);
      }
    }
  }
  const head = ['spans of a trace', 'children', 'spans', 'min', 'median', 'max', 'processor time'];
  const goal =
    'processor, per span, critical path included (the dearest kind of trace of 10 spans or more)';
  return { text: table(head, rows), goals: [atMost(goal, 0.4, largest, micros)] };
}

/** The section. */
export const processorSection: Section = {
  name: 'processor',
  title: 'The processor alone',
  about:
    '`onStart`, `onEnding` and `onEnd` of a `BottleneckSpanProcessor` on spans of the SDK that were made ' +
    'before, some 2,000 at a time, and the analysis of their traces. What playing the same to a processor that does ' +
    'nothing takes is taken off. Spans of others are those whose start is only known to a millisecond.',
  run,
};
