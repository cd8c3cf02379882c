import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOtlpReceiver, type OtlpReceiver, type OtlpSpan } from '../support/otlp-receiver.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs the demo as `npm run demo` does, the build apart. */
async function demo(endpoint: string): Promise<{ stdout: string; stderr: string }> {
  const args = ['--import', 'tsx', 'examples/research-agent/main.ts'];
  const env = {
    PATH: process.env.PATH,
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    TSX_TSCONFIG_PATH: 'examples/tsconfig.json',
  };
  return promisify(execFile)(process.execPath, args, { cwd: root, env });
}

describe('the demo, with a receiver', () => {
  let receiver: OtlpReceiver;
  let printed: { stdout: string; stderr: string };

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    printed = await demo(receiver.endpoint);
  }, 60_000);
  afterAll(() => receiver.close());

  const named = (name: string) => receiver.spans.filter((span) => span.name === name);
  const parentOf = (span: OtlpSpan) =>
    receiver.spans.find(({ spanId }) => spanId === span.parentSpanId);

  it('answers every question, with sources', () => {
    expect(printed.stderr).toBe('');
    expect(printed.stdout.match(/^A {2}/gm)).toHaveLength(5);
    expect(printed.stdout).not.toContain('No answer');
    expect(printed.stdout).not.toContain('Sources: none');
  });

  it('delivers every span, each with the parent that it had', () => {
    const roots = named('answer question');
    expect(roots).toHaveLength(5);
    expect(roots.every(({ parentSpanId }) => parentSpanId === undefined)).toBe(true);
    for (const span of receiver.spans) {
      if (roots.includes(span)) continue;
      const parent = parentOf(span);
      expect(parent?.traceId).toBe(span.traceId);
      expect(BigInt(span.startTimeUnixNano)).toBeGreaterThanOrEqual(
        BigInt(parent?.startTimeUnixNano ?? 0),
      );
      expect(BigInt(span.endTimeUnixNano)).toBeLessThanOrEqual(
        BigInt(parent?.endTimeUnixNano ?? 0),
      );
    }
    // 5 questions: a root, 2 LLM calls, 3 searches, 2 steps; and 12 attempts.
    expect(receiver.spans).toHaveLength(5 * 8 + 12);
  });

  it('delivers cost, tokens and attempts', () => {
    const calls = [...named('chat gpt-4o'), ...named('chat gpt-4o-mini')];
    expect(calls).toHaveLength(10);
    for (const { attributes } of calls) {
      expect(attributes['gen_ai.usage.cost']).toBeGreaterThan(0);
      expect(attributes['gen_ai.usage.input_tokens']).toBeGreaterThan(0);
      expect(attributes['hotspan.cost.source']).toBe('price_table');
    }
    const attempts = [...named('chat gpt-4o attempt'), ...named('chat gpt-4o-mini attempt')];
    const outcomes = attempts.map(({ attributes }) => attributes['hotspan.attempt.outcome']);
    expect(outcomes.sort()).toEqual([
      ...Array<string>(1).fill('error'),
      ...Array<string>(10).fill('success'),
      'timeout',
    ]);
    const retried = calls.filter(({ attributes }) => attributes['hotspan.attempt.count'] === 2);
    expect(retried).toHaveLength(2);
  });

  it('prints the ranking, and a link to the slowest trace', () => {
    expect(printed.stdout).toMatch(/ 1 {2}chat gpt-4o +\d/);
    expect(printed.stdout).toMatch(/10 LLM calls · .* · 2 retries/);
    const slowest = /http:\/\/localhost:16686\/trace\/([0-9a-f]{32})\n$/.exec(printed.stdout)?.[1];
    expect(receiver.spans.some(({ traceId }) => traceId === slowest)).toBe(true);
  });
});

describe('the demo, with nobody to receive', () => {
  it('says so, and how to start Jaeger', async () => {
    const gone = await startOtlpReceiver();
    await gone.close();
    const { stdout, stderr } = await demo(gone.endpoint);
    expect(stderr).toBe('');
    expect(stdout).toContain('docker compose up -d --wait');
    expect(stdout).not.toContain('/trace/');
  }, 60_000);
});
