import type { Pictures } from '../summary.js';
import {
  natural,
  flag,
  list,
  maybe,
  named,
  number,
  object,
  isOneOf,
  string,
  type Check,
} from './checks.js';

const callPath = {
  ...{
    ...named,
    parent: maybe(natural),
    calls: natural,
    criticalSeconds: number,
    selfSeconds: number,
  },
  ...{ costUsd: maybe(number), slowSeconds: maybe(number), typicalSeconds: maybe(number) },
  means: maybe(isOneOf(['failed', 'backoff', 'wait', 'idle'])),
};
const sampledRows = list(object({ ...named, seconds: list(number) }));
const sampledTrace = {
  ...{ traceId: string, ...named, startEpochSeconds: number, seconds: number, weight: number },
  ...{ isError: maybe(flag), costUsd: maybe(number) },
  rows: sampledRows,
  failedTries: maybe(sampledRows),
};
const wait = {
  from: number,
  to: number,
  name: maybe(string),
  service: maybe(string),
  by: maybe(natural),
};
const span = {
  ...{ spanId: string, ...named, row: maybe(string), parent: maybe(natural) },
  ...{ startSeconds: number, endSeconds: number, critical: maybe(list(number)) },
  ...{ waits: maybe(list(object(wait))), errorType: maybe(string), model: maybe(string) },
  ...{ firstTokenSeconds: maybe(number), costUsd: maybe(number) },
  ...{ inputTokens: maybe(natural), outputTokens: maybe(natural) },
  attempt: maybe(
    object({ number: natural, outcome: maybe(string), backoffSeconds: maybe(number) }),
  ),
};
const trace = {
  ...{ traceId: string, ...named, why: isOneOf(['slowest', 'typical']), startEpochSeconds: number },
  ...{
    seconds: number,
    costUsd: maybe(number),
    leftOut: maybe(natural),
    spans: list(object(span)),
  },
};
const steps = list(number);
const timeline = {
  ...{ startEpochSeconds: number, stepSeconds: number, calls: steps, errors: steps },
  ...{ totalSeconds: steps, maxSeconds: steps },
  costUsd: maybe(list(object({ model: maybe(string), provider: maybe(string), steps }))),
};

/** Everything that is drawn. */
export const pictures = object({
  callPaths: list(object(callPath)),
  sample: list(object(sampledTrace)),
  traces: list(object(trace)),
  timeline: maybe(object(timeline)),
} satisfies Record<keyof Pictures, Check>);
