import { endOf } from '../pictures/sampled-trace.js';
import type { NewestTrace } from '../ranking/newest-traces.js';
import type { PictureTrace, PictureWait, Summary } from '../summary.js';
import { defined } from '../sums.js';
import { keyOfRow } from '../trace/row-names.js';

/** Returns what a summary has of single traces: all of its sample, some of them drawn. The oldest comes first. */
export function listedSample({ pictures }: Summary): NewestTrace[] {
  const { sample = [], traces = [] } = pictures ?? {};
  const drawn = new Map(traces.map((trace) => [trace.traceId, trace]));
  return sample
    .map((trace): NewestTrace => {
      const { traceId, startEpochSeconds, seconds, isError = false, costUsd } = trace;
      const shown = drawn.get(traceId);
      const nanos = seconds * 1e9;
      const failed = shown?.spans.filter(({ errorType }) => errorType !== undefined).length;
      const about = {
        ...{ traceId, entry: keyOfRow(trace), startEpochSeconds, nanos, entryNanos: nanos },
        ...{ isError, costUsd, errors: failed ?? Number(isError) },
        spans: shown === undefined ? 0 : shown.spans.length + (shown.leftOut ?? 0),
      };
      return { about, ...defined({ picture: shown && pictureFrom(shown) }) };
    })
    .sort((a, b) => endOf(a.about) - endOf(b.about));
}

function pictureFrom({ spans, leftOut = 0 }: PictureTrace): NewestTrace['picture'] {
  return {
    leftOut,
    spans: spans.map(({ row, waits, ...span }) => ({
      ...span,
      row: keyOfRow({ service: span.service, name: row ?? span.name }),
      ...defined({ waits: waits?.map(waitFrom) }),
    })),
  };
}

function waitFrom({ name, service = '', ...wait }: PictureWait) {
  return { ...wait, ...(name === undefined ? {} : { row: keyOfRow({ service, name }) }) };
}
