import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { constants } from '../../bundle.js';

const source = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));

/** The tests with the real parts of a fleet: `npm run test:fleet`. `npm test` does not run them. */
export default defineConfig({
  define: await constants(),
  test: {
    include: ['test/fleet/*.fleet.ts'],
    globalSetup: 'test/fleet/global-setup.ts',
    alias: [
      { find: /^hotspan\/(node|processor|report)$/, replacement: source('doors/$1.ts') },
      { find: /^hotspan$/, replacement: source('doors/hotspan.ts') },
    ],
    // Spark takes some seconds to start, and is not alone on the processors.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    reporters: ['verbose'],
  },
});
