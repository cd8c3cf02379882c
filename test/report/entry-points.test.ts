import { toMarkdown, toText } from 'hotspan/report';
import type { EntryPoint, Summary } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { Quantiles } from '../../src/durations.js';
import { summaryOf } from '../support/summary.js';

function entryPoint(name: string, millis: readonly number[], more: Partial<EntryPoint> = {}) {
  const durations = new Quantiles();
  for (const each of millis) durations.add(each * 1e6);
  return {
    ...{ name, service: 'shop', calls: millis.length, errors: 0 },
    totalSeconds: millis.reduce((sum, each) => sum + each, 0) / 1e3,
    p50Seconds: durations.at(0.5) / 1e9,
    p95Seconds: durations.at(0.95) / 1e9,
    p99Seconds: durations.at(0.99) / 1e9,
    maxSeconds: durations.max / 1e9,
    durations: durations.toJson(),
    ...more,
  };
}

function summaryWith(entryPoints: readonly EntryPoint[]): Summary {
  const summary = summaryOf({ name: 'search' });
  const count = entryPoints.reduce((sum, { calls }) => sum + calls, 0);
  const totalSeconds = entryPoints.reduce((sum, point) => sum + point.totalSeconds, 0);
  return { ...summary, entryPoints, latency: { ...summary.latency, count, totalSeconds } };
}

const ask = entryPoint('POST /ask', [900, 1_000, 1_100], { costUsd: 0.25, errors: 1 });
const job = entryPoint('nightly', [500]);
const health = entryPoint('GET /health', [1, 1, 2, 2]);
const dns = entryPoint('dns.lookup', [3]);

describe('entry points', () => {
  it('are a table, most time first', () => {
    const text = toText(summaryWith([ask, job, health]));
    expect(text.split('\n').slice(6, 10)).toEqual([
      ' Entry point    Time  Calls      p50      p95  Errors   Cost',
      ' POST /ask    85.6 %      3   1.00 s   1.10 s       1  $0.25',
      ' nightly      14.3 %      1   500 ms   500 ms       -      -',
      ' GET /health   0.2 %      4  1.00 ms  2.00 ms       -      -',
    ]);
    expect(toMarkdown(summaryWith([ask, job]))).toContain(
      '| `POST /ask` | 85.7 % | 3 | 1.00 s | 1.10 s | 1 | $0.25 |',
    );
  });

  it('are at most 8, and the others are counted', () => {
    const many = Array.from({ length: 11 }, (_, at) => entryPoint(`job ${at}`, [10]));
    const text = toText(summaryWith(many));
    expect(text).toContain('job 7');
    expect(text).not.toContain('job 8');
    expect(text).toContain('3 more entry points');
  });

  it('are left out where there is one, or where the ranking says the same', () => {
    expect(toText(summaryWith([ask]))).not.toContain('Entry point');
    const rows = summaryOf({ name: 'a' }, { name: 'b' });
    const same = { ...rows, entryPoints: [entryPoint('a', [1]), entryPoint('b', [1])] };
    expect(toText(same)).not.toContain('Entry point');
  });

  it('below 1 % of the time do not blur what users waited for, and the headline says so', () => {
    const [headline] = toText(summaryWith([ask, job, health, dns])).split('\n');
    expect(headline).toContain(
      'p50 900 ms · p95 1.10 s · max 1.10 s (without 5 traces of 2 entry points below 1 % of the time)',
    );
    expect(toMarkdown(summaryWith([ask, health]))).toContain('(without 4 traces of 1 entry point');
  });

  it.each<[string, readonly EntryPoint[]]>([
    ['none has less', [ask, job]],
    ['all together have most of the time', Array.from({ length: 150 }, () => dns)],
    ['their durations are not known', [{ ...ask, durations: undefined as never }, health]],
  ])('are all in the headline where %s', (_, points) => {
    const [headline] = toText(summaryWith(points)).split('\n');
    expect(headline).toContain('p50 1.00 s · p95 2.00 s · max 2.00 s');
    expect(headline).not.toContain('without');
  });
});

describe('the note on late spans', () => {
  const late = (lateSegments?: Summary['lateSegments']) =>
    toText({
      ...summaryOf({}),
      spans: { analyzed: 1, late: 4, dropped: 0 },
      ...(lateSegments === undefined ? {} : { lateSegments }),
    });
  const of = (segment: string) => ({ segment, service: 'shop', count: 1 });

  it('names the segments that were late most often, and what to do', () => {
    expect(late(['a', 'b', 'c', 'd'].map(of))).toContain(
      '4 spans late: counted, but time after the end of its trace is on no critical path; ' +
        'most often a, b, c (await the work inside its segment to have it ranked)',
    );
  });

  it('gives no advice where nobody could have waited', () => {
    expect(late()).toContain('4 spans late');
    expect(late()).not.toContain('await');
  });
});
