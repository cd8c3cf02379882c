import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fields, parseJson, text } from '../fields.js';

/** The program that hotspan was started for. */
export interface Application {
  /** Where its packages are looked for. */
  readonly folder: string;
  /** What its package.json calls it. */
  readonly name: string | undefined;
  /** What its package.json, and those of the folders above, depend on. */
  readonly dependencies: ReadonlySet<string>;
}

const INSTALLED = /[\\/]node_modules[\\/]/;
const DEPENDENCIES = ['dependencies', 'devDependencies', 'optionalDependencies'];

/** A tool such as vitest or next is installed in the program that it runs, which is where we are then. */
function folderOf(entry: string | undefined): string {
  try {
    const file = realpathSync(entry ?? '');
    return INSTALLED.test(file) ? process.cwd() : dirname(file);
  } catch {
    return process.cwd();
  }
}

/** @param entry the file that Node runs, if it runs one */
export function findApplication(entry: string | undefined): Application {
  const folder = folderOf(entry);
  const dependencies = new Set<string>();
  let name: string | undefined;
  for (let at = folder; ; at = dirname(at)) {
    const found = packageIn(at);
    name ??= text(found.name);
    for (const kind of DEPENDENCIES) {
      for (const dependency of Object.keys(fields(found[kind]))) dependencies.add(dependency);
    }
    if (at === dirname(at)) return { folder, name, dependencies };
  }
}

function packageIn(folder: string) {
  try {
    return fields(parseJson(readFileSync(join(folder, 'package.json'), 'utf8')));
  } catch {
    return {};
  }
}
