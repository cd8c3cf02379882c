import { describe, expect, it } from 'vitest';
import { runHost } from './host.js';

/** The first answer asks for a tool. */
const TOOL_FIRST = [{ toolCall: { name: 'search', arguments: {} } }, { answer: 'Paris' }] as const;
/** A call of gpt-4o with 1,000 tokens in and 100 out, when it is known that 400 were cached, or not. */
const WITH_CACHE_USD = 0.003;
const WITHOUT_CACHE_USD = 0.0035;

interface Host {
  readonly calls: number;
  readonly costUsd: number;
  /** Requests to a model; as many as calls by default. */
  readonly asked?: number;
  /** Some of the rows, with their calls. */
  readonly rows: Readonly<Record<string, number>>;
  /** Some of what the host, or hotspan, sent to its service. */
  readonly sent: readonly string[];
  readonly to: string;
  readonly traces?: number;
  readonly tokens?: number;
  readonly options?: Parameters<typeof runHost>[1];
}

const otlp = '/v1/traces';
const chain = { ChatPromptTemplate: 1, RunnableSequence: 1, StrOutputParser: 1 };
const aiSdk = {
  calls: 5,
  asked: 5,
  tokens: 4_008,
  traces: 4,
  sent: ['answer', 'stream', 'embed'],
  to: otlp,
  options: { args: ['6'], script: TOOL_FIRST },
  rows: { 'chat gpt-4o': 4, 'embeddings text-embedding-3-small': 1, 'execute_tool search': 1 },
};
const sentry = {
  calls: 1,
  asked: 0,
  costUsd: WITHOUT_CACHE_USD,
  rows: { answer: 1, search: 1, 'chat gpt-4o': 1 },
  sent: [],
  to: '/api/1/envelope/',
};

const HOSTS: readonly (readonly [title: string, program: string, Host])[] = [
  [
    'NodeSDK',
    'sdk-2/node-sdk.js',
    {
      calls: 1,
      costUsd: WITH_CACHE_USD,
      rows: { 'chat gpt-4o': 1, answer: 1 },
      sent: ['answer', 'chat gpt-4o'],
      to: otlp,
    },
  ],
  [
    "OpenTelemetry's instrumentation of openai",
    'sdk-2/openai-instrumentation.js',
    {
      calls: 3,
      // The instrumentation does not write cached tokens; `llmCall` reads them itself.
      costUsd: 2 * WITHOUT_CACHE_USD + WITH_CACHE_USD,
      rows: { 'chat gpt-4o': 3 },
      traces: 3,
      sent: ['chat gpt-4o'],
      to: otlp,
    },
  ],
  [
    'Langfuse, by itself and in LangChain',
    'sdk-2/langfuse.js',
    {
      calls: 2,
      asked: 1,
      costUsd: 2 * WITH_CACHE_USD,
      traces: 2,
      rows: { ...chain, 'chat gpt-4o': 2, agent: 1, search: 1 },
      sent: ['ask', 'agent', 'ChatOpenAI'],
      to: '/api/public/otel/v1/traces',
    },
  ],
  [
    'LangChain with OpenInference',
    'sdk-2/langchain-openinference.js',
    {
      calls: 1,
      costUsd: WITH_CACHE_USD,
      rows: { ...chain, 'chat gpt-4o': 1, answer: 1, 'execute_tool shout': 1 },
      sent: ['answer', 'ChatOpenAI', 'shout'],
      to: otlp,
    },
  ],
  [
    'LangChain with OpenLLMetry',
    'sdk-2/langchain-openllmetry.js',
    {
      calls: 1,
      // It does not write cached tokens.
      costUsd: WITHOUT_CACHE_USD,
      rows: { 'chat gpt-4o': 1, 'workflow RunnableSequence': 1, answer: 1 },
      sent: ['answer', 'chat gpt-4o'],
      to: otlp,
    },
  ],
  [
    'LangSmith',
    'sdk-2/langsmith.js',
    {
      calls: 1,
      costUsd: WITH_CACHE_USD,
      rows: { answer: 1, 'chat gpt-4o': 1, 'execute_tool search': 1 },
      sent: ['answer', 'ChatOpenAI', 'search'],
      to: otlp,
    },
  ],
  [
    'OpenLLMetry',
    'openllmetry/openllmetry.js',
    {
      calls: 1,
      costUsd: WITHOUT_CACHE_USD,
      rows: { 'chat gpt-4o': 1, 'answer.workflow': 1, 'execute_tool search': 1 },
      sent: ['chat gpt-4o', 'answer.workflow'],
      to: otlp,
    },
  ],
  [
    'AI SDK 5',
    'ai-sdk/ai-sdk.js',
    {
      ...aiSdk,
      // Its `generateText` does not write cached tokens.
      costUsd: 2 * WITHOUT_CACHE_USD + 2 * WITH_CACHE_USD,
      options: { ...aiSdk.options, args: ['5'] },
    },
  ],
  ['AI SDK 6', 'ai-sdk/ai-sdk.js', { ...aiSdk, costUsd: 4 * WITH_CACHE_USD }],
  [
    'AI SDK 7',
    'ai-sdk/ai-sdk-7.js',
    {
      ...aiSdk,
      costUsd: 4 * WITH_CACHE_USD,
    },
  ],
  [
    'Mastra',
    'mastra/mastra.js',
    {
      calls: 1,
      costUsd: WITH_CACHE_USD,
      rows: { 'chat gpt-4o': 1, 'invoke_agent guide': 1, answer: 1 },
      sent: ['answer', 'chat gpt-4o'],
      to: otlp,
    },
  ],
  ['Sentry 9', 'sdk-1/sentry.js', sentry],
  ['Sentry 10', 'sentry-10/sentry.js', sentry],
  ['Sentry 11', 'sentry-11/sentry.js', { ...sentry, sent: ['answer', 'chat gpt-4o'] }],
];

