import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { COST_KINDS } from '../../src/cost/cost-kinds.js';
import { setPrices } from '../../src/cost/price.js';
import { Ranking } from '../../src/ranking/ranking.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { CallsOfTrace, mayTellOfCall } from '../../src/trace/calls-of-trace.js';
import type { CallFigures, LlmCall, SpanFacts } from '../../src/trace/span-record.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { records, type SpanSketch } from '../support/trace.js';

/** What really happened: calls of models, in agents, tools and plain segments. */
interface Call {
  readonly model: string;
  readonly tokens: number;
  readonly usd: number;
  readonly layers: 'one' | 'nested' | 'unpriced around' | 'beside' | 'untold beside' | 'by id';
  readonly failedFirst: boolean;
}
interface Part {
  readonly kind: 'agent' | 'conversation' | 'stage' | 'tool' | 'segment';
  /** What the span itself tells of all inside it. */
  readonly tells: 'nothing' | 'tokens' | 'cost' | 'both';
  readonly children: readonly (Part | Call)[];
}

const call: fc.Arbitrary<Call> = fc.record({
  model: fc.constantFrom('model-a', 'model-b'),
  tokens: fc.integer({ min: 1, max: 3 }),
  usd: fc.integer({ min: 1, max: 3 }),
  layers: fc.constantFrom('one', 'nested', 'unpriced around', 'beside', 'untold beside', 'by id'),
  failedFirst: fc.boolean(),
});
const { part } = fc.letrec<{ part: Part }>((tie) => ({
  part: fc.record({
    kind: fc.constantFrom('agent', 'conversation', 'stage', 'tool', 'segment'),
    tells: fc.constantFrom('nothing', 'tokens', 'cost', 'both'),
    children: fc.array(fc.oneof({ depthSize: 'small' }, call, tie('part')), {
      minLength: 1,
      maxLength: 4,
    }),
  }),
}));

const llmCall = (model: string | undefined, reporter: string, responseId?: string): LlmCall => ({
  ...{ provider: undefined, model, requestModel: model, reporter },
  ...(responseId === undefined ? {} : { responseId }),
});

/** The spans that tell of it, and what they should add up to. */
class Telling {
  readonly spans: SpanSketch[] = [];
  calls = 0;
  tokens = 0;
  usd = 0;
  #millis = 0;

