import { ROOT_CONTEXT, SpanKind, trace, TraceFlags } from '@opentelemetry/api';
import { startTracing, type SamplingOptions } from 'hotspan/node';
import { describe, expect, it } from 'vitest';
import { Environment } from '../../src/environment.js';
import { makeSampler } from '../../src/node/sampler.js';

/** By these ids half of the traces are sampled at 0.5. */
const IDS = Array.from(
  { length: 256 },
  (_, i) => (i * 0x01010101).toString(16).padStart(8, '0') + '1'.repeat(8) + '0'.repeat(16),
);

function decisions(
  env: Record<string, string>,
  options: SamplingOptions = { rankUnsampled: false },
  parentFlags?: TraceFlags,
) {
  const lines: string[] = [];
  const sampler = makeSampler(options, new Environment(env, (line) => lines.push(line)));
  const decided = IDS.map((traceId) => {
    const parent = {
      traceId,
      spanId: 'b'.repeat(16),
      isRemote: true,
      traceFlags: parentFlags ?? 0,
    };
    const context =
      parentFlags === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    return sampler.shouldSample(context, traceId, 'n', SpanKind.INTERNAL, {}, []).decision;
  });
  const share = (decision: number) => decided.filter((d) => d === decision).length / decided.length;
  return { exported: share(2), recorded: share(1), dropped: share(0), lines };
}

describe('makeSampler', () => {
  it.each([
    ['', '', undefined, 1],
    ['always_on', '', TraceFlags.NONE, 1],
    ['always_off', '', TraceFlags.SAMPLED, 0],
    ['traceidratio', '0.5', TraceFlags.NONE, 0.5],
    ['parentbased_always_on', '', TraceFlags.NONE, 0],
    ['parentbased_always_off', '', TraceFlags.SAMPLED, 1],
    ['parentbased_traceidratio', '0.5', undefined, 0.5],
    ['PARENTBASED_TRACEIDRATIO', '0.5', TraceFlags.SAMPLED, 1],
  ])('reads OTEL_TRACES_SAMPLER=%s, %s', (name, argument, parentFlags, share) => {
    const env = { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument };
    const { exported, lines } = decisions(env, { rankUnsampled: false }, parentFlags);
    expect(exported).toBeCloseTo(share, 1);
    expect(lines).toEqual([]);
  });

  it('says what it cannot read, on one line, and exports all', () => {
    const unknown = decisions({ OTEL_TRACES_SAMPLER: 'jaeger_remote' });
    expect(unknown).toMatchObject({ exported: 1 });
    expect(unknown.lines).toEqual([
      expect.stringMatching(/^hotspan: expected OTEL_TRACES_SAMPLER .*"jaeger_remote"/),
    ]);
    for (const text of ['', 'half', '2', '-1']) {
      const env = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: text };
      expect(decisions(env)).toMatchObject({ exported: 1, lines: { length: 1 } });
    }
  });

  it('records what it does not export, unless told otherwise', () => {
    expect(decisions({}, { ratio: 0.5 })).toMatchObject({ dropped: 0 });
    expect(decisions({}, { ratio: 0.5 }).recorded).toBeCloseTo(0.5, 1);
    expect(decisions({}, { ratio: 0.5, rankUnsampled: false }).dropped).toBeCloseTo(0.5, 1);
    expect(decisions({ OTEL_TRACES_SAMPLER: 'always_off' }, {}).recorded).toBe(1);
  });

  it('takes the option over the variables, and follows the parent', () => {
    const env = { OTEL_TRACES_SAMPLER: 'always_off' };
    expect(decisions(env, { ratio: 1 }).exported).toBe(1);
    expect(decisions({}, { ratio: 0 }, TraceFlags.SAMPLED).exported).toBe(1);
  });

  it.each([
    [{ ratio: 1.5 }, 'expected `sampling.ratio` to be a number from 0 to 1, got 1.5'],
    [{ ratio: '1' }, 'expected `sampling.ratio` to be a number from 0 to 1, got a string'],
    [{ rankUnsampled: 0 }, 'expected `sampling.rankUnsampled` to be true or false, got 0'],
    [
      { tail: { oneIn: 0 } },
      'expected `sampling.tail.oneIn` to be a whole number of at least 1, got 0',
    ],
    [{ tail: 7 }, 'expected `sampling.tail` to be true, false or an object, got 7'],
    [{ keep: 1 }, 'unknown option "sampling.keep", expected one of: ratio, tail, rankUnsampled'],
    [7, 'expected `sampling` to be an object, got 7'],
  ])('refuses wrong options: %j', (sampling, message) =>
    expect(() => startTracing({ sampling } as never)).toThrow(`startTracing: ${message}`),
  );
});
