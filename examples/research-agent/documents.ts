import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import MiniSearch, { type SearchResult } from 'minisearch';
import { plainText, sectionsOf } from './markdown.js';
import { seededRandom } from './random.js';

/** A section of a package's README. */
export interface Passage {
  /** The same in every search. */
  readonly id: number;
  readonly packageName: string;
  readonly heading: string;
  readonly text: string;
}

/** A searchable set of documents. */
export interface Library {
  readonly fileCount: number;
  readonly passageCount: number;
  /** Returns the passages that match a query, best first. */
  search(query: string): Promise<Passage[]>;
}

/** The index entry of a passage. The text stays on disk. */
interface Place {
  readonly id: number;
  readonly packageName: string;
  readonly heading: string;
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

const NODE_MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));
const MAX_FILES = 250;
const MAX_FILE_LENGTH = 100_000;
const MAX_PASSAGE_LENGTH = 2_400;
const MIN_PASSAGE_LENGTH = 40;
const RESULTS = 50;

/**
 * Indexes the READMEs of the packages in a `node_modules` folder. If it has few of them, searches find
 * little.
 */
export async function openLibrary(nodeModules = NODE_MODULES): Promise<Library> {
  const fields = ['packageName', 'heading', 'text'];
  const storeFields = ['packageName', 'heading', 'file', 'start', 'end'];
  const index = new MiniSearch<Place & { text: string }>({ fields, storeFields });
  let fileCount = 0;
  for (const packageName of await packageNames(nodeModules)) {
    const file = await readmeOf(join(nodeModules, packageName));
    if (file === undefined || fileCount === MAX_FILES) continue;
    const markdown = await readFile(file, 'utf8');
    if (markdown.length > MAX_FILE_LENGTH) continue;
    fileCount += 1;
    for (const { heading, start, end: sectionEnd } of sectionsOf(markdown)) {
      const end = Math.min(sectionEnd, start + MAX_PASSAGE_LENGTH);
      const text = plainText(markdown.slice(start, end));
      if (text.length < MIN_PASSAGE_LENGTH) continue;
      index.add({ id: index.documentCount, packageName, heading, file, start, end, text });
    }
  }

  const random = seededRandom(1);
  const search = async (query: string): Promise<Passage[]> => {
    // A real index answers over the network, which takes time.
    await delay(60 + 180 * random());
    const found = index.search(query, { boost: { packageName: 3, heading: 2 }, prefix: isLong });
    return Promise.all(found.slice(0, RESULTS).map(readPassage));
  };
  return { fileCount, passageCount: index.documentCount, search };
}

async function readPassage(found: SearchResult): Promise<Passage> {
  const { id, packageName, heading, file, start, end } = found as unknown as Place;
  const markdown = await readFile(file, 'utf8');
  return { id, packageName, heading, text: plainText(markdown.slice(start, end)) };
}

function isLong(term: string): boolean {
  return term.length > 3;
}

/** Lists packages in the same order on every machine. */
async function packageNames(nodeModules: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of await list(nodeModules)) {
    if (name.startsWith('.')) continue;
    if (!name.startsWith('@')) names.push(name);
    else names.push(...(await list(join(nodeModules, name))).map((inner) => `${name}/${inner}`));
  }
  return names;
}

async function readmeOf(folder: string): Promise<string | undefined> {
  const name = (await list(folder)).find((entry) => /^readme\.(md|markdown)$/i.test(entry));
  return name === undefined ? undefined : join(folder, name);
}

async function list(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.sort();
}
