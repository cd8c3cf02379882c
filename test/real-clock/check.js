/**
 * Predictions against the truth, on the real clock with real libraries: each program is run, ranked while it runs, and
 * run again with one segment's own work at 0, for every segment. The first row has to be the fix that helps most, and
 * each saving has to be near the measured one. REAL_CLOCK_SPANS=<directory> keeps the spans as OTLP JSON.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { startTracing } from '../../dist/doors/node.js';
import { PROGRAMS } from './programs.js';
import { Recorder } from './recorder.js';
import { undisturbed, World } from './world.js';

process.env.OTEL_TRACES_EXPORTER = 'none';
/** In shares of the total time of all requests, since a busy machine slows everything down. */
const MOST_ERROR = 0.15;
/** What the first row may bring less than the best, which may be as good as it. */
const AS_GOOD = 0.9;

const recorder = new Recorder();
const tracing = startTracing({ exitHandling: false, spanProcessors: [recorder] });
after(() => tracing.shutdown());

function run(program, changed) {
  return undisturbed(async () => {
    tracing.reset();
    recorder.reset();
    await program.run(new World(changed));
    return { ...tracing.summary(), otlp: recorder.toOtlp() };
  });
}

function keepSpans(name, otlp) {
  const directory = process.env.REAL_CLOCK_SPANS;
  if (directory === undefined) return;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${name}.json`), JSON.stringify(otlp));
}

/** Runs a program with each of its rows removed, and tells what was predicted of that. */
async function rowsOf(key, program) {
  // Connections are opened, and code is compiled.
  await program.run(new World(), 5);
  const { bottlenecks, latency, otlp } = await run(program);
  keepSpans(key, otlp);
  const totals = [];
  for (const { name } of bottlenecks) {
    totals.push((await run(program, name)).latency.totalSeconds);
  }
  // Before and after the others, since a machine may become busy.
  const again = (await run(program)).latency.totalSeconds;
  const all = (latency.totalSeconds + again) / 2;
  console.log(`${program.name}; two runs alike differ by${percent(Math.abs(1 - again / all) * 2)}`);
  return bottlenecks.map(({ name, savingSeconds = 0, waitsFor = [] }, index) => {
    const predicted = savingSeconds / latency.totalSeconds;
    const measured = 1 - totals[index] / all;
    const waits = waitsFor.map(({ row }) => row).join(', ');
    const waiting = waits === '' ? '' : `; waits for ${waits}`;
    console.log(
      `  ${name.padEnd(16)} predicted${percent(predicted)}, measured${percent(measured)}${waiting}`,
    );
    return { name, predicted, measured };
  });
}

const percent = (share) => `${(100 * share).toFixed(0)} %`.padStart(6);

for (const [key, make] of Object.entries(PROGRAMS)) {
  const program = await make();
  it(program.name, async () => {
    const rows = await rowsOf(key, program).finally(() => program.close());
    const best = Math.max(...rows.map(({ measured }) => measured));
    const [first] = rows;
    assert.ok(
      first.measured >= AS_GOOD * best,
      `expected the first row to bring${percent(best)}, as the best one does; ${first.name} brings${percent(first.measured)}`,
    );
    for (const { name, predicted, measured } of rows) {
      assert.ok(
        Math.abs(predicted - measured) <= MOST_ERROR,
        `expected a saving of ${name} near${percent(measured)}, got${percent(predicted)}`,
      );
    }
  });
}
