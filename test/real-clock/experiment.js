/**
 * The experiment against the truth: `node experiment.js <program> <row> [requests] [turns] [pace]` runs a program with the
 * experiment on, then, for half as many requests each and so many turns, as it is, without the row's own work, with four
 * fifths of it and with six. Prints a line of JSON, in milliseconds of a trace; what a fifth changes is told times 5.
 */
import { performance } from 'node:perf_hooks';
import { startTracing } from '../../dist/doors/node.js';
import { PROGRAMS } from './programs.js';
import { TIMING_PROGRAMS } from './timing-programs.js';
import { World } from './world.js';

process.env.OTEL_TRACES_EXPORTER = 'none';
const [key, row, requests = '4000', turns = '1', pace = '1.6'] = process.argv.slice(2);
const startMillis = performance.now();
const program = await { ...PROGRAMS, ...TIMING_PROGRAMS }[key]();

/** Slower work needs room: a pool that is always busy would never catch up. */
function worldOf(factor) {
  const world = new World(row, factor);
  world.pace = Number(pace);
  return world;
}

async function meanMillis(factor) {
  const tracing = startTracing({ exitHandling: false });
  await program.run(worldOf(factor), requests / 2);
  const { latency } = tracing.summary();
  await tracing.shutdown();
  return (1_000 * latency.totalSeconds) / latency.count;
}

const experiment = { rows: [row], periodMillis: 500 };
const tracing = startTracing({ exitHandling: false, experiment });
await program.run(worldOf(1), Number(requests));
const { experiments, warnings } = tracing.summary();
await tracing.shutdown();

const savings = [];
for (let turn = 0; turn < Number(turns); turn += 1) {
  const all = await meanMillis(1);
  savings.push({
    all,
    without: all - (await meanMillis(0)),
    faster: (all - (await meanMillis(0.8))) * 5,
    slower: ((await meanMillis(1.2)) - all) * 5,
  });
}
await program.close();
const [result] = experiments;
const inMillis = (name) => result && round(1_000 * result[`${name}SecondsPerTrace`]);
const truth = (name) => savings.map((of) => round(of[name]));
console.log(
  JSON.stringify({
    ...{ program: key, row, pace, seconds: Math.round((performance.now() - startMillis) / 1_000) },
    ...{ measured: inMillis('saving'), low: inMillis('low'), high: inMillis('high') },
    ...{ predicted: inMillis('predicted'), slope: result && round(result.slope) },
    ...{ periods: result?.periods, all: truth('all'), without: truth('without') },
    ...{ faster: truth('faster'), slower: truth('slower'), warnings },
  }),
);

function round(value) {
  return Math.round(100 * value) / 100;
}
