/** Work that only makes spans: pairs of an outer and an inner one, with three attributes each. */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { trace, type Attributes, type Span } from '@opentelemetry/api';
import { segment } from 'hotspan';

/** After this many pairs, the event loop gets a turn, as in a service. Full batches go out then. */
export const PAIRS_PER_TURN = 100;

/** When the work pauses. */
export interface Pace {
  /** After this many pairs the program pauses, like a service that is not overloaded. */
  readonly pairsPerPause: number;
  readonly pauseMillis: number;
}

/** Some 80,000 spans a second, so that the SDK's batch processor loses none. */
export const PACE: Pace = { pairsPerPause: 250, pauseMillis: 2 };

function attributes(): Attributes {
  return { 'app.text': 'text', 'app.number': 3, 'app.flag': true };
}

async function pairs(count: number, pace: Pace | undefined, pair: () => unknown): Promise<void> {
  for (let done = 1; done <= count; done += 1) {
    await pair();
    if (done % PAIRS_PER_TURN === 0) await turn();
    if (pace !== undefined && done % pace.pairsPerPause === 0) await sleep(pace.pauseMillis);
  }
}

async function syncPairs(count: number, pace: Pace | undefined, pair: () => void): Promise<void> {
  for (let done = 1; done <= count; done += 1) {
    pair();
    if (done % PAIRS_PER_TURN === 0) await turn();
    if (pace !== undefined && done % pace.pairsPerPause === 0) await sleep(pace.pauseMillis);
  }
}

const work = (): number => 1;
const asyncWork = (): Promise<number> => Promise.resolve(1);

/** Makes pairs by hand, as in OpenTelemetry's documentation. */
export function bareAsync(count: number, pace?: Pace): Promise<void> {
  const tracer = trace.getTracer('bench');
  const inSpan = <T>(name: string, fn: () => Promise<T>) =>
    tracer.startActiveSpan(name, { attributes: attributes() }, async (span: Span) => {
      try {
        return await fn();
      } finally {
        span.end();
      }
    });
  return pairs(count, pace, () => inSpan('outer', () => inSpan('inner', asyncWork)));
}

/** Makes pairs by hand, as in OpenTelemetry's documentation. */
export function bareSync(count: number, pace?: Pace): Promise<void> {
  const tracer = trace.getTracer('bench');
  const inSpan = <T>(name: string, fn: () => T) =>
    tracer.startActiveSpan(name, { attributes: attributes() }, (span: Span) => {
      try {
        return fn();
      } finally {
        span.end();
      }
    });
  return syncPairs(count, pace, () => inSpan('outer', () => inSpan('inner', work)));
}

/** Makes pairs with segments. */
export function hotspanAsync(count: number, pace?: Pace): Promise<void> {
  return pairs(count, pace, () =>
    segment('outer', { attributes: attributes() }, () =>
      segment('inner', { attributes: attributes() }, asyncWork),
    ),
  );
}

/** Makes pairs with segments. */
export function hotspanSync(count: number, pace?: Pace): Promise<void> {
  return syncPairs(count, pace, () =>
    segment('outer', { attributes: attributes() }, () =>
      segment('inner', { attributes: attributes() }, work),
    ),
  );
}
