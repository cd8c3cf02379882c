import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { llmCall, profiled, segment } from 'hotspan';
import type { SegmentCpuProfile } from 'hotspan/processor';
import { startTracing, type Tracing, type TracingOptions } from 'hotspan/node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { V8CpuProfile } from '../../src/cpu-profile/v8-profile.js';
import { BURN_FILE, makeBurn, turn } from '../support/burn.js';
import { runProgram } from '../support/program.js';

let directory: string;
let tracing: Tracing | undefined;
const lines: string[] = [];
let burn: (millis: number) => number;
let burnLeft: typeof burn;
let burnRight: typeof burn;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hotspan-'));
  vi.stubEnv('OTEL_TRACES_EXPORTER', 'none');
});

afterEach(async () => {
  await tracing?.shutdown();
  tracing = undefined;
  lines.length = 0;
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

function start(
  cpuProfile: TracingOptions['cpuProfile'] = { directory },
  options: TracingOptions = {},
): Tracing {
  const log = (line: string) => void lines.push(line);
  tracing = startTracing({ serviceName: 'shop', cpuProfile, log, ...options });
  burn = makeBurn('burn');
  burnLeft = makeBurn('burnLeft');
  burnRight = makeBurn('burnRight');
  return tracing;
}

function inside(name: string): SegmentCpuProfile {
  const found = tracing?.summary().cpuProfiles?.find((profile) => profile.segment === name);
  if (found === undefined) throw new Error(`no CPU profile of ${name}`);
  return found;
}

/** Self or total seconds of a function inside a segment. */
function secondsOf(
  name: string,
  fn: string,
  kind: 'selfSeconds' | 'totalSeconds' = 'selfSeconds',
): number {
  const rows = inside(name).functions.filter((row) => row.name === fn);
  return rows.reduce((sum, row) => sum + row[kind], 0);
}

const files = () => readdirSync(directory).sort();
const read = (file: string) =>
  JSON.parse(readFileSync(join(directory, file), 'utf8')) as V8CpuProfile;

describe('a CPU-bound segment next to waiting ones', () => {
  it('is the only one in which the function is named that burns: one after another', async () => {
    start();
    await segment('waits before', turn);
    segment('burns', () => burn(80));
    await segment('waits after', turn);
    expect(secondsOf('burns', 'burn')).toBeGreaterThan(0.02);
    expect(secondsOf('burns', 'burn', 'totalSeconds')).toBeGreaterThan(0.02);
    expect(inside('burns').functions[0]).toMatchObject({
      name: 'burn',
      file: BURN_FILE,
    });
    expect(inside('burns').functions[0]!.share).toBeGreaterThan(0.5);
    for (const name of ['waits before', 'waits after']) {
      expect(secondsOf(name, 'burn', 'totalSeconds')).toBe(0);
    }
  });

  it('is the only one in which the function is named that burns: all at the same time', async () => {
    start();
    let isDone = false;
    const waits = (name: string) =>
      segment(name, async () => {
        while (!isDone) await turn();
      });
    await Promise.all([
      waits('waits first'),
      segment('burns', async () => {
        for (let n = 0; n < 20; n += 1) {
          await turn();
          burn(2);
          await Promise.resolve();
          burn(2);
        }
        isDone = true;
      }),
      waits('waits last'),
    ]);
    expect(secondsOf('burns', 'burn', 'totalSeconds')).toBeGreaterThan(0.02);
    for (const name of ['waits first', 'waits last']) {
      expect(inside(name)).toMatchObject({ calls: 1, exact: true });
      expect(secondsOf(name, 'burn', 'totalSeconds')).toBe(0);
    }
    expect(inside('burns').exact).toBe(true);
  });

  it('is told from another that burns in turns with it', async () => {
    start();
    const burns = (name: string, each: typeof burn) =>
      segment(name, async () => {
        for (let n = 0; n < 20; n += 1) {
          each(2);
          await (n % 2 === 0 ? turn() : Promise.resolve());
        }
      });
    await Promise.all([burns('left', burnLeft), burns('right', burnRight)]);
    const [left, right] = [
      [
        secondsOf('left', 'burnLeft', 'totalSeconds'),
        secondsOf('left', 'burnRight', 'totalSeconds'),
      ],
      [
        secondsOf('right', 'burnRight', 'totalSeconds'),
        secondsOf('right', 'burnLeft', 'totalSeconds'),
      ],
    ] as const;
    expect(left[0]).toBeGreaterThan(0.01);
    expect(right[0]).toBeGreaterThan(0.01);
    // A sample that is taken in the moment of the switch itself may go either way.
    expect(left[1]).toBeLessThan(0.1 * left[0]);
    expect(right[1]).toBeLessThan(0.1 * right[0]);
  });

  it('keeps its own when another is inside it, and has that one in the totals', () => {
    start();
    segment('outer', () => {
      burnLeft(40);
      segment('inner', () => burnRight(40));
      burnLeft(10);
    });
    expect(secondsOf('inner', 'burnRight', 'totalSeconds')).toBeGreaterThan(0.01);
    expect(secondsOf('inner', 'burnLeft', 'totalSeconds')).toBe(0);
    expect(secondsOf('outer', 'burnRight')).toBe(0);
    expect(secondsOf('outer', 'burnRight', 'totalSeconds')).toBeGreaterThan(0.01);
    expect(inside('outer').seconds).toBeGreaterThan(inside('inner').seconds);
  });

  it('is not charged with what runs outside of all segments', async () => {
    start();
    await segment('waits', async () => {
      setImmediate(() => undefined);
      await turn();
    });
    let isOpen = true;
    const open = segment('open', async () => {
      while (isOpen) await turn();
    });
    // In nobody's context, while a segment is open.
    burnRight(40);
    isOpen = false;
    await open;
    expect(secondsOf('open', 'burnRight', 'totalSeconds')).toBe(0);
  });
});

describe('segments of one row', () => {
  const names = () => tracing!.summary().cpuProfiles!.map((profile) => profile.segment);
  const callsOf = () =>
    Object.fromEntries(
      tracing!.summary().cpuProfiles!.map(({ segment: of, calls }) => [of, calls]),
    );

  it('have one profile, and time inside both counts once', () => {
    start();
    const started = performance.now();
    for (const id of [1_001, 1_002]) {
      segment(`render ${id}`, () => {
        burn(30);
        segment(`render ${id + 10}`, () => burn(30));
      });
    }
    const millis = performance.now() - started;
    expect(callsOf()).toEqual({ 'render {n}': 4 });
    expect(inside('render {n}').seconds).toBeLessThan((1.2 * millis) / 1e3);
    const rows = tracing!.summary().bottlenecks.map(({ name }) => name);
    expect(rows).toEqual(['render {n}']);
  });

  it('are what a function of the user says', () => {
    start({ directory }, { bottlenecks: { groupName: (name) => name.slice(0, 4) } });
    segment('task a', () => burn(5));
    segment('task b', () => burn(5));
    expect(callsOf()).toEqual({ task: 2 });
  });

  it('do not mind that it throws, and are apart then', () => {
    const groupName = () => {
      throw new Error('no');
    };
    start({ directory }, { bottlenecks: { groupName } });
    expect(segment('task 1001', () => 7)).toBe(7);
    expect(names()).toEqual(['task 1001']);
  });

  it('are not those of models whose names have dates', async () => {
    start();
    await llmCall({ provider: 'openai', model: 'gpt-4o-2024-08-06' }, () => ({}));
    expect(names()).toEqual(['chat gpt-4o-2024-08-06']);
  });
});

describe('the file', () => {
  it('is what Chrome DevTools opens, on the clock of process.hrtime', () => {
    start();
    const before = process.hrtime.bigint() / 1_000n;
    segment('burns', () => burn(60));
    const after = process.hrtime.bigint() / 1_000n;
    inside('burns');
    expect(files()).toEqual([
      expect.stringMatching(/^hotspan-\d{8}T\d{6}Z-\d+-\d+-1\.cpuprofile$/),
    ]);
    const { nodes, startTime, endTime, samples, timeDeltas } = read(files()[0]!);
    expect(startTime).toBeLessThanOrEqual(Number(before));
    expect(endTime).toBeGreaterThanOrEqual(Number(after) - 1);
    expect(samples.length).toBeGreaterThan(5);
    expect(timeDeltas).toHaveLength(samples.length);

    const ids = new Set(nodes.map(({ id }) => id));
    expect(ids.size).toBe(nodes.length);
    expect(samples.every((id) => ids.has(id))).toBe(true);
    const children = nodes.flatMap((node) => node.children ?? []);
    // A tree: every node but the root is called from one place.
    expect(new Set(children).size).toBe(children.length);
    expect(children.length).toBe(nodes.length - 1);
    expect(nodes[0]!.callFrame.functionName).toBe('(root)');
    for (const { callFrame } of nodes) {
      expect(callFrame).toMatchObject({
        functionName: expect.any(String) as string,
        scriptId: expect.any(String) as string,
        url: expect.any(String) as string,
        lineNumber: expect.any(Number) as number,
        columnNumber: expect.any(Number) as number,
      });
    }

    // The samples in which the function is on top lie between the two readings of the clock.
    const burning = new Set(
      nodes.filter(({ callFrame }) => callFrame.functionName === 'burn').map(({ id }) => id),
    );
    let at = startTime;
    const times = samples.flatMap((id, index) => {
      at += timeDeltas[index]!;
      return burning.has(id) ? [at] : [];
    });
    expect(Math.min(...times)).toBeGreaterThanOrEqual(Number(before));
    expect(Math.max(...times)).toBeLessThanOrEqual(Number(after) + 1);
  });

  it('is named on the span, and shared by all segments of the time', async () => {
    const exported = vi.spyOn(console, 'dir').mockImplementation(() => undefined);
    vi.stubEnv('OTEL_TRACES_EXPORTER', 'console');
    start();
    await Promise.all([segment('one', turn), segment('two', turn)]);
    inside('one');
    const names = exported.mock.calls.map(
      ([span]) =>
        (span as { attributes: Record<string, unknown> }).attributes['hotspan.cpu_profile.file'],
    );
    expect(names).toEqual([files()[0], files()[0]]);
  });

  it('is followed by the next when a profile gets long, and the oldest go', async () => {
    start({ directory, maxProfileMillis: 1, maxFiles: 2 });
    await segment('long', async () => {
      for (let n = 0; n < 5; n += 1) {
        segment('short', () => burn(8));
        await turn();
      }
    });
    expect(secondsOf('long', 'burn', 'totalSeconds')).toBeGreaterThan(0.005);
    expect(inside('short').calls).toBe(5);
    const numbers = files().map((file) => Number(/(\d+)\.cpuprofile$/.exec(file)![1]));
    // Each of the 5 began a file; how many more the timer began is not known.
    expect(numbers[0]).toBeGreaterThanOrEqual(4);
    expect(numbers).toEqual([numbers[0], numbers[0]! + 1]);
  });
});

describe('which segments are profiled', () => {
  const work = () => {
    for (const name of ['parse', 'search']) segment(name, () => 1);
    segment('asks', { cpuProfile: true }, () => 1);
    segment('declines', { cpuProfile: false }, () => 1);
    return (tracing?.summary().cpuProfiles ?? []).map((profile) => profile.segment).sort();
  };

  it.each<[string, TracingOptions['cpuProfile'], string[]]>([
    ['all', {}, ['asks', 'parse', 'search']],
    ['those named', { segments: ['parse'] }, ['asks', 'parse']],
    ['those chosen', { segments: (name) => name.startsWith('s') }, ['asks', 'search']],
    [
      'none by a function that throws',
      {
        segments: () => {
          throw new Error('mine');
        },
      },
      ['asks'],
    ],
    ['none at all', false, []],
  ])('%s', (_, options, expected) => {
    start(typeof options === 'object' ? { directory, ...options } : options);
    expect(work()).toEqual(expected);
  });

  it.each([
    ['', ['asks']],
    ['0', []],
    ['false', []],
    ['1', ['asks', 'parse', 'search']],
    ['true', ['asks', 'parse', 'search']],
    ['profiles', ['asks', 'parse', 'search']],
  ])('as HOTSPAN_CPU_PROFILE=%s says', (value, expected) => {
    vi.spyOn(process, 'cwd').mockReturnValue(directory);
    vi.stubEnv('HOTSPAN_CPU_PROFILE', value);
    tracing = startTracing({ log: (line) => lines.push(line) });
    expect(work()).toEqual(expected);
    const folder = value === 'profiles' ? 'profiles' : 'hotspan-cpu-profiles';
    expect(files()).toEqual(expected.length === 0 ? [] : [folder]);
    vi.restoreAllMocks();
  });

  it('functions that are segments, and model calls, whose attempts are part of them', async () => {
    start();
    profiled('parse', (text: string) => text.length)('a');
    const options = { provider: 'openai', model: 'm', maxAttempts: 2, backoffMillis: 0 };
    await llmCall(options, ({ attempt }) => {
      burn(20);
      if (attempt === 1) throw new Error('again');
      return {};
    });
    expect(
      tracing!.summary().cpuProfiles!.map(({ segment: name, service }) => [name, service]),
    ).toEqual([
      ['chat m', 'shop'],
      ['parse', 'shop'],
    ]);
    expect(secondsOf('chat m', 'burn')).toBeGreaterThan(0.008);
  });
});

describe('what must not break', () => {
  it('gives back what the segment gives, and throws what it throws', async () => {
    start();
    expect(segment('sync', () => 7)).toBe(7);
    expect(await segment('async', () => Promise.resolve(8))).toBe(8);
    const error = new Error('mine');
    const throws = () => {
      throw error;
    };
    expect(() => segment('throws', throws)).toThrow(error);
    await expect(segment('rejects', () => Promise.reject(error))).rejects.toBe(error);
    expect(inside('throws').calls).toBe(1);
    expect(lines).toEqual([]);
  });

  it('goes on without a file when that cannot be written, and says so once', () => {
    const file = join(directory, 'a-file');
    writeFileSync(file, '');
    start({ directory: join(file, 'below'), maxProfileMillis: 1 });
    for (let n = 0; n < 3; n += 1) segment('burns', () => burn(15));
    const summary = tracing!.summary();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^hotspan: hotspan-\S+\.cpuprofile could not be written: \w+\.$/);
    expect(summary.warnings).toEqual([lines[0]!.slice('hotspan: '.length, -1)]);
    expect(secondsOf('burns', 'burn')).toBeGreaterThan(0.008);
    expect(lines[0]).not.toContain(directory);
  });

  it('runs segments without a profile when the inspector is not to be had, and says so once', () => {
    const connect = vi.spyOn(Session.prototype, 'connect').mockImplementation(() => {
      throw Object.assign(new Error('not permitted'), { code: 'ERR_ACCESS_DENIED' });
    });
    start();
    expect(segment('one', () => 1)).toBe(1);
    expect(segment('two', () => 2)).toBe(2);
    expect(connect).toHaveBeenCalledTimes(1);
    expect(lines).toEqual(['hotspan: no CPU profile: ERR_ACCESS_DENIED.']);
    const summary = tracing!.summary();
    expect(summary.cpuProfiles).toBeUndefined();
    expect(summary.warnings).toEqual(['no CPU profile: ERR_ACCESS_DENIED']);
    vi.restoreAllMocks();
  });

  it('leaves the profile of another inspector session alone', () => {
    const session = new Session();
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.start');
    start();
    segment('burns', () => burn(30));
    expect(secondsOf('burns', 'burn')).toBeGreaterThan(0.005);
    let taken: number | undefined;
    session.post('Profiler.stop', (_, { profile }) => (taken = profile.samples?.length));
    session.disconnect();
    expect(taken).toBeGreaterThan(3);
  });

  it('forgets with reset()', () => {
    start();
    segment('before', () => burn(5));
    tracing!.summary();
    tracing!.reset();
    segment('after', () => burn(5));
    expect(tracing!.summary().cpuProfiles!.map((profile) => profile.segment)).toEqual(['after']);
  });
});

describe('in a program', () => {
  const hotspan =
    "import { segment } from 'hotspan'; import { cpuProfiles } from 'hotspan/processor';";

  it('it needs no tracing, and the file is written although the program just ends', async () => {
    const code = `${hotspan}
      function burn() { const end = performance.now() + 60; while (performance.now() < end); }
      segment('burns', { cpuProfile: true }, burn);
      await segment('not asked', async () => {});
      if (process.argv.length > 5) cpuProfiles();`;
    await runProgram(code, {}, ({ stderr }, folder) => {
      expect(stderr).toBe('');
      const [file, ...others] = readdirSync(join(folder, 'hotspan-cpu-profiles'));
      expect(others).toEqual([]);
      const text = readFileSync(join(folder, 'hotspan-cpu-profiles', file!), 'utf8');
      const { nodes } = JSON.parse(text) as V8CpuProfile;
      expect(nodes.map(({ callFrame }) => callFrame.functionName)).toContain('burn');
    });
  });

  it('it is on by the variable alone, and gives its table to a host', async () => {
    const code = `${hotspan}
      await Promise.all([
        segment('burns', async () => { await null; const end = performance.now() + 60; while (performance.now() < end); }),
        segment('waits', () => new Promise((resolve) => setTimeout(resolve, 10))),
      ]);
      console.log(JSON.stringify(cpuProfiles()));`;
    const env = { HOTSPAN_CPU_PROFILE: 'mine' };
    await runProgram(code, { env }, ({ stdout }, folder) => {
      const found = JSON.parse(stdout) as SegmentCpuProfile[];
      expect(found.map((profile) => profile.segment)).toEqual(['burns', 'waits']);
      expect(found[0]!.seconds).toBeGreaterThan(10 * found[1]!.seconds);
      expect(existsSync(join(folder, 'mine'))).toBe(true);
    });
  });

  it('it loads no inspector and makes no directory while it is off', async () => {
    const code = `${hotspan}
      segment('work', () => 1);
      console.log(process.moduleLoadList.filter((name) => /NativeModule inspector/.test(name)).length, cpuProfiles().length);`;
    await runProgram(code, {}, ({ stdout }, folder) => {
      expect(stdout).toBe('0 0\n');
      expect(readdirSync(folder)).toEqual(['main.mjs']);
    });
  });

  it('its segments run when the permission model forbids the inspector', async () => {
    const code = `${hotspan}
      console.log(segment('work', { cpuProfile: true }, () => 'done'), cpuProfiles().length);`;
    const flags = ['--experimental-permission', '--allow-fs-read=*'];
    await runProgram(code, { flags }, ({ stdout }) => {
      expect(stdout).toBe('done 0\n');
    });
  });
});
