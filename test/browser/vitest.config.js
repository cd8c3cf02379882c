import { defineConfig } from 'vitest/config';

/** The tests of the page in a Chromium: `npm run test:browser`. */
export default defineConfig({
  test: {
    include: ['test/browser/*.browser.js'],
    globalSetup: ['test/browser/chromium.js'],
    // One browser at a time: on few processors, several only wait for each other.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['verbose'],
  },
});
