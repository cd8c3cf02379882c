import { describe, expect, it } from 'vitest';
import type { OtlpSpan } from '../support/otlp-receiver.js';
import { runExample, type Example } from './run-example.js';

const next = (app: string) => ['node_modules/next/dist/bin/next', 'start', `next/${app}`];

interface Expected extends Example {
  /** The names of the local roots in which the calls are. */
  readonly roots: readonly string[];
  /** Rows of the printed ranking, among others. */
  readonly rows: readonly string[];
  readonly calls: number;
  /** The number that is printed, if it is another. */
  readonly counted?: number;
}

const CALL = 'chat gpt-4o-mini';

/** As they are, under `hotspan run`. A program without a server has no span around its calls. */
const PLAIN: Readonly<Record<string, Expected>> = {
  fastify: {
    args: ['fastify/app.js'],
    path: '/ask',
    roots: ['POST /ask'],
    rows: [CALL, 'GET localhost', 'POST /ask'],
    calls: 3,
  },
  express: {
    args: ['express/app.js'],
    path: '/ask/refunds',
    roots: ['POST /ask/:topic'],
    rows: [CALL, 'GET localhost', 'POST /ask/:topic'],
    calls: 3,
  },
  'queue worker': {
    args: ['queue-worker/worker.js'],
    roots: [CALL],
    rows: [CALL, 'GET localhost'],
    calls: 3,
  },
  script: {
    args: ['script/script.js'],
    stdin: 'Where is my refund?',
    roots: [CALL],
    rows: [CALL, 'GET localhost'],
    calls: 1,
  },
  lambda: {
    args: ['lambda/invoke.js', './handler.js'],
    roots: [CALL],
    rows: [CALL, 'GET localhost'],
    calls: 2,
  },
  next: {
    args: next('plain'),
    path: '/ask',
    // Next.js tells the route to its own span alone.
    roots: ['POST'],
    rows: [CALL, 'GET localhost', 'POST /ask'],
    calls: 3,
    // Next.js makes a span around each request, so that one that is sent again is apart from the first.
    counted: 4,
  },
  agent: {
    args: ['agent/agent.js'],
    roots: ['chat gpt-4o'],
    rows: ['chat gpt-4o', 'GET localhost'],
    calls: 2,
  },
};

/** With hotspan in their code. */
const TRACED: Readonly<Record<string, Expected>> = {
  fastify: {
    args: ['fastify/traced.js'],
    path: '/ask',
    roots: ['POST /ask'],
    rows: [CALL, 'search', 'answer'],
    calls: 3,
  },
  express: {
    args: ['express/traced.js'],
    path: '/ask/refunds',
    roots: ['POST /ask/:topic'],
    rows: [CALL, 'search', 'answer'],
    calls: 3,
  },
  'queue worker': {
    args: ['queue-worker/traced.js'],
    roots: ['answer ticket'],
    rows: [CALL, 'search', 'answer'],
    calls: 3,
  },
  script: {
    args: ['script/traced.js'],
    stdin: 'Where is my refund?',
    roots: ['answer'],
    rows: [CALL, 'search', 'answer'],
    calls: 1,
  },
  lambda: {
    args: ['lambda/invoke.js', './traced.js'],
    roots: ['handle'],
    rows: [CALL, 'search', 'answer'],
    calls: 2,
  },
  next: {
    args: next('traced'),
    path: '/ask',
    roots: ['POST /ask'],
    rows: [CALL, 'search', 'answer'],
    calls: 3,
  },
  agent: {
    args: ['agent/traced.js'],
    roots: ['answer'],
    rows: ['answer', 'execute_tool search'],
    calls: 2,
  },
};

describe.each([
  ['without a change', PLAIN, false],
  ['with hotspan in its code', TRACED, true],
])('%s', (_, examples, isTraced) => {
  it.each(Object.entries(examples))(
    '%s',
    async (_, { roots, rows, calls, counted = calls, ...example }) => {
      const { stdout, stderr, code, spans } = await runExample(example, isTraced);
      if (example.path === undefined) expect(code).toBe(0);
      expect(stdout).not.toContain('hotspan');
      if (example.path === undefined) expect(stdout).toContain('Refunds take five days.');

      // What was printed.
      for (const row of rows) expect(stderr).toMatch(new RegExp(`^ *\\d+ {2}${row} {2,}\\d`, 'm'));
      expect(stderr).toContain(`${counted} LLM call${counted === 1 ? '' : 's'} ·`);
      expect(stderr).toMatch(/ tokens in, \d+ out · \$0\.\d+/);
      if (calls > 1 && counted === calls) expect(stderr).toContain('1 retry');

      // What a receiver got.
      const ids = new Map(spans.map((span) => [span.spanId, span]));
      // Where several instrumentations see a call, the outermost stands for it.
      const tellsUsage = (span?: OtlpSpan) =>
        span?.attributes['gen_ai.usage.input_tokens'] === 1_000;
      const called = spans.filter(
        (span) => tellsUsage(span) && !tellsUsage(ids.get(span.parentSpanId ?? '')),
      );
      expect(called).toHaveLength(calls);
      for (const call of called) {
        let root = call;
        while (ids.has(root.parentSpanId ?? '')) root = ids.get(root.parentSpanId!)!;
        expect(roots).toContain(root.name);
      }
    },
  );
});
