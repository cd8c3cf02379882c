/**
 * Measures what hotspan costs, next to the bare SDK and to what users would pick instead, and writes
 * docs/overhead.md:
 *
 *     npm run bench                            all, some 20 minutes
 *     npm run bench -- --quick                 all with few rounds
 *     npm run bench -- segment memory          some sections; printed, not written
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Findings, Section } from './section.js';
import { SECTIONS } from './sections.js';

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});

/** Each in a process of its own: what one leaves in memory is not the next one's. */
async function find(section: Section): Promise<Findings> {
  const program = fileURLToPath(new URL('./section-process.js', import.meta.url));
  const child = fork(program, [section.name, values.quick ? 'quick' : 'full']);
  let findings: Findings | undefined;
  child.on('message', (message) => (findings = message as Findings));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (findings === undefined) throw new Error(`${section.name} ended with ${code}`);
  return findings;
}

for (const section of SECTIONS) {
  if (positionals.length > 0 && !positionals.includes(section.name)) continue;
  const started = performance.now();
  const { text, goals } = await find(section);
  console.log(`## ${section.title}\n\n${text}\n`);
  for (const goal of goals) console.log(goal);
  console.log(`${((performance.now() - started) / 1e3).toFixed(0)} s`);
}
