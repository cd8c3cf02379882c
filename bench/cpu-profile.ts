/**
 * Measures what a CPU profile costs: `npm run bench:cpu-profile`.
 *
 * Both sides run in one process and take turns in alternating order. The result is the median of the
 * ratios of all rounds. Time is the processor time of all threads, including the sampler's, because the
 * time on the clock says little on a busy machine.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { segment } from 'hotspan';
import { startTracing, type Tracing } from 'hotspan/node';

const ROUNDS = 21;
const directory = mkdtempSync(join(tmpdir(), 'hotspan-bench-'));

/** Works like a service: parsing, matching, sorting, formatting. */
function compute(): number {
  let size = 0;
  for (let n = 0; n < 300; n += 1) {
    const rows = Array.from({ length: 200 }, (_, row) => ({ row, key: `k${(row * 7919) % 200}` }));
    const again = JSON.parse(JSON.stringify(rows)) as typeof rows;
    again.sort((a, b) => (a.key < b.key ? -1 : 1));
    size += again.filter(({ key }) => /^k1\d*$/.test(key)).length;
  }
  return size;
}

/** Only awaits, which is the worst case. */
async function awaits(): Promise<void> {
  const branch = async () => {
    for (let n = 0; n < 400_000; n += 1) await Promise.resolve(n);
  };
  await Promise.all([branch(), branch()]);
}

/** Takes turns of the event loop with a little work in each, like a server under load. */
async function turns(): Promise<void> {
  const branch = async () => {
    for (let n = 0; n < 1_000; n += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      JSON.parse(JSON.stringify(Array.from({ length: 100 }, (_, at) => at)));
    }
  };
  await Promise.all(Array.from({ length: 5 }, branch));
}

/** Makes segments that do nothing. */
function segments(): void {
  for (let n = 0; n < 50_000; n += 1) segment('empty', () => n);
}

async function millisOf(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e3;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

async function compare(name: string, work: () => unknown): Promise<void> {
  const side = { on: 0, off: 0 };
  const sides: ('on' | 'off')[] = ['on', 'off'];
  const ratios: number[] = [];
  const off: number[] = [];
  for (let round = -3; round < ROUNDS; round += 1) {
    for (const which of round % 2 === 0 ? sides : sides.toReversed()) {
      const tracing = start(which === 'on');
      side[which] = await segment(name, () => millisOf(work));
      await tracing.shutdown();
    }
    if (round < 0) continue;
    ratios.push(side.on / side.off);
    off.push(side.off);
  }
  const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  const ratio = median(ratios).toFixed(2);
  console.log(
    `${name.padEnd(34)} ${median(off).toFixed(0).padStart(4)} ms  × ${ratio} (${spread})`,
  );
}

/** Both sides make and rank spans but do not send them. */
function start(isOn: boolean): Tracing {
  process.env.OTEL_TRACES_EXPORTER = 'none';
  return startTracing({ cpuProfile: isOn && { directory } });
}

async function timed(name: string, work: () => void): Promise<void> {
  console.log(`${name.padEnd(34)} ${(await millisOf(work)).toFixed(1)} ms`);
}

async function blocking(): Promise<void> {
  // Warms up everything else.
  await start(false).shutdown();
  let tracing: Tracing | undefined;
  await timed('the first start blocks', () => (tracing = start(true)));
  await segment('ten seconds', async () => {
    const end = performance.now() + 9_500;
    while (performance.now() < end) {
      compute();
      await turns();
    }
  });
  await timed('a file of 9.5 s of work blocks', () => tracing!.summary());
  const sizes = readdirSync(directory).map((file) => statSync(join(directory, file)).size);
  console.log(`${'and has'.padEnd(34)} ${(Math.max(...sizes) / 1e6).toFixed(1)} MB`);
  await tracing!.shutdown();
}

console.log(`Node ${process.version}; without, and with a profile of 1,000 samples a second`);
await blocking();
await compare('computing', compute);
await compare('turns of the event loop', turns);
await compare('800,000 awaits', awaits);
await compare('50,000 empty segments', segments);
rmSync(directory, { recursive: true });
