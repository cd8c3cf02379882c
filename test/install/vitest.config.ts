import { defineConfig } from 'vitest/config';

/** The tests that install the package from npm's registry: `npm run test:install`. */
export default defineConfig({
  test: {
    include: ['test/install/*.install.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    reporters: ['verbose'],
  },
});
