/**
 * Compares hotspan's prices with public price lists and writes docs/prices.md. With `--write` it makes the
 * table anew from them first. Needs npm, and Python with pip.
 */
import { waitForUpdate } from '@pydantic/genai-prices';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { refreshPrices } from '../../src/cost/price-table.js';
import { shortened } from '../../src/cost/short-list.js';
import { compare, compareWith } from './compare.js';
import { BEGIN, drawComparison, END } from './document.js';
import { fetchJudge } from './judge.js';
import { fetchLists } from './lists.js';
import { makeTable } from './table.js';

const PAGE = fileURLToPath(new URL('../../docs/prices.md', import.meta.url));

const LIST = fileURLToPath(new URL('../../src/cost/price-list.ts', import.meta.url));
const lists = await fetchLists();
const other = await fetchJudge();
if (process.argv.includes('--write')) {
  const shelves = makeTable(lists);
  const models = Object.values(shelves).flatMap((text) => JSON.parse(text) as unknown[]).length;
  const short = Object.fromEntries(
    Object.entries(shelves).map(([shelf, text]) => [shelf, shortened(text)]),
  );
  const made = lists.map(({ name, version }) => `${name} ${version}`).join(', ');
  const text = [
    `/** Made by \`npm run prices -- --write\` from ${made}. */`,
    `export const LIST_DATE = '${new Date().toISOString().slice(0, 10)}';`,
    `export const LIST_MODELS = ${models};`,
    '/** The models of each provider as JSON, shortened, which is read when one of them is asked for. */',
    `export const PRICE_LIST: Readonly<Record<string, string>> = ${JSON.stringify(short)};`,
  ].join('\n');
  await writeFormatted(LIST, text, 'typescript');
  console.log(`${models} models of ${Object.keys(shelves).length} providers`);
}

const verdicts = await compare(lists);
const independent = { list: other, verdicts: compareWith(other) };
await refreshPrices({ data: await waitForUpdate() });
const part = drawComparison(lists, verdicts, await compare(lists), independent);
const page = readFileSync(PAGE, 'utf8');
const whole = page.slice(0, page.indexOf(BEGIN)) + part + page.slice(page.indexOf(END));
await writeFormatted(PAGE, whole, 'markdown');
console.log(part);

async function writeFormatted(path: string, text: string, parser: string): Promise<void> {
  const config = await resolveConfig(path);
  writeFileSync(path, await format(text, { ...config, parser }));
}
