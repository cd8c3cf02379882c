import { defineConfig } from 'vitest/config';

/** The tests of examples/services, whose packages have a lockfile of their own: `npm run test:services`. */
export default defineConfig({
  test: {
    include: ['test/services/*.services.ts'],
    globalSetup: 'test/services/build-next.ts',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['verbose'],
  },
});