  add(parent: string | undefined, tell: (id: string) => SpanFacts, error?: string): string {
    const id = `s${this.spans.length}`;
    const at = this.spans.length;
    this.spans.push({ id, start: (this.#millis += 2), end: 0, facts: {} });
    const facts = tell(id);
    const ends = { end: (this.#millis += 2), facts, ...(error === undefined ? {} : { error }) };
    this.spans[at] = { ...this.spans[at]!, ...ends, ...(parent === undefined ? {} : { parent }) };
    return id;
  }

  addPart({ kind, tells, children }: Part, parent: string | undefined, knowsCosts: boolean): void {
    this.add(parent, (id) => {
      const [tokens, usd] = [this.tokens, this.usd];
      for (const child of children) {
        if ('kind' in child) this.addPart(child, id, knowsCosts);
        else this.addCall(child, id, knowsCosts);
      }
      return this.#partFacts(kind, tells, this.tokens - tokens, this.usd - usd);
    });
  }

  #partFacts(kind: Part['kind'], tells: Part['tells'], tokens: number, usd: number): SpanFacts {
    const sums: CallFigures = {
      ...(tells === 'tokens' || tells === 'both'
        ? { inputTokens: tokens, outputTokens: tokens }
        : {}),
      ...(tells === 'cost' || tells === 'both' ? { costUsd: usd } : {}),
    };
    if (kind === 'segment') return {};
    if (kind === 'tool') return { isToolCall: true };
    // An operation that calls a model by its name, without a model: the framework's whole.
    if (kind === 'stage') return { llmCall: llmCall(undefined, 'framework'), ...sums };
    const model = kind === 'agent' ? 'model-a' : undefined;
    const hasTokens = sums.inputTokens !== undefined;
    if (!hasTokens && sums.costUsd === undefined) return {};
    return { ifAlone: { ...sums, ...(hasTokens ? { llmCall: llmCall(model, 'framework') } : {}) } };
  }

  addCall(call: Call, parent: string, knowsCosts: boolean): void {
    const { model, tokens, usd, layers, failedFirst } = call;
    this.calls += 1;
    this.tokens += tokens;
    this.usd += usd;
    const usage = { inputTokens: tokens, outputTokens: tokens };
    const priced = { ...usage, ...(knowsCosts ? { costUsd: usd } : {}) };
    const client = (around: string, id?: string) => {
      const inner = { llmCall: llmCall(model, 'client', id), ...priced };
      this.add(around, () => inner);
    };
    if (layers === 'one') {
      this.add(parent, (id) => {
        if (failedFirst) this.#addFailed(id, model);
        return { llmCall: llmCall(model, 'client'), ...priced };
      });
    } else if (layers === 'nested' || layers === 'unpriced around') {
      this.add(parent, (id) => {
        client(id);
        return { llmCall: llmCall(model, 'wrapper'), ...(layers === 'nested' ? priced : usage) };
      });
    } else {
      const id = `answer ${this.calls}`;
      const told = layers === 'untold beside' ? {} : priced;
      const by = layers === 'by id' ? { reporter: 'client', id } : { reporter: 'wrapper' };
      this.add(parent, () => {
        client(parent, layers === 'by id' ? id : undefined);
        return { llmCall: llmCall(model, by.reporter, by.id), ...told };
      });
    }
  }

  #addFailed(parent: string, model: string): void {
    this.add(parent, () => ({ llmCall: llmCall(model, 'client') }), '429');
  }
}

function totalsOf(spans: readonly SpanSketch[]) {
  const all = records(spans);
  const calls = new CallsOfTrace();
  for (const record of all) if (mayTellOfCall(record)) calls.add(record);
  const tree = calls.join(buildTraceTree(all));
  analyzeTrace(tree, { toleranceNanos: 0 });
  const ranking = new Ranking({});
  ranking.addTrace(tree, { originEpochMillis: 0 });
  return ranking.toSummary({ nowEpochMillis: 0 });
}

afterEach(() => setPrices(undefined));

it('counts all that was used once, however many layers tell of it', () => {
  fc.assert(
    fc.property(part, fc.boolean(), (whole, knowsCosts) => {
      const told = new Telling();
      told.addPart(whole, undefined, knowsCosts);
      const { totals, bottlenecks, models } = totalsOf(told.spans);
      const sums = { llmCalls: told.calls, inputTokens: told.tokens, outputTokens: told.tokens };
      expect(totals).toMatchObject(sums);
      if (knowsCosts) {
        expect(totals).toMatchObject({ costUsd: told.usd, unpricedCalls: 0 });
        const rows = bottlenecks.map(({ costUsd = 0 }) => costUsd);
        expect(rows.reduce((a, b) => a + b, 0)).toBeCloseTo(told.usd, 9);
      } else {
        // What agents tell counts where the calls know nothing, and never twice.
        expect(totals.costUsd ?? 0).toBeLessThanOrEqual(told.usd + 1e-9);
      }
      expect(models.reduce((sum, { calls }) => sum + calls, 0)).toBe(told.calls);
    }),
    { numRuns: 500 },
  );
});

it('tells apart what costs are for, and never more than they are', () => {
  const tellsCost = (of: Part | Call): boolean =>
    'kind' in of && (of.tells === 'cost' || of.tells === 'both' || of.children.some(tellsCost));
  setPrices({
    'model-a': { inputUsdPerMillion: 2e5, outputUsdPerMillion: 8e5 },
    'model-b': { inputUsdPerMillion: 1e5, outputUsdPerMillion: 3e5 },
  });
  fc.assert(
    fc.property(part, fc.boolean(), (whole, knowsCosts) => {
      const told = new Telling();
      told.addPart(whole, undefined, knowsCosts);
      const { models } = totalsOf(told.spans);
      for (const model of models) {
        const parts = COST_KINDS.map((kind) => model[kind] ?? 0);
        const { costUsd = 0 } = model;
        const sum = parts.reduce((a, b) => a + b, 0);
        expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
        expect(sum).toBeLessThanOrEqual(costUsd + 1e-9);
        // Where nobody brings a cost, all of it is priced here.
        if (!knowsCosts && !tellsCost(whole)) expect(sum).toBeCloseTo(costUsd, 9);
      }
    }),
    { numRuns: 500 },
  );
});
