import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { time } from '@datadog/pprof';
import { segment } from 'hotspan';
import { startTracing } from 'hotspan/node';
import { expect, it, vi } from 'vitest';
import { makeBurn, turn } from '../support/burn.js';

/** A sample that is taken in the moment of a switch may go either way. */
const LEAST = 3;

type Profile = ReturnType<typeof time.stop>;

/** `segment: function`, of those that burn, as pprof's own contexts have it. */
function pairsOf(profile: Profile): string[] {
  const { strings } = profile.stringTable;
  const text = (index: number | bigint) => strings[Number(index)]!;
  const functions = new Map(profile.function.map(({ id, name }) => [id, text(name)]));
  const names = new Map(
    profile.location.map(({ id, line }) => [id, functions.get(line[0]!.functionId)!]),
  );
  const samples = new Map<string, number>();
  for (const { locationId, label, value } of profile.sample) {
    const found = locationId.map((id) => names.get(id)!).find((name) => name.startsWith('burn'));
    if (found === undefined) continue;
    const pair = `${text(label[0]!.str)}: ${found}`;
    samples.set(pair, (samples.get(pair) ?? 0) + Number(value[0]));
  }
  return [...samples].flatMap(([pair, count]) => (count >= LEAST ? [pair] : [])).sort();
}

it('tells segments apart like @datadog/pprof, whose samples carry their context', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hotspan-'));
  vi.stubEnv('OTEL_TRACES_EXPORTER', 'none');
  const tracing = startTracing({ cpuProfile: { directory } });
  const contexts = new AsyncLocalStorage<object>();
  const nobody = {};
  const hook = createHook({ before: () => time.setContext(contexts.getStore() ?? nobody) });
  time.start({ withContexts: true });
  hook.enable();
  const run = (name: string, fn: () => Promise<void>) =>
    segment(name, () =>
      contexts.run({ name }, async () => {
        await turn();
        await fn();
      }),
    );
  const work = async (burn: (millis: number) => number) => {
    for (let n = 0; n < 15; n += 1) {
      burn(3);
      await (n % 2 === 0 ? turn() : Promise.resolve());
    }
  };
  await Promise.all([
    run('left', () => work(makeBurn('burnLeft'))),
    run('right', () => work(makeBurn('burnRight'))),
    run('waits', turn),
  ]);
  const theirs = time.stop(false, ({ context }) => ({
    segment: (context?.context as { name?: string } | undefined)?.name ?? 'nobody',
  }));
  hook.disable();
  const ours = tracing
    .summary()
    .cpuProfiles!.flatMap(({ segment: name, functions }) =>
      functions
        .filter((fn) => fn.name.startsWith('burn') && fn.samples >= LEAST)
        .map((fn) => `${name}: ${fn.name}`),
    );
  await tracing.shutdown();
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });

  expect(ours.sort()).toEqual(['left: burnLeft', 'right: burnRight']);
  expect(pairsOf(theirs)).toEqual(ours);
});
