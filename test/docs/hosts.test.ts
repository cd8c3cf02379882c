import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The programs that run in the hosts: `npm run test:hosts`. */
function programs(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : programs(path);
    return entry.name.endsWith('.js') ? [readFileSync(path, 'utf8')] : [];
  });
}

const blocks = [...readFileSync(join(root, 'docs/hosts.md'), 'utf8').matchAll(/```js\n(.*?)```/gs)]
  .map(([, code = '']) => code)
  .map((code) => [code.split('\n')[0], code] as const);
const all = programs(join(root, 'test/hosts'));

describe('docs/hosts.md', () => {
  it.each(blocks)('has what the tests in hosts run: %s', (_, code) => {
    expect(all.some((program) => program.includes(code))).toBe(true);
  });
});
