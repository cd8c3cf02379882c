import { segment } from 'hotspan';
import { startTracing, type TracingOptions } from 'hotspan/node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const EVENTS = ['exit', 'beforeExit', 'SIGTERM', 'SIGINT', 'newListener', 'removeListener'];
const counts = () => EVENTS.map((event) => process.listenerCount(event));
const tick = () => new Promise((resolve) => process.nextTick(resolve));

beforeEach(() => {
  vi.stubEnv('OTEL_TRACES_EXPORTER', 'none');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('listeners to the process', () => {
  it('go with the shutdown, however often it starts', async () => {
    const before = counts();
    for (let i = 0; i < 5; i += 1) {
      const tracing = startTracing();
      expect(counts()).not.toEqual(before);
      await tracing.shutdown();
      expect(counts()).toEqual(before);
    }
  });

  it('are not there when they are not wanted', async () => {
    const before = counts();
    const tracing = startTracing({ exitHandling: false });
    expect(counts()).toEqual(before);
    await tracing.shutdown();
  });

  it('leave a signal to the host that listens to it, before or after, and take it back', async () => {
    const early = () => undefined;
    process.on('SIGINT', early);
    const tracing = startTracing();
    expect(process.listeners('SIGINT')).toEqual([early]);
    process.removeListener('SIGINT', early);
    expect(process.listenerCount('SIGINT')).toBe(1);

    const late = () => undefined;
    process.on('SIGTERM', late);
    await tick();
    expect(process.listeners('SIGTERM')).toEqual([late]);
    process.removeAllListeners('SIGTERM');
    expect(process.listenerCount('SIGTERM')).toBe(1);

    process.on('SIGTERM', late).removeListener('SIGTERM', late);
    await tick();
    expect(process.listenerCount('SIGTERM')).toBe(1);
    await tracing.shutdown();
    expect(process.listenerCount('SIGTERM')).toBe(0);
    expect(process.listenerCount('SIGINT')).toBe(0);
  });
});

describe('printSummary', () => {
  async function printed(options: TracingOptions, env = ''): Promise<string> {
    vi.stubEnv('HOTSPAN_SUMMARY', env);
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const tracing = startTracing(options);
    segment('work', () => 1);
    await tracing.shutdown();
    await tracing.shutdown();
    return write.mock.calls.map(([text]) => String(text)).join('');
  }

  it.each([
    [{}, ''],
    [{}, '0'],
    [{ printSummary: false }, '1'],
  ] as const)(
    'prints nothing unless it is asked to: %j, HOTSPAN_SUMMARY=%j',
    async (options, env) => {
      expect(await printed(options, env)).toBe('');
    },
  );

  it.each([
    [{ printSummary: true }, ''],
    [{ printSummary: 'text' }, 'json'],
    [{}, '1'],
    [{}, ' TEXT '],
  ] as const)('prints the table, once: %j, HOTSPAN_SUMMARY=%j', async (options, env) => {
    const text = await printed(options, env);
    expect(text.split('ranked by critical time that can be saved')).toHaveLength(2);
  });

  it.each([
    [{ printSummary: 'json' }, ''],
    [{}, 'json'],
  ] as const)('prints JSON: %j, HOTSPAN_SUMMARY=%j', async (options, env) => {
    expect(JSON.parse(await printed(options, env))).toMatchObject({
      bottlenecks: [{ name: 'work' }],
    });
  });

  it('is told what it does not know', async () => {
    const lines: string[] = [];
    await printed({ log: (line) => lines.push(line) }, 'yaml');
    expect(lines).toEqual([
      'hotspan: expected HOTSPAN_SUMMARY to be 0, 1, false, true, text or json, got "yaml"; it is ignored.',
    ]);
    expect(() => startTracing({ printSummary: 'yaml' as 'text' })).toThrow(
      'expected `printSummary` to be true, false, text or json, got a string',
    );
    expect(() => startTracing({ exitHandling: 1 as never })).toThrow(
      'expected `exitHandling` to be true or false, got 1',
    );
  });
});
