/**
 * The experiment against the truth: `node experiment.js <program> <row> [requests] [turns] [pace]` runs a program with the experiment
 * on, then without the row's own work, and with four fifths of it, in turns with the program as it is.
 */
import { startTracing } from '../../dist/doors/node.js';
import { PROGRAMS } from './programs.js';
import { World } from './world.js';

process.env.OTEL_TRACES_EXPORTER = 'none';
const [key, row, requests = '4000', turns = '3', pace = '1.6'] = process.argv.slice(2);
const TRUTH_REQUESTS = 300;
const TRUTH_TURNS = Number(turns);
const program = await PROGRAMS[key]();

/** Slower work needs room: a pool that is always busy would never catch up. */
function worldOf(changed, factor) {
  const world = new World(changed, factor);
  world.pace = Number(pace);
  return world;
}

async function meanSeconds(world) {
  const tracing = startTracing({ exitHandling: false });
  await program.run(world, TRUTH_REQUESTS);
  const { latency } = tracing.summary();
  await tracing.shutdown();
  return latency.totalSeconds / latency.count;
}

const experiment = { rows: [row], periodMillis: 500 };
const tracing = startTracing({ exitHandling: false, experiment });
await program.run(worldOf(), Number(requests));
const summary = tracing.summary();
await tracing.shutdown();

let [all, without, faster] = [0, 0, 0];
for (let turn = 0; turn < TRUTH_TURNS; turn += 1) {
  all += (await meanSeconds(worldOf())) / TRUTH_TURNS;
  without += (await meanSeconds(worldOf(row))) / TRUTH_TURNS;
  faster += (await meanSeconds(worldOf(row, 0.8))) / TRUTH_TURNS;
}
await program.close();
console.log(
  JSON.stringify({
    program: key,
    all,
    without: all - without,
    faster: (all - faster) * 5,
    ...summary.experiments[0],
    warnings: summary.warnings,
  }),
);
