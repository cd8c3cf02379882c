import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { here, packages } from './packages.js';

const root = join(here, '../..');

/** Puts the built package where npm would. */
export default function placeHotspan(): void {
  for (const name of packages) {
    const modules = join(here, name, 'node_modules');
    const own = join(modules, 'hotspan');
    rmSync(own, { recursive: true, force: true });
    for (const part of ['dist', 'package.json']) {
      cpSync(join(root, part), join(own, part), { recursive: true });
    }
  }
}
