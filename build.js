/**
 * Builds `dist`: the code in a handful of files, and a declaration file for each door. Node loads each
 * file of an ES module by itself; as many as there are in `src` took 40 ms at every start. Each door and
 * the command import the door `hotspan`, so that esbuild makes one file of what they share with it.
 *
 * OpenTelemetry's SDK is bundled: its packages accept no API newer than 1.9, so that npm would warn
 * wherever 1.10 is installed. The API itself stays outside, for a process must have only one.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { bundle } from './bundle.js';
import { writeDeclarations } from './declarations.js';

/** The name, version and licence of each package whose code is in the bundle. */
function noticesOf(outputs) {
  const inputs = outputs.flatMap((output) => Object.entries(output.inputs));
  const folders = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  const byText = new Map();
  for (const folder of [...new Set(folders)].filter(Boolean).sort()) {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file));
    if (files.length === 0) throw new Error(`${folder} has no licence to ship`);
    const text = files.map((file) => readFileSync(`${folder}/${file}`, 'utf8').trim()).join('\n\n');
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version}, ${license}`]);
  }
  const about = 'The files of this package contain code of these packages:';
  const parts = [...byText].map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`);
  return [about, ...parts].join('\n\n');
}

rmSync('dist', { recursive: true, force: true });
writeDeclarations('none');
const doors = ['hotspan', 'node', 'processor', 'register', 'register-now', 'report'].map(
  (door) => `doors/${door}`,
);
// As deep in `dist` as in `src`, so that what is found by a relative address is found in both.
const entryPoints = [...doors, 'cli/main'].map((path) => [path, `src/${path}.ts`]);
const outputs = await bundle(Object.fromEntries(entryPoints), 'dist');
writeFileSync('dist/THIRD-PARTY-NOTICES.txt', noticesOf(outputs));
