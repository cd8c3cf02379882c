import { context, trace } from '@opentelemetry/api';
import fc from 'fast-check';
import { llmCall, retry, runSteps, segment, step, type CachedAnswer } from 'hotspan';
import { beforeAll, expect, it } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

stopSdkAfterEach();
beforeAll(() => loadPrices());

/** A piece of an agent. */
interface Part {
  readonly kind:
    'segment' | 'retry' | 'parallel' | 'call' | 'text' | 'failing' | 'stream' | 'cached';
  /** Of a call. */
  readonly model: string;
  readonly tokens: number;
  readonly inside: readonly Part[];
}

const { part } = fc.letrec<{ part: Part }>((tie) => {
  const call = { model: fc.constantFrom('gpt-4o', 'gpt-4o-mini'), tokens: fc.nat(10_000) };
  const kind = fc.constantFrom<Part['kind'][]>(
    'segment',
    'retry',
    'parallel',
    'call',
    'text',
    'failing',
    'stream',
    'cached',
  );
  const inside = fc.array(tie('part'), { minLength: 1, maxLength: 2 });
  const leaf = fc.record<Part>({ kind: fc.constant('call'), ...call, inside: fc.constant([]) });
  return { part: fc.oneof({ maxDepth: 4 }, leaf, fc.record<Part>({ kind, ...call, inside })) };
});

async function play(one: Part): Promise<void> {
  const inside = async () => {
    for (const next of one.inside) await play(next);
  };
  const twice = { maxAttempts: 2, backoffMillis: 0 };
  const { model, tokens, kind } = one;
  const base = { provider: 'openai', model };
  const usage = { prompt_tokens: tokens, completion_tokens: 1 };
  const ask = async () => {
    await inside();
    return kind === 'text' ? 'only the text' : { model, usage };
  };
  if (kind === 'segment') await segment('segment', inside);
  else if (kind === 'parallel') await Promise.all(one.inside.map(play));
  else if (kind === 'retry') {
    await retry('retry', twice, async ({ attempt }) => {
      await inside();
      if (attempt === 1) throw new Error('again');
    });
  } else if (kind === 'failing') {
    const fail = async ({ attempt }: { attempt: number }) => {
      const answer = await ask();
      if (attempt === 1) throw Object.assign(new Error('not JSON'), { usage });
      return answer;
    };
    await llmCall({ ...base, ...twice }, fail);
  } else if (kind === 'stream') {
    async function* items() {
      await Promise.resolve();
      yield { model, choices: [{ delta: { content: 'To' } }] };
      yield { choices: [], usage };
    }
    const stream = await llmCall(base, () => inside().then(items));
    for await (const item of stream) expect(item.choices.length).toBeLessThan(2);
  } else if (kind === 'cached') {
    const cache = { store: new Map<string, CachedAnswer>(), key: 'the same' };
    for (let time = 0; time < 2; time += 1) await llmCall({ ...base, cache }, ask);
  } else await llmCall(base, ask);
}

it('a run costs what the ranking says, however its calls, segments and retries nest', async () => {
  await fc.assert(
    fc.asyncProperty(part, async (one) => {
      const sdk = startSdk();
      const run = await runSteps('run', [step('step', () => play(one))]);
      trace.disable();
      context.disable();
      if (run.outcome === 'failed') throw run.error;
      const { totals, models, bottlenecks } = sdk.bottlenecks.summary();
      expect(run.costUsd).toBeCloseTo(totals.costUsd ?? 0, 12);
      expect(run.steps.step.costUsd).toBe(run.costUsd);
      const sum = models.reduce((all, { costUsd = 0 }) => all + costUsd, 0);
      expect(sum).toBeCloseTo(totals.costUsd ?? 0, 12);
      const row = bottlenecks.find(({ name }) => name === 'run');
      expect(row?.totalCostUsd).toBeCloseTo(totals.costUsd ?? 0, 12);
    }),
    { numRuns: 300 },
  );
});
