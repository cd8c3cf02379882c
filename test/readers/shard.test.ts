import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSummaries, readSummary, type Summary } from 'hotspan/report';
import { isInShard, parseShard } from '../../src/readers/shard.js';
import { expectSound, NOW, otlp, otlpSpan, summaryOf, temporaryFile } from './support.js';

const traces = Array.from({ length: 40 }, (_, at) => {
  const trace = { trace: `t${at}` };
  return otlp({
    shop: [
      otlpSpan({ id: 'a', ...trace, start: 0, end: 30 + at }),
      otlpSpan({ id: 'b', ...trace, parent: 'a', start: 5, end: 20 + (at % 7) }),
    ],
  });
});
const content = [...traces.map((each) => JSON.stringify(each)), 'rubbish'].join('\n');
const file = temporaryFile(content);

const shardsOf = (of: number) =>
  Promise.all(
    Array.from({ length: of }, (_, at) =>
      readSummary(file, { shard: `${at + 1}/${of}`, nowEpochMillis: NOW }),
    ),
  );

/** What is added up, without what is estimated from samples. */
function sums({
  bottlenecks,
  latency,
  traces,
  spans,
  entryPoints,
  unread,
  warnings,
  services,
}: Summary) {
  const rows = bottlenecks.map(({ name, calls, errors, totalSeconds, criticalSeconds, ...row }) => {
    const seconds = [totalSeconds, criticalSeconds, row.selfSeconds, row.maxSeconds];
    return [name, calls, errors, ...seconds.map((each) => each.toFixed(9))];
  });
  const { count, maxSeconds, p50Seconds } = latency;
  const points = entryPoints?.map(({ name, calls }) => [name, calls]);
  return {
    ...{ rows, count, maxSeconds, p50Seconds, points, traces, spans },
    unread,
    warnings,
    services,
  };
}

describe('shards', () => {
  it.each([1, 2, 3, 16])('%i of them, merged, are what one process finds', async (of) => {
    const one = await summaryOf(content);
    const merged = mergeSummaries(await shardsOf(of));
    expectSound(merged);
    const plain = (summary: Summary) =>
      JSON.parse(JSON.stringify(sums(summary)).replaceAll(/\S*traces\.json: /g, '"')) as unknown;
    const withoutPath = (summary: Summary) => ({
      ...summary,
      warnings: summary.warnings.map((text) => text.slice(-30)),
    });
    expect(plain(withoutPath(merged))).toEqual(plain(withoutPath(one)));
  });

  it('say that some are missing, until they come', async () => {
    const all = await shardsOf(4);
    expect(all[2]!.shards).toEqual({ of: 4, indexes: [3] });
    const some = mergeSummaries([all[2]!, all[0]!]);
    expect(some.shards).toEqual({ of: 4, indexes: [1, 3] });
    expect(some.warnings).toContain('shards 2, 4 of 4 are missing: the figures are of the others');
    const whole = mergeSummaries([some, all[1]!, all[3]!]);
    expect(whole.warnings.join()).not.toContain('missing');
    // Those of another day.
    const others = mergeSummaries(await shardsOf(3));
    expect(mergeSummaries([whole, others]).warnings.join()).not.toContain('missing');
  });

  it('are refused twice, with others of another count, and beside what has them already', async () => {
    const [first, second] = await shardsOf(2);
    const [other] = await shardsOf(3);
    const whole = mergeSummaries([first!, second!]);
    const merging =
      (...all: Summary[]) =>
      () =>
        mergeSummaries(all);
    expect(merging(first!, { ...first!, generatedAt: 'x' })).toThrow('shard 1/2 is there twice');
    expect(merging(first!, other!)).toThrow('shards of 2 and shards of 3 do not go together');
    expect(merging(whole, second!)).toThrow('shard 2/2 is there twice');
    const one = await summaryOf(content);
    const saved = [one, one].map((each) => temporaryFile(JSON.stringify(each)));
    await expect(readSummary(saved)).rejects.toMatchObject({
      name: 'BadInputError',
      message: expect.stringMatching(
        /^the summaries cannot be merged: .* is there twice$/,
      ) as string,
    });
  });

  it('take each id once, and spread ids whose low bits are constant', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[0-9a-f]{1,32}$/),
        fc.integer({ min: 1, max: 40 }),
        (id, of) => {
          const in_ = Array.from({ length: of }, (_, at) => isInShard(id, { index: at + 1, of }));
          expect(in_.filter(Boolean)).toHaveLength(1);
        },
      ),
    );
    const sizes = new Array<number>(16).fill(0);
    for (let at = 0; at < 16_000; at += 1) {
      const id = `${at.toString(16).padStart(16, '0')}0000000000000000`;
      sizes[sizes.findIndex((_, index) => isInShard(id, { index: index + 1, of: 16 }))]! += 1;
    }
    for (const size of sizes) expect(Math.abs(size - 1_000)).toBeLessThan(200);
  });

  it.each(['0/4', '5/4', '1', 'a/b', '1/0', '-1/3', '1.5/3', ''])('refuses %s', (text) => {
    expect(() => parseShard(text)).toThrow('shard: expected one such as 3/16');
  });
});
