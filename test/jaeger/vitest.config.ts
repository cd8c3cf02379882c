import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { constants } from '../../bundle.js';

const source = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));

/** The tests that need a Jaeger: `npm run test:jaeger`. `npm test` does not run them. */
export default defineConfig({
  define: await constants(),
  test: {
    include: ['test/jaeger/*.jaeger.ts'],
    globalSetup: 'test/jaeger/global-setup.ts',
    alias: [
      { find: /^hotspan\/(node|processor|report)$/, replacement: source('doors/$1.ts') },
      { find: /^hotspan$/, replacement: source('doors/hotspan.ts') },
    ],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['verbose'],
  },
});
