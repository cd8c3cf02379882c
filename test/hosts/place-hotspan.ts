import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { here, packages } from './packages.js';

const root = join(here, '../..');

/** Puts the built package where npm would. What it depends on is found further up, in its own folder. */
export default function placeHotspan(): void {
  for (const name of packages) {
    const folder = join(here, name, 'node_modules/hotspan');
    rmSync(folder, { recursive: true, force: true });
    for (const part of ['dist', 'package.json']) {
      cpSync(join(root, part), join(folder, part), { recursive: true });
    }
  }
}
