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
import { MODELS, rightTotals } from './right.js';

const program = fileURLToPath(new URL('ask.js', import.meta.url));
const hotspan = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'instrumentations-'));
after(() => rmSync(directory, { recursive: true }));

async function run(...args) {
  const options = { timeout: 60_000, maxBuffer: 1e8 };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return stdout;
}

/** What an instrumentation hides of what is asked: the longest name that it begins with counts. */
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

/** The calls of rows that are named by an operation and a model, and how often a model is named. */
function rowsOf({ bottlenecks, models }) {
  const isCall = ({ name }) => /^(?:chat|generate_content|embeddings) /.test(name);
  const sum = (rows) => rows.reduce((total, { calls }) => total + calls, 0);
  const names = models.map(({ model }) => MODELS[model] ?? model);
  return {
    calls: sum(bottlenecks.filter(isCall)),
    models: names.length,
    named: new Set(names).size,
  };
}

let count = 0;
for (const [name, { hides }] of Object.entries(INSTRUMENTATIONS)) {
  describe(name, async () => {
    const file = join(directory, `${(count += 1)}.json`);
    const told = (await run(program, name, file)).trim().split('\n').at(-1);
    const all = Object.entries(JSON.parse(told)).map(([what, { requests, answered, ...seen }]) => {
      return { what, ...seen, right: rightTotals(requests, answered, hiddenOf(hides, what)) };
    });

    for (const { what, right, failure, isRefused, summary } of all) {
      it(what, () => {
        assert.equal(failure !== undefined, isRefused, failure);
        assert.deepEqual(figuresOf(summary.totals), figuresOf(right));
        assert.deepEqual(summary.warnings, []);
      });
    }

    it('the same from a file, with each model and its calls by name', async () => {
      const summary = JSON.parse(await run(hotspan, 'report', '--json', '--top', '100', file));
      const right = sumOf(all.map((each) => each.right));
      assert.deepEqual(figuresOf(summary.totals), figuresOf(right));
      const { calls, models, named } = rowsOf(summary);
      assert.deepEqual([calls, models], [right.llmCalls, named]);
    });
  });
}
