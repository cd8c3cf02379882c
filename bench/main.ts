/**
 * Measures what hotspan costs next to the bare SDK and other tools, and writes docs/overhead.md:
 *
 *     npm run bench                       runs all sections, in some 20 minutes
 *     npm run bench -- --quick            runs all sections with few rounds
 *     npm run bench -- segment memory     runs these sections and only prints the results
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { draw, goals, writeDocument, type Found } from './document.js';
import type { Findings, Section, Settings } from './section.js';
import { SECTIONS } from './sections.js';

interface Request {
  readonly sections: readonly Section[];
  readonly settings: Settings;
}

/** Reads the arguments. A wrong one prints one line and exits. */
function readArguments(): Request {
  try {
    const { values, positionals } = parseArgs({
      options: { quick: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const names = SECTIONS.map(({ name }) => name);
    const unknown = positionals.find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new Error(`expected sections of ${names.join(', ')}, got "${unknown}"`);
    }
    const isAsked = ({ name }: Section) => positionals.length === 0 || positionals.includes(name);
    return { sections: SECTIONS.filter(isAsked), settings: { isQuick: values.quick } };
  } catch (error) {
    console.error(`bench: ${(error as Error).message}`);
    process.exit(2);
  }
}

/** Runs a section in its own process, so that it starts with fresh memory. */
async function find({ name }: Section, { isQuick }: Settings): Promise<Findings> {
  const program = fileURLToPath(new URL('./section-process.js', import.meta.url));
  const child = fork(program, [name, isQuick ? 'quick' : 'full']);
  let findings: Findings | undefined;
  child.on('message', (message) => (findings = message as Findings));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (findings === undefined) throw new Error(`the section ${name} ended with ${code}`);
  return findings;
}

const { sections, settings } = readArguments();
const found: Found[] = [];
for (const section of sections) {
  const begin = performance.now();
  const findings = await find(section, settings);
  found.push({ section, findings });
  const seconds = ((performance.now() - begin) / 1_000).toFixed(0);
  console.log(`## ${section.title} (${seconds} s)\n\n${findings.text}\n`);
}
console.log(goals(found));
if (sections.length === SECTIONS.length) await writeDocument(draw(found, settings));
