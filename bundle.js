/** How the code is bundled: by build.js, and for the tests, which run `src` as it is. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { fileURLToPath, URL } from 'node:url';
import { build } from 'esbuild';

const { peerDependencies } = JSON.parse(
  readFileSync(new URL('package.json', import.meta.url), 'utf8'),
);
export const external = Object.keys(peerDependencies);

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

/** Bundles entry points, and what they share in files of its own. Returns all files that went into them. */
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
    define: await constants(),
    metafile: true,
  });
  return [metafile, ...(await page()).metafiles].flatMap(({ outputs }) => Object.values(outputs));
}

/**
 * Returns the code that src has as constants under their names, as JSON: files of their own would be missing
 * where an application is bundled.
 */
export async function constants() {
  const { parts } = await page();
  return {
    END_THREAD: JSON.stringify(await endThread()),
    // Text, which stands where it is used: Node would load an object with whatever is imported.
    PAGE: JSON.stringify(JSON.stringify(parts)),
  };
}

/** The code of the thread that sends the last spans. */
async function endThread() {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [fileURLToPath(new URL('src/delivery/end-thread.ts', import.meta.url))],
    format: 'cjs',
    minify: true,
    write: false,
  });
  return outputFiles[0].text;
}

/** The scripts and the style of src/page, each with the hash by which a content security policy allows it. */
async function page() {
  const built = (entry, options) =>
    build({
      entryPoints: [fileURLToPath(new URL(`src/page/${entry}`, import.meta.url))],
      ...{ bundle: true, minify: true, write: false, metafile: true, logLevel: 'warning' },
      ...{ target: ['chrome109', 'firefox115', 'safari16'], ...options },
    });
  const script = {
    format: 'iife',
    // Each element is a call of `h`, which takes less room than the objects of `jsx`.
    inject: [fileURLToPath(import.meta.resolve('preact'))],
    tsconfigRaw: {
      compilerOptions: { jsx: 'react', jsxFactory: 'h', jsxFragmentFactory: 'Fragment' },
    },
  };
  const results = await Promise.all([
    built('main.tsx', script),
    built('live-main.tsx', script),
    built('diff-main.tsx', script),
    built('style.css', {}),
    built('live.css', {}),
    built('diff.css', {}),
  ]);
  const [summary, live, diff, style, liveStyle, diffStyle] = results.map(({ outputFiles }) => {
    const text = outputFiles[0].text.trim();
    return { text, hash: `sha256-${createHash('sha256').update(text).digest('base64')}` };
  });
  return {
    parts: { summary, live, diff, style, liveStyle, diffStyle },
    metafiles: results.map(({ metafile }) => metafile),
  };
}
