import { execFile } from 'node:child_process';
import { tracingChannel } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { llmCall, retry, runSteps, segment, step, type CachedAnswer } from 'hotspan';
import { setPrices } from 'hotspan/processor';
import { ModelCallInstrumentation, startTracing } from 'hotspan/node';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs an example as its npm script does, and gives what it printed. */
export async function runExample(
  path: string,
  to: { readonly endpoint: string; readonly jaegerUrl: string },
): Promise<string> {
  const env = {
    ...process.env,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${to.endpoint}/v1/traces`,
    HOTSPAN_JAEGER_URL: to.jaegerUrl,
    TSX_TSCONFIG_PATH: 'examples/tsconfig.json',
  };
  const args = ['--import', 'tsx', `examples/${path}/main.ts`];
  return (await promisify(execFile)(process.execPath, args, { cwd: root, env })).stdout;
}

/** Uses what hotspan has, so that each of its attributes is on some span of the service `everything`. */
export async function useEverything(endpoint: string): Promise<void> {
  process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = `${endpoint}/v1/traces`;
  const directory = mkdtempSync(join(tmpdir(), 'hotspan-profiles-'));
  const tracing = startTracing({
    serviceName: 'everything',
    cpuProfile: { segments: [], directory },
    experiment: { rows: ['is made slower'], periodMillis: 50 },
    log: () => undefined,
    instrumentations: [new ModelCallInstrumentation()],
  });
  await segment('calls of models', callModels);
  await segment('an agent', { idle: true }, runAgent);
  await segment('work that is tried again', tryAgain);
  await runSteps('steps', steps(), { onFailure: 'continue' });
  // The experiment begins after 30 requests.
  for (let index = 0; index < 60; index += 1) await segment('is made slower', () => sleep(10));
  segment('computes', { cpuProfile: true }, compute);
  await tracing.shutdown();
  rmSync(directory, { recursive: true });
}

/** Long enough to hold others up by hotspan's measure. */
function compute(): void {
  const untilMillis = performance.now() + 30;
  while (performance.now() < untilMillis);
}

/** Tells of an agent and its tool as the AI SDK 7 does. */
async function runAgent(): Promise<void> {
  const channel = tracingChannel('ai:telemetry');
  const tell = <T>(type: string, event: object, work: () => Promise<T>) =>
    channel.tracePromise(work, { type, event });
  await tell('generateText', { functionId: 'tourist' }, () =>
    tell('executeTool', { toolCall: { toolName: 'weather' } }, () => Promise.resolve('sunny')),
  );
}

/** Usage of every kind. */
const DETAILED = {
  inputTokens: 1_000,
  outputTokens: 100,
  cacheReadTokens: 200,
  cacheWriteTokens: 100,
  cacheWriteOneHourTokens: 50,
  inputAudioTokens: 20,
  inputImageTokens: 30,
  inputVideoTokens: 40,
  cacheReadAudioTokens: 5,
  cacheReadImageTokens: 6,
  outputAudioTokens: 7,
  outputImageTokens: 8,
  audioSeconds: 2.5,
  searchUnits: 1,
  webSearches: 3,
  serviceTier: 'flex',
  speed: 'fast',
  inferenceGeo: 'us',
};
const ANTHROPIC = { provider: 'anthropic', model: 'claude-sonnet-4-5' };

async function callModels(): Promise<void> {
  const store = new Map<string, CachedAnswer>();
  const cached = {
    provider: 'openai',
    model: 'gpt-4o',
    recordMessages: true,
    cache: { store, input: 'What is it?' },
  };
  const answer = () => ({
    id: 'chatcmpl-1',
    model: 'gpt-4o-2024-08-06',
    choices: [{ message: { content: 'A play.' }, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: 1_200,
      completion_tokens: 80,
      completion_tokens_details: { reasoning_tokens: 64 },
    },
  });
  await llmCall(cached, answer);
  await llmCall(cached, answer);
  await llmCall(ANTHROPIC, () => ({
    type: 'message',
    model: ANTHROPIC.model,
    usage: {
      input_tokens: 10,
      cache_read_input_tokens: 1_024,
      cache_creation_input_tokens: 12,
      output_tokens: 5,
    },
  }));
  setPrices({ 'house-model': { inputUsdPerMillion: 1, outputUsdPerMillion: 2 } });
  const usage = { prompt_tokens: 10, completion_tokens: -5 };
  await llmCall({ provider: 'house', model: 'house-model' }, () => ({ usage }));
  await llmCall({ provider: 'house', model: 'house-model', readUsage: () => DETAILED }, () => 'ok');
  const stream = await llmCall({ provider: 'openai', model: 'gpt-4o-mini' }, words);
  const chunks: unknown[] = [];
  await segment('read', async () => {
    for await (const chunk of stream) chunks.push(chunk);
  });
}

// eslint-disable-next-line @typescript-eslint/require-await -- Models answer with asynchronous streams.
async function* words() {
  yield { model: 'gpt-4o-mini', choices: [{ delta: { content: 'To be' } }] };
  yield { choices: [{ delta: {}, finish_reason: 'stop' }] };
  yield { choices: [], usage: { prompt_tokens: 10, completion_tokens: 5 } };
}

async function tryAgain(): Promise<void> {
  await retry('load page', { maxAttempts: 3, backoffMillis: 5 }, ({ attempt }) => {
    if (attempt < 3) throw Object.assign(new Error('busy'), { status: 503 });
    return 'the page';
  });
  const hopeless = { maxAttempts: 1, timeoutMillis: 10 };
  await retry('load slowly', hopeless, never).catch(() => undefined);
  const stopped = AbortSignal.abort(new Error('the user left'));
  await retry('nobody waits', { signal: stopped }, never).catch(() => undefined);
}

function never({ signal }: { readonly signal: AbortSignal }): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

function steps() {
  const search = step('search', () => 1);
  const broken = step('parse', { after: [] }, () => {
    throw new SyntaxError('no JSON');
  });
  const slow = step('rank', { after: [], timeoutMillis: 10 }, never);
  return [search, broken, slow, step('answer', { after: [broken] }, () => 2)] as const;
}
