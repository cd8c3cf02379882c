import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { here, packages } from './packages.js';

const root = join(here, '../..');
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

/** Puts the built package, and what it depends on, where npm would. */
export default function placeHotspan(): void {
  for (const name of packages) {
    const modules = join(here, name, 'node_modules');
    const own = join(modules, 'hotspan');
    rmSync(own, { recursive: true, force: true });
    for (const part of ['dist', 'package.json']) {
      cpSync(join(root, part), join(own, part), { recursive: true });
    }
    for (const other of Object.keys(dependencies)) {
      const from = join(root, 'node_modules', other);
      cpSync(from, join(modules, other), { recursive: true, force: false });
    }
  }
}
