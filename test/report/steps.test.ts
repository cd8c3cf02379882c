import { llmCall, runSteps, step } from 'hotspan';
import { toMarkdown, toText } from 'hotspan/report';
import { beforeAll, expect, it } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();
beforeAll(() => loadPrices());

it('prints the steps of a run as a table', async () => {
  startSdk();
  const search = step('search', () => sleep(1_200));
  const write = step('write', () =>
    llmCall({ provider: 'openai', model: 'gpt-4o' }, async () => {
      await sleep(800);
      return { usage: { prompt_tokens: 1_000, completion_tokens: 100 } };
    }),
  );
  const check = step('check', { timeoutMillis: 500 }, () => sleep(5_000));
  const send = step('send\u001B[2J', () => 1);
  const result = await run(runSteps('trip', [search, write, check, send]));
  expect(`\n${toText(result)}\n`).toMatchInlineSnapshot(`
    "
    trip · 2 of 4 steps completed in 2.50 s · $0.0035

     #  Step      Outcome      Time   Share  Attempts     Cost  Why
     1  search    completed  1.20 s  48.0 %         1        -  -
     2  write     completed  800 ms  32.0 %         1  $0.0035  -
     3  check     timedOut   500 ms  20.0 %         1        -  check: attempt 1 took longer than 500 ms
     4  send [2J  skipped       0 s   0.0 %         0        -  another step failed
    "
  `);
});

it('prints them as Markdown as well, with what came from outside as code', async () => {
  startSdk();
  const good = step('a | b', () => sleep(1_000));
  const bad = step('bad', () => Promise.reject(new Error('<b>no</b>')));
  expect(toMarkdown(await run(runSteps('trip', [good, bad]))).split('\n')).toEqual([
    '`trip` · 1 of 2 steps completed in 1.00 s',
    '',
    '| # | Step | Outcome | Time | Share | Attempts | Why |',
    '| ---: | :--- | :--- | ---: | ---: | ---: | :--- |',
    '| 1 | `a \\| b` | completed | 1.00 s | 100.0 % | 1 | - |',
    '| 2 | `bad` | failed | 0 s | 0.0 % | 1 | `<b>no</b>` |',
  ]);
});

it('prints a run without steps', async () => {
  startSdk();
  expect(toText(await runSteps('trip', []))).toBe('trip · 0 of 0 steps completed in 0 s');
});

it.each<[string, unknown, string]>([
  ['has no message', new RangeError(), 'RangeError'],
  ['is no error', 7, 'thrown: number'],
  ['cannot be written', Object.create(null), 'thrown: object'],
  ['does not let itself be asked', revoked(), 'Error'],
  ['has credentials', new Error('no http://me:secret@host/'), 'no http://host/'],
])('says why a step failed that threw what %s', async (_what, thrown, why) => {
  startSdk();
  const fail = step('fail', () => {
    throw thrown;
  });
  const result = await runSteps('trip', [fail]);
  expect(result.error === thrown).toBe(true);
  expect(toText(result)).toMatch(new RegExp(` {2}${why}$`));
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
