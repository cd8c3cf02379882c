import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['examples/performance-test/*.perf.test.ts'],
    testTimeout: 30_000,
    // Tests that measure time should not run side by side.
    fileParallelism: false,
    // Prints the profiles without extra lines from Vitest.
    disableConsoleIntercept: true,
    reporters: ['verbose'],
    // The ranking needs no receiver. Set `OTEL_TRACES_EXPORTER=otlp` to send the traces to Jaeger too.
    env: { OTEL_TRACES_EXPORTER: process.env.OTEL_TRACES_EXPORTER ?? 'none' },
  },
});
