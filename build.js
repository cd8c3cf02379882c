/**
 * Builds `dist`: the declarations with tsc, and the code in a handful of files with esbuild. Node loads
 * each file of an ES module by itself; as many as there are in `src` took 40 ms at every start.
 */
import { rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
await build({
  // As deep in `dist` as in `src`, so that what is found by a relative address is found in both.
  entryPoints: Object.fromEntries(
    [
      'doors/hotspan',
      'doors/node',
      'doors/processor',
      'doors/report',
      'cli/main',
      'delivery/post-worker', // A program of its own, for a thread.
    ].map((path) => [path, `src/${path}.ts`]),
  ),
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
});
