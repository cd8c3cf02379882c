import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CpuProfileTable,
  type RunningCode,
  type Switches,
} from '../../src/cpu-profile/cpu-profile-table.js';
import type { SegmentCpuProfile } from '../../src/summary.js';
import { samplesOf, type V8CpuProfile } from '../../src/cpu-profile/v8-profile.js';
import { isOwn, makeProfile, type Moment } from '../support/v8-profile.js';

const in_ = (segment: string, ...enclosing: string[]): RunningCode => ({ segment, enclosing });

function switches(...turns: [number, RunningCode | undefined][]): Switches {
  return {
    atMicros: turns.map(([at]) => at),
    running: turns.map(([, running]) => running),
    isComplete: true,
  };
}

function tableOf(profile: V8CpuProfile, turns: Switches): SegmentCpuProfile[] {
  const table = new CpuProfileTable('/app', isOwn);
  table.add(profile, turns);
  return table.list();
}

/** Self and total in microseconds, by name. */
function timesOf({ functions }: SegmentCpuProfile): Record<string, [number, number]> {
  const micros = (seconds: number) => Math.round(seconds * 1e6);
  return Object.fromEntries(
    functions.map(({ name, selfSeconds, totalSeconds }) => [
      name,
      [micros(selfSeconds), micros(totalSeconds)],
    ]),
  );
}

