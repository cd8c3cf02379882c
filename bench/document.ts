/** Writes the figures in docs/overhead.md. The text before them is written by hand. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem, type } from 'node:os';
import { format } from 'prettier';
import { table } from './markdown.js';
import { BARE_PACKAGES, dependenciesOf, PEERS, ROOT, versionOf } from './peer-list.js';
import type { Findings, Section, Settings } from './section.js';

/** The line before the written part. */
export const BEGIN = '<!-- written by npm run bench -->';
/** The line after the written part. */
export const END = '<!-- end -->';

const PAGE = `${ROOT}docs/overhead.md`;

/** The findings of a section. */
export interface Found {
  readonly section: Section;
  readonly findings: Findings;
}

/** Returns the machine, the versions, the goals and all tables as Markdown. */
export function draw(found: readonly Found[], { isQuick }: Settings): string {
  const parts = found.map(
    ({ section, findings }) => `## ${section.title}\n\n${section.about}\n\n${findings.text}`,
  );
  const quick = 'This was a quick run (`--quick`): too few rounds to rely on.';
  return [
    ...(isQuick ? [quick] : []),
    machine(),
    versions(),
    '## Goals',
    goals(found),
    ...parts,
  ].join('\n\n');
}

function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `On ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${memory} GB of memory, ${type()}, Node ${process.version}.`;
}

function versions(): string {
  const list = (dependencies: Readonly<Record<string, string>>) =>
    Object.entries(dependencies)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ');
  const bare = Object.fromEntries(BARE_PACKAGES.map((name) => [name, versionOf(name)]));
  return [
    'Compared were:',
    '',
    `- hotspan ${versionOf('hotspan')}`,
    `- bare SDK: ${list(bare)}`,
    ...PEERS.map((peer) => `- ${peer.name}: ${list(dependenciesOf(peer))}`),
  ].join('\n');
}

/** Returns the goals of the sections that ran, as a table. */
export function goals(found: readonly Found[]): string {
  const rows = found.flatMap(({ findings }) =>
    findings.goals.map(({ what, goal, measured, isMet }) => [
      what,
      goal,
      measured,
      isMet ? 'met' : 'missed',
    ]),
  );
  return rows.length === 0 ? '' : table(['', 'goal', 'measured, median', ''], rows);
}

/** Puts the text between the two lines of the page. */
export function placed(page: string, text: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`expected "${BEGIN}" and "${END}" in the page`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${text}\n\n${page.slice(end)}`;
}

/** Writes the text into docs/overhead.md. */
export async function writeDocument(text: string): Promise<void> {
  const page = existsSync(PAGE)
    ? readFileSync(PAGE, 'utf8')
    : `# What hotspan costs\n\n${BEGIN}\n\n${END}\n`;
  const wrapped = await format(text, { parser: 'markdown', proseWrap: 'always', printWidth: 100 });
  writeFileSync(PAGE, await format(placed(page, wrapped.trim()), { parser: 'markdown' }));
}
