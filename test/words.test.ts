import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
);
const EXPORTED = /^export (?:abstract |async )?(?:interface|type|class|const|function\*?) (\w+)/gm;

/** Which files of src declare and export each name. */
function declarations(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const path of files) {
    for (const [, name = ''] of readFileSync(`${root}src/${path}`, 'utf8').matchAll(EXPORTED)) {
      found.set(name, (found.get(name) ?? new Set()).add(path));
    }
  }
  return found;
}

describe('one word for each thing', () => {
  const declared = declarations();

  it('no two files export the same name', () => {
    const several = [...declared].filter(([, paths]) => paths.size > 1);
    expect(several.map(([name, paths]) => `${name}: ${[...paths].join(', ')}`)).toEqual([]);
  });

  it('the types in the list of words are declared', () => {
    const page = readFileSync(`${root}docs/architecture.md`, 'utf8');
    const list = page.slice(page.indexOf('## Words'), page.indexOf('## Dependencies'));
    const types = [...list.matchAll(/\| `(\w+)` +\|$/gm)].map(([, type = '']) => type);
    expect(types.length).toBeGreaterThan(5);
    expect(types.filter((type) => !declared.has(type))).toEqual([]);
  });

  it('every room has its paragraph', () => {
    const page = readFileSync(`${root}docs/architecture.md`, 'utf8');
    const rooms = new Set(
      files.filter((path) => path.includes('/')).map((path) => path.split('/')[0]),
    );
    expect([...rooms].filter((room) => !page.includes(`**${room}/**`))).toEqual([]);
  });
});