describe('each call of a model counts once, with its tokens and its cost', () => {
  it.each(HOSTS)('%s', async (_, program, host) => {
    const { summary, rows, spans, paths, asked, stderr } = await runHost(program, host.options);
    const { traces, totals, warnings } = summary;
    expect(asked).toBe(host.asked ?? host.calls);
    expect(totals).toMatchObject({
      llmCalls: host.calls,
      unpricedCalls: 0,
      inputTokens: host.tokens ?? host.calls * 1_000,
    });
    // An embedding costs less than a millionth.
    expect(totals.costUsd).toBeCloseTo(host.costUsd, 6);
    expect(rows).toMatchObject(host.rows);
    expect([traces.analyzed, traces.evicted]).toEqual([host.traces ?? 1, 0]);
    expect(warnings).toEqual([]);
    expect(paths).toContain(host.to);
    expect(spans).toEqual(expect.arrayContaining([...host.sent]));
    expect(stderr).toBe('');
  });
});

describe('SDK 1.x', () => {
  it('has the traces, the parents and the remote parents that it should', async () => {
    const { summary, rows, spans } = await runHost('sdk-1/sdk-1.js');
    expect(summary.traces).toMatchObject({ analyzed: 3, incomplete: 0, evicted: 0 });
    expect(summary.spans).toEqual({ analyzed: 21, late: 0, dropped: 0 });
    expect(rows).toEqual({ answer: 4, search: 4, 'chat gpt-4o': 4, job: 1 });
    expect(summary.totals).toMatchObject({ llmCalls: 4, costUsd: 0.014, retries: 4 });
    expect(spans).toHaveLength(21);
  });
});

describe('a host that records nothing', () => {
  it.each(['sdk-1/sentry.js', 'sentry-10/sentry.js'])('is told of: %s', async (program) => {
    const { summary } = await runHost(program, { env: { SAMPLE_RATE: '0' } });
    expect(summary.warnings).toEqual([
      expect.stringContaining("the host's sampler left out all segments"),
    ]);
  });
});
