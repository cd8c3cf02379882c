/**
 * Real instrumentations of models and real clients, with a server on loopback: each call is counted once, with the
 * tokens that the server answered, their cost and its model; live, and again when the spans are read from a file.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath, URL } from 'node:url';
import { promisify } from 'node:util';
import { INSTRUMENTATIONS } from './instrumentations.js';
import { rightTotals } from './right.js';

const program = fileURLToPath(new URL('ask.js', import.meta.url));
const hotspan = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'instrumentations-'));
after(() => rmSync(directory, { recursive: true }));

async function run(...args) {
  const options = { timeout: 60_000, maxBuffer: 1e8 };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return stdout;
}

function hiddenOf(hides, what) {
  const names = Object.keys(hides).filter((name) => what.startsWith(name));
  return hides[names.sort((a, b) => b.length - a.length)[0]];
}

/** Costs are sums of doubles. */
function figuresOf({ llmCalls, unpricedCalls, inputTokens, outputTokens, costUsd }) {
  const cost = (costUsd ?? 0).toFixed(9);
  return { llmCalls, unpricedCalls, inputTokens, outputTokens, cost };
}

function sumOf(all) {
  const sum = { llmCalls: 0, unpricedCalls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 };
  for (const each of all) for (const key in sum) sum[key] += each[key];
  return sum;
}

for (const [index, [name, { hides }]] of Object.entries(INSTRUMENTATIONS).entries()) {
  describe(name, { concurrency: true }, async () => {
    const file = join(directory, `${index}.json`);
    const stdout = await run(program, name, file);
    const seen = Object.entries(JSON.parse(stdout.trim().split('\n').at(-1)));
    const right = seen.map(([what, { requests, answered }]) =>
      rightTotals(requests, answered, hiddenOf(hides, what)),
    );

    for (const [
      at,
      [what, { failure, isRefused, requests, answered, ...live }],
    ] of seen.entries()) {
      it(what, () => {
        assert.equal(failure !== undefined, isRefused, failure);
        assert.deepEqual(figuresOf(live.totals), figuresOf(right[at]));
        assert.deepEqual(live.warnings, []);
        void [requests, answered];
      });
    }

    it('the same from a file', async () => {
      const { totals } = JSON.parse(await run(hotspan, 'report', '--json', file));
      assert.deepEqual(figuresOf(totals), figuresOf(sumOf(right)));
    });
  });
}
