// Bundles app.js by rollup, webpack and Vite into the folder that the argument names.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack from 'webpack';

const root = dirname(fileURLToPath(import.meta.url));
const input = join(root, 'app.js');
const out = process.argv[2];
const problems = [];
const FORMATS = [
  { format: 'esm', extension: 'mjs' },
  { format: 'cjs', extension: 'cjs' },
];
const variants = FORMATS.flatMap((format) =>
  [false, true].map((minify) => ({ ...format, minify, ending: minify ? '-min' : '' })),
);

const bundle = await rollup({
  input,
  onwarn: ({ message }) => problems.push(`rollup: ${message}`),
  plugins: [resolve({ preferBuiltins: true }), commonjs()],
});
for (const { format, extension } of FORMATS) {
  const entryFileNames = `[name].${extension}`;
  const dir = join(out, `rollup-${format}`);
  await bundle.write({ dir, format, entryFileNames, chunkFileNames: entryFileNames });
}

for (const { format, extension, minify, ending } of variants) {
  const path = join(out, `webpack-${format}${ending}`);
  const isModule = format === 'esm';
  const asModule = { module: true, chunkFormat: 'module', library: { type: 'module' } };
  const compiler = webpack({
    mode: minify ? 'production' : 'development',
    devtool: false,
    target: 'node20',
    context: root,
    entry: input,
    // Not by the paths of ours, which lead to `src`.
    resolve: { tsconfig: false },
    experiments: { outputModule: isModule },
    output: { path, filename: `app.${extension}`, ...(isModule ? asModule : {}) },
  });
  const stats = await new Promise((done, fail) =>
    compiler.run((error, result) => (error ? fail(error) : done(result))),
  );
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  problems.push(...[...errors, ...warnings].map(({ message }) => `webpack: ${message}`));
}

for (const { format, extension, minify, ending } of variants) {
  const output = { format, entryFileNames: `app.${extension}` };
  const outDir = join(out, `vite-${format}${ending}`);
  await vite({
    root,
    logLevel: 'error',
    build: { ssr: input, outDir, minify, emptyOutDir: true, rollupOptions: { output } },
    ssr: { noExternal: true },
  });
}

console.log(JSON.stringify(problems));
