import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['examples/performance-test/*.perf.test.ts'],
    testTimeout: 30_000,
    // Tests that measure time do not share the machine with each other.
    fileParallelism: false,
    // The profiles come out as they were printed.
    disableConsoleIntercept: true,
    reporters: ['verbose'],
    // The ranking needs no receiver; `OTEL_TRACES_EXPORTER=otlp` sends the traces to Jaeger as well.
    env: { OTEL_TRACES_EXPORTER: process.env.OTEL_TRACES_EXPORTER ?? 'none' },
  },
});
