import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOtlpReceiver, type OtlpReceiver, type OtlpSpan } from '../support/otlp-receiver.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SERVER = 2;
const CLIENT = 3;
const FAILED = 2;

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the example as `npm run example:agents` does, the build apart. It is over when the analyst's
 * process has ended too, which has the same stdout.
 */
async function example(endpoint: string): Promise<Printed> {
  const args = ['--import', 'tsx', 'examples/several-agents/main.ts'];
  const env = {
    PATH: process.env.PATH,
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    TSX_TSCONFIG_PATH: 'examples/tsconfig.json',
  };
  return promisify(execFile)(process.execPath, args, { cwd: root, env });
}

describe('the agents, with a receiver', () => {
  let receiver: OtlpReceiver;
  let printed: Printed;

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    printed = await example(receiver.endpoint);
  }, 60_000);
  afterAll(() => receiver.close());

  const named = (name: string) =>
    receiver.spans
      .filter((span) => span.name === name)
      .sort((a, b) => Number(startOf(a) - startOf(b)));
  const of = (service: string, name: string) => {
    const found = named(name).filter(({ resource }) => resource['service.name'] === service);
    expect(found).toHaveLength(1);
    return found[0]!;
  };

  it('is one trace over both processes', () => {
    expect(new Set(receiver.spans.map(({ traceId }) => traceId)).size).toBe(1);
    const services = receiver.spans.map(({ resource }) => resource['service.name']);
    expect(new Set(services)).toEqual(new Set(['conductor', 'analyst']));
    const ids = new Set(receiver.spans.map(({ spanId }) => spanId));
    const roots = receiver.spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? ''));
    expect(roots.map(({ name }) => name)).toEqual(['invoke_agent conductor']);
    expect(roots[0]?.parentSpanId).toBeUndefined();
  });

  it('has the span that asked as the parent of what the other process did', () => {
    const asking = of('conductor', 'invoke_agent analyst');
    const served = of('analyst', 'POST /invoke');
    expect([asking.kind, served.kind]).toEqual([CLIENT, SERVER]);
    expect(served.parentSpanId).toBe(asking.spanId);
    expect(of('analyst', 'invoke_agent analyst').parentSpanId).toBe(served.spanId);
  });

  it('names agents and tools as the conventions do', () => {
    const agents = receiver.spans.filter(({ name }) => /^invoke_agent \w+$/.test(name));
    expect(agents).toHaveLength(6);
    for (const { name, attributes } of agents) {
      expect(attributes['gen_ai.operation.name']).toBe('invoke_agent');
      expect(name).toBe(`invoke_agent ${String(attributes['gen_ai.agent.name'])}`);
    }
    const tools = receiver.spans.filter(({ name }) => /^execute_tool \w+$/.test(name));
    expect(tools).toHaveLength(4);
    for (const { name, attributes } of tools) {
      expect(attributes['gen_ai.operation.name']).toBe('execute_tool');
      expect(name).toBe(`execute_tool ${String(attributes['gen_ai.tool.name'])}`);
    }
  });

  it('recovers the writer with another model, without asking the others again', () => {
    const [first, second] = named('invoke_agent writer');
    expect(first?.status.code).toBe(FAILED);
    expect(second?.status.code).not.toBe(FAILED);
    expect(of('conductor', 'chat gpt-4o').status.code).toBe(FAILED);
    expect(of('conductor', 'chat gpt-4.1-mini').attributes['gen_ai.usage.cost']).toBeGreaterThan(0);
    const attempts = ['research', 'analyse', 'write'].map((name) => {
      const { attributes } = of('conductor', name);
      return [attributes['hotspan.attempt.count'], attributes['hotspan.step.outcome']];
    });
    expect(attempts).toEqual([
      [1, 'completed'],
      [1, 'completed'],
      [2, 'completed'],
    ]);
  });

  it('keeps the answer that could not be sent', () => {
    expect(printed.stderr).toBe('');
    expect(printed.stdout).toMatch(/^A {2}.*easy to clean.* sold most last month/m);
    expect(printed.stdout).toContain('3 of 4 steps completed');
    expect(printed.stdout).toMatch(/ 1 {2}research +completed /);
    expect(printed.stdout).toMatch(/ 4 {2}send +failed .* the mailbox refused/);
  });

  it('ranks the agent first that the user waited for', () => {
    const [researcher] = named('invoke_agent researcher');
    const analyst = of('conductor', 'invoke_agent analyst');
    const [writer] = named('invoke_agent writer');
    // Both ran at the same time, and the writer started when the last of them had ended.
    expect(startOf(analyst)).toBeLessThan(endOf(researcher!));
    expect(startOf(researcher!)).toBeLessThan(endOf(analyst));
    const [last] = [researcher!, analyst].sort((a, b) => Number(endOf(b) - endOf(a)));
    expect(endOf(last!)).toBeLessThanOrEqual(startOf(writer!));
    const [conductors, analysts] = rankings(printed.stdout);
    expect(conductors?.[0]).toBe(last?.name);
    expect(analysts).toContain('execute_tool query_sales');
    expect(analysts).not.toContain('invoke_agent conductor');
  });

  it('links to the trace', () => {
    const linked = /http:\/\/localhost:16686\/trace\/([0-9a-f]{32})\n$/.exec(printed.stdout)?.[1];
    expect(linked).toBe(receiver.spans[0]?.traceId);
  });
});

describe('the agents, with nobody to receive', () => {
  it('end just the same, and say so once', async () => {
    const gone = await startOtlpReceiver();
    await gone.close();
    const { stdout, stderr } = await example(gone.endpoint);
    expect(stderr).toBe('');
    expect(stdout.match(/did not arrive/g)).toHaveLength(1);
    expect(stdout).not.toContain('/trace/');
  }, 60_000);
});

function startOf(span: OtlpSpan): bigint {
  return BigInt(span.startTimeUnixNano);
}

function endOf(span: OtlpSpan): bigint {
  return BigInt(span.endTimeUnixNano);
}

/** The segments of each printed ranking, from the first row on. */
function rankings(stdout: string): string[][] {
  return stdout
    .split(/^ +# {2}Segment .*$/m)
    .slice(1)
    .map((table) =>
      [...table.matchAll(/^ *\d+ {2}(\S+(?: \S+)*) {2,}[\d.]+ %/gm)].map(([, name = '']) => name),
    );
}
