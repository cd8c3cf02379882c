import { defineConfig } from 'vitest/config';

/** The tests in real hosts, with packages of npm's registry: `npm run test:hosts`. */
export default defineConfig({
  test: {
    include: ['test/hosts/*.host.ts'],
    globalSetup: ['test/hosts/place-hotspan.ts'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    reporters: ['verbose'],
  },
});
