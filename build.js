/**
 * Builds `dist`: the code in a handful of files, and a declaration file for each door. Node loads each
 * file of an ES module by itself; as many as there are in `src` took 40 ms at every start. Each door and
 * the command import the door `hotspan`, so that esbuild makes one file of what they share with it.
 *
 * OpenTelemetry's SDK is bundled: its packages accept no API newer than 1.9, so that npm would warn
 * wherever 1.10 is installed. The API itself stays outside, for a process must have only one.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { build } from 'esbuild';
import { writeDeclarations } from './declarations.js';

const { dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const external = Object.keys({ ...dependencies, ...peerDependencies });

/** Lets bundled CommonJS import what stays outside: an ES module has no `require`. */
const requireOfExternals = {
  name: 'require-of-externals',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^.]/ }, ({ kind, path }) =>
      kind === 'require-call' && (isBuiltin(path) || external.includes(path))
        ? { path, namespace: 'required' }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `import * as all from '${path}'; module.exports = all;`,
    }));
  },
};

/** The name, version and licence of each package whose code is in the bundle. */
function noticesOf(outputs) {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
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
/** Makes files as deep in `dist` as in `src`, so that what is found by a relative address is found in both. */
const bundle = (paths) =>
  build({
    entryPoints: Object.fromEntries(paths.map((path) => [path, `src/${path}.ts`])),
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    external,
    plugins: [requireOfExternals],
    mainFields: ['module', 'main'],
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    metafile: true,
    logLevel: 'warning',
  });
const doors = ['hotspan', 'node', 'processor', 'report'].map((door) => `doors/${door}`);
const { metafile } = await bundle([...doors, 'cli/main']);
// Programs of their own, for a thread. They share no file with the doors, which would be split further.
await bundle(['delivery/post-worker']);
writeFileSync('dist/THIRD-PARTY-NOTICES.txt', noticesOf(metafile.outputs));
