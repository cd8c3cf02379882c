import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { defineConfig } from 'vitest/config';
import { constants, marks } from './bundle.js';

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

/** Vite leaves standard decorators as they are, which Node 20 does not know: users compile them too. */
const decorators = {
  name: 'standard-decorators',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    if (!id.endsWith('.test.ts') || !/^\s*@\w+\(/m.test(code)) return undefined;
    const { ES2022 } = ts.ScriptTarget;
    const { ESNext } = ts.ModuleKind;
    return ts.transpileModule(code, { compilerOptions: { target: ES2022, module: ESNext } })
      .outputText;
  },
};

const ownCode = {
  name: 'own-code',
  transform: (code: string, id: string) =>
    id.startsWith(source('')) ? `${marks.banner.js} ${code}\n${marks.footer.js}` : undefined,
};

export default defineConfig({
  define: await constants(),
  plugins: [decorators, ownCode],
  test: {
    include: ['test/**/*.test.ts'],
    alias: [
      { find: /^hotspan\/(node|processor|report)$/, replacement: source('doors/$1.ts') },
      { find: /^hotspan$/, replacement: source('doors/hotspan.ts') },
    ],
    // By default one fewer than there are processors: one alone, on the smallest machines of CI services.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // The property tests are the slowest; a hang should still end the run soon.
    testTimeout: 30_000,
  },
});
