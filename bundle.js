/** How the code is bundled: by build.js, and for the tests, which run `src` as it is. */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { fileURLToPath, URL } from 'node:url';
import { build } from 'esbuild';

const { dependencies, peerDependencies } = JSON.parse(
  readFileSync(new URL('package.json', import.meta.url), 'utf8'),
);
export const external = Object.keys({ ...dependencies, ...peerDependencies });

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

const common = {
  bundle: true,
  mainFields: ['module', 'main'],
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
};

/**
 * Put around each file, to be found again in the bundle of an application: src/cpu-profile/own-code.ts. The
 * first function is declared, since esbuild moves the declared ones up; and it is there twice, or minifiers
 * would move it to the place that names it.
 */
export const marks = {
  banner: { js: 'function hotspanCode() {}' },
  footer: {
    js: '(globalThis[Symbol.for("hotspan.code")] ??= []).push(hotspanCode, () => hotspanCode);',
  },
};

/** Bundles entry points, and what they share in files of its own. Returns what went into which file. */
export async function bundle(entryPoints, outdir) {
  const { metafile } = await build({
    ...common,
    ...marks,
    entryPoints,
    outdir,
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    external,
    plugins: [requireOfExternals],
    format: 'esm',
    define: await endThread(),
    metafile: true,
  });
  return metafile;
}

/**
 * Returns the code of the thread that sends the last spans, under the name that src/delivery has for it.
 * A file of its own would be missing where an application is bundled.
 */
export async function endThread() {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [fileURLToPath(new URL('src/delivery/end-thread.ts', import.meta.url))],
    format: 'cjs',
    minify: true,
    write: false,
  });
  return { END_THREAD: JSON.stringify(outputFiles[0].text) };
}
