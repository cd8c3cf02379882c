/** Runs one section in this process, so that each section starts fresh. */
import type { Findings } from './section.js';
import { SECTIONS } from './sections.js';

const [name, isQuick] = process.argv.slice(2);
const section = SECTIONS.find((known) => known.name === name)!;
const findings: Findings = await section.run({ isQuick: isQuick === 'quick' });
process.send!(findings, () => process.disconnect());