describe('the table of what ran inside segments', () => {
  it('names functions with self and total time, samples, share, file and line', () => {
    const profile = makeProfile(
      [
        [100, 'main > parse > next'],
        [200, 'main > parse'],
        [300, 'main > parse > next'],
      ],
      500,
    );
    expect(tableOf(profile, switches([0, in_('load')]))).toEqual([
      {
        segment: 'load',
        calls: 0,
        seconds: 400e-6,
        samples: 3,
        exact: true,
        functions: [
          {
            name: 'next',
            file: 'src/next.js',
            line: 2,
            samples: 2,
            selfSeconds: 300e-6,
            totalSeconds: 300e-6,
            share: 0.75,
          },
          {
            name: 'parse',
            file: 'src/parse.js',
            line: 2,
            samples: 3,
            selfSeconds: 100e-6,
            totalSeconds: 400e-6,
            share: 0.25,
          },
          {
            name: 'main',
            file: 'src/main.js',
            line: 2,
            samples: 3,
            selfSeconds: 0,
            totalSeconds: 400e-6,
            share: 0,
          },
        ],
      },
    ]);
  });

  it('gives a sample to the segment whose turn it is, from the very moment on', () => {
    const profile = makeProfile(
      [
        [100, 'a'],
        [200, 'b'],
        [300, 'c'],
        [400, 'd'],
      ],
      500,
    );
    const turns = switches(
      [0, undefined],
      [200, in_('second')],
      [250, in_('third')],
      [350, undefined],
    );
    const found = tableOf(profile, turns).map((segment) => [segment.segment, timesOf(segment)]);
    expect(found).toEqual([
      ['second', { b: [100, 100] }],
      ['third', { c: [100, 100] }],
    ]);
  });

  it('counts a recursive function once in the total time', () => {
    const profile = makeProfile([[0, 'walk > visit > walk > visit > walk']], 100);
    const [segment] = tableOf(profile, switches([0, in_('tree')]));
    expect(timesOf(segment!)).toEqual({ walk: [100, 100], visit: [0, 100] });
  });

  it('leaves out who called the segment, what hotspan does, and the event loop', () => {
    const profile = makeProfile(
      [
        [0, 'main > hotspan > hotspan:segment > load > hotspan > hotspan:segment > parse'],
        [100, 'node:timers > load > hotspan:segment > parse'],
        [200, 'node:timers > node:task_queues > parse'],
        [300, 'node:timers'],
      ],
      400,
    );
    const [outer, inner] = tableOf(profile, switches([0, in_('inner', 'outer')]));
    expect([outer!.segment, timesOf(outer!)]).toEqual([
      'inner',
      { parse: [300, 300], 'node:timers': [100, 100] },
    ]);
    expect([inner!.segment, timesOf(inner!)]).toEqual([
      'outer',
      { parse: [0, 300], load: [0, 200], 'node:timers': [0, 100] },
    ]);
  });

  it('takes the outermost run of a segment that is inside itself, once', () => {
    const stack =
      'main > hotspan:segment > walk > hotspan:segment > other > hotspan:segment > visit';
    const found = tableOf(makeProfile([[0, stack]], 100), switches([0, in_('a', 'b', 'a')]));
    expect(found.map((segment) => [segment.segment, segment.seconds, timesOf(segment)])).toEqual([
      ['a', 100e-6, { visit: [100, 100], walk: [0, 100], other: [0, 100] }],
      ['b', 100e-6, { visit: [0, 100], other: [0, 100] }],
    ]);
  });

  it('counts what a nested segment ran to the total of those around it, to their self time not', () => {
    const profile = makeProfile(
      [
        [0, 'main'],
        [100, 'main > burn'],
        [200, 'main'],
      ],
      300,
    );
    const inner = in_('inner', 'outer');
    const turns = switches([0, in_('outer')], [100, inner], [200, in_('outer')]);
    const [outer, nested] = tableOf(profile, turns);
    expect([outer!.segment, timesOf(outer!)]).toEqual([
      'outer',
      { main: [200, 300], burn: [0, 100] },
    ]);
    expect([nested!.segment, timesOf(nested!)]).toEqual([
      'inner',
      { burn: [100, 100], main: [0, 100] },
    ]);
    expect([outer!.seconds, nested!.seconds]).toEqual([300e-6, 100e-6]);
  });

  it('shows the collector and native code as such, and blames no function for them', () => {
    const profile = makeProfile(
      [
        [0, 'main'],
        [100, '(garbage collector)'],
        [300, '(program)'],
        [400, '(idle)'],
      ],
      450,
    );
    const [segment] = tableOf(profile, switches([0, in_('work')]));
    expect(timesOf(segment!)).toEqual({
      '(garbage collector)': [200, 200],
      main: [100, 100],
      '(program)': [100, 100],
      '(idle)': [50, 50],
    });
    expect(segment!.functions.filter(({ file }) => file !== undefined)).toHaveLength(1);
  });

  it('adds profiles up, and counts the calls', () => {
    const table = new CpuProfileTable('/app', isOwn);
    table.addCall('work');
    table.addCall('work');
    table.addCall('waits');
    const profile = makeProfile([[0, 'main']], 50);
    for (let n = 0; n < 2; n += 1) table.add(profile, switches([0, in_('work')]));
    const [work, waits] = table.list();
    expect(work).toMatchObject({ segment: 'work', calls: 2, samples: 2, seconds: 100e-6 });
    expect(waits).toMatchObject({ segment: 'waits', calls: 1, samples: 0, functions: [] });
  });

  it('says of which segments the samples are not all known', () => {
    const table = new CpuProfileTable('/app', isOwn);
    table.add(makeProfile([[0, 'main']], 50), switches([0, in_('before')]));
    table.add(makeProfile([[0, 'main']], 60), {
      ...switches([0, in_('many')], [30, undefined]),
      isComplete: false,
    });
    const notes = table.list().map(({ segment, exact, note }) => [segment, exact, typeof note]);
    expect(notes).toEqual([
      ['many', false, 'string'],
      ['before', true, 'undefined'],
    ]);
  });

  it('takes samples that V8 gives out of order, and profiles that are damaged', () => {
    const { nodes, ...rest } = makeProfile(
      [
        [100, 'a'],
        [300, 'b'],
        [200, 'c'],
      ],
      400,
    );
    const turns = switches([0, in_('work')]);
    expect(timesOf(tableOf({ nodes, ...rest }, turns)[0]!)).toEqual({
      a: [100, 100],
      b: [100, 100],
      c: [100, 100],
    });
    const [unknown] = tableOf({ ...rest, nodes: [] }, turns);
    expect(unknown).toMatchObject({ samples: 3, functions: [] });
    const circle = nodes.map((node) => ({ ...node, children: [1, 2, 3, 4] }));
    expect(tableOf({ ...rest, nodes: circle }, turns)[0]!.samples).toBe(3);
    expect(tableOf({ ...rest, nodes, samples: [], timeDeltas: [] }, turns)).toEqual([]);
  });

  it('keeps no more than so many segments and functions, and loses no time', () => {
    const moments = Array.from({ length: 6_000 }, (_, n): Moment => [n, `f${n}`]);
    const [segment] = tableOf(makeProfile(moments, 6_000), switches([0, in_('wide')]));
    expect(segment).toMatchObject({ seconds: 6e-3, samples: 6_000 });
    expect(segment!.functions[0]).toMatchObject({ name: '(other)', selfSeconds: 1e-3 });
    expect(segment!.functions.length).toBeLessThanOrEqual(40);

    const turns = switches(
      ...moments.map(([at]) => [at, in_(`s${at}`, `t${at}`)] as [number, RunningCode]),
    );
    const segments = tableOf(makeProfile(moments, 6_000), turns);
    expect(segments.length).toBeLessThanOrEqual(501);
    const other = segments.find((found) => found.segment === '(other)');
    // A sample counts once there, although the segment and the one around it are both in it.
    expect(other!.samples).toBe(5_750);
  });
});

