import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { Ranking } from '../../src/ranking/ranking.js';
import type { Summary } from '../../src/summary.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import type { Random } from './random.js';
import { records, type SpanSketch } from './trace.js';

/** A program whose traces are one step after the other, each of a random duration. */
export interface SimulatedProgram {
  readonly traces: number;
  readonly steps: number;
  /** Of the logarithm of the durations: 0.5 spreads 90 % of them from 0.44 to 2.3 times the median. */
  readonly sigma: number;
  /** How much longer `step 9` takes. Default 1. */
  readonly factor?: number;
  /** How often `step 4` fails. Default 0.05. */
  readonly failures?: number;
  /** How much dearer a call of the model in `step 0` is. Default 1. */
  readonly price?: number;
}

const llmCall = { provider: 'openai', model: 'gpt-4o', requestModel: 'gpt-4o' };

/** What a ranking says of such a program. */
export function simulatedSummary(random: Random, program: SimulatedProgram): Summary {
  const { traces, steps, sigma, factor = 1, failures = 0.05, price = 1 } = program;
  const ranking = new Ranking();
  for (let trace = 0; trace < traces; trace += 1) {
    const spans: SpanSketch[] = [];
    let now = 0;
    for (let step = 0; step < steps; step += 1) {
      const start = now;
      now += random.lognormal(10 * (step + 1), sigma) * (step === 9 ? factor : 1);
      const facts = {
        llmCall,
        outputTokens: Math.round(random.lognormal(100, 0.5)),
        costUsd: price * random.lognormal(0.01, 0.5),
      };
      const fails = step === 4 && random.happens(failures);
      spans.push({
        id: `step ${step}`,
        parent: 'root',
        start,
        end: now,
        ...(step === 0 ? { facts } : {}),
        ...(fails ? { error: 'Error' } : {}),
      });
    }
    const fails = random.happens(0.1);
    const root = { id: 'root', start: 0, end: now, ...(fails ? { error: 'Error' } : {}) };
    const tree = buildTraceTree(records([root, ...spans]));
    analyzeTrace(tree, { toleranceNanos: 0 });
    ranking.addTrace(tree, { originEpochMillis: 0 });
  }
  return ranking.toSummary({ nowEpochMillis: 0 });
}