const names = fc.constantFrom('a', 'b', 'c', 'd');
const frames = fc.constantFrom('a', 'b', 'c', 'hotspan:segment', 'node:timers');
const stacks = fc.array(frames, { minLength: 1, maxLength: 6 }).map((stack) => stack.join(' > '));
const moments = fc
  .array(fc.tuple(fc.nat(50), fc.oneof(stacks, fc.constant('(garbage collector)'))), {
    maxLength: 40,
  })
  .map((steps) => {
    let at = 0;
    return steps.map(([step, stack]): Moment => [(at += step), stack]);
  });
const segments = fc.tuple(names, fc.array(names, { maxLength: 20 })).map(([segment, around]) => ({
  segment,
  enclosing: around,
}));
const turnsOf = fc
  .array(fc.tuple(fc.nat(100), fc.option(segments, { nil: undefined })), { maxLength: 20 })
  .map((steps) => {
    let at = 0;
    return switches(
      ...steps.map(([step, running]): [number, RunningCode | undefined] => [(at += step), running]),
    );
  });

describe('for all profiles and turns', () => {
  it('self times sum to the time in which a segment had its turn', () => {
    fc.assert(
      fc.property(moments, turnsOf, (taken, turns) => {
        const profile = makeProfile(taken, 3_000);
        const found = tableOf(profile, turns);
        const self = found
          .flatMap(({ functions }) => functions)
          .reduce((sum, { selfSeconds }) => sum + selfSeconds, 0);
        // Slow, and from the definition.
        const expected = samplesOf(profile)
          .filter(({ atMicros }) => {
            const last = turns.atMicros.findLastIndex((at) => at <= atMicros);
            return turns.running[last] !== undefined;
          })
          .reduce((sum, { micros }) => sum + micros, 0);
        expect(self * 1e6).toBeCloseTo(expected, 3);
      }),
    );
  });

  it('0 ≤ self ≤ total ≤ the time of the segment, and shares are shares', () => {
    fc.assert(
      fc.property(moments, turnsOf, (taken, turns) => {
        for (const { seconds, samples, functions } of tableOf(makeProfile(taken, 3_000), turns)) {
          for (const each of functions) {
            expect(each.selfSeconds).toBeGreaterThanOrEqual(0);
            expect(each.totalSeconds).toBeGreaterThanOrEqual(each.selfSeconds);
            expect(each.totalSeconds).toBeLessThanOrEqual(seconds + 1e-12);
            expect(each.samples).toBeLessThanOrEqual(samples);
            expect(each.share).toBeGreaterThanOrEqual(0);
            expect(each.share).toBeLessThanOrEqual(1 + 1e-12);
          }
        }
      }),
    );
  });

  it('the samples sum to the profile from the first sample on', () => {
    fc.assert(
      fc.property(moments, (taken) => {
        const samples = samplesOf(makeProfile(taken, 3_000));
        const sum = samples.reduce((total, { micros }) => total + micros, 0);
        expect(sum).toBe(samples.length === 0 ? 0 : 3_000 - samples[0]!.atMicros);
      }),
    );
  });
});
