/** Measures the cost of `llmCall` next to the same spans and attributes written by hand. */
import { setImmediate as turn } from 'node:timers/promises';
import { SpanKind, trace, type Attributes } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-node';
import { llmCall } from 'hotspan';
import { ratio, spread, takeTurns, type Side } from './compare.js';
import { cells, micros, table, times } from './markdown.js';
import { ranked, sdk, use, useAsyncContext, type Setup } from './sdk.js';
import type { Findings, Section, Settings } from './section.js';
import { ThrownAway } from './thrown-away.js';

const CALLS = 1_000;
const CALLS_PER_TURN = 100;
const MODEL = 'gpt-4o';
/** USD per million tokens, as in the price table. */
const INPUT_PRICE = 2.5;
const OUTPUT_PRICE = 10;

/** A response like OpenAI's. */
const RESPONSE = {
  id: 'chatcmpl-1',
  model: MODEL,
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: '42' } }],
  usage: { prompt_tokens: 1_200, completion_tokens: 80, total_tokens: 1_280 },
};

const answer = () => Promise.resolve(RESPONSE);

/** Makes a call's spans by hand. */
async function bare(): Promise<void> {
  const tracer = trace.getTracer('bench');
  const name = `chat ${MODEL}`;
  const attributes: Attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': MODEL,
    'hotspan.attempt.max': 2,
  };
  const attempt = { 'hotspan.attempt.number': 1, 'hotspan.attempt.backoff': 0 };
  await tracer.startActiveSpan(name, { kind: SpanKind.CLIENT, attributes }, async (span) => {
    try {
      const start = { attributes: attempt };
      const response = await tracer.startActiveSpan(`${name} attempt`, start, async (inner) => {
        try {
          const got = await answer();
          inner.setAttribute('hotspan.attempt.outcome', 'success');
          return got;
        } finally {
          inner.end();
        }
      });
      const { prompt_tokens: input, completion_tokens: output } = response.usage;
      span.setAttributes({
        'hotspan.attempt.count': 1,
        'gen_ai.response.model': response.model,
        'gen_ai.response.id': response.id,
        'gen_ai.response.finish_reasons': response.choices.map((choice) => choice.finish_reason),
        'gen_ai.usage.input_tokens': input,
        'gen_ai.usage.output_tokens': output,
        'gen_ai.usage.cost': (input * INPUT_PRICE + output * OUTPUT_PRICE) / 1e6,
        'hotspan.cost.source': 'price_table',
      });
    } finally {
      span.end();
    }
  });
}

async function hotspan(): Promise<void> {
  await llmCall({ provider: 'openai', model: MODEL, maxAttempts: 2 }, answer);
}

/** Checks that both sides make the same spans. */
async function requireSameSpans(): Promise<void> {
  const [byHand, own] = [await spansOf(bare), await spansOf(hotspan)];
  if (byHand === own) return;
  throw new Error(`expected the same spans on both sides, got\n${byHand}\nand\n${own}`);
}

async function spansOf(work: () => Promise<void>): Promise<string> {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const nothing = () => Promise.resolve();
  use({ provider, flush: nothing, shutdown: nothing });
  await work();
  await provider.forceFlush();
  const plain = ({ name, kind, attributes }: ReadableSpan) => {
    const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
    return { name, kind, attributes: Object.fromEntries(sorted) };
  };
  return JSON.stringify(exporter.getFinishedSpans().map(plain), undefined, 2);
}

function side(name: string, setup: Setup, call: () => Promise<void>): Side {
  return {
    name,
    prepare: () => use(setup),
    run: async () => {
      for (let done = 1; done <= CALLS; done += 1) {
        await call();
        if (done % CALLS_PER_TURN === 0) await turn();
      }
    },
  };
}

async function run({ isQuick }: Settings): Promise<Findings> {
  useAsyncContext();
  await requireSameSpans();
  const sides = [
    side('bare', sdk(new ThrownAway()), bare),
    side('hotspan', ranked(new ThrownAway()), hotspan),
  ];
  const rounds = isQuick ? 10 : 100;
  const [byHand, own] = await takeTurns(sides, { rounds, warmUp: rounds / 2, units: CALLS });
  const head = ['a call', 'bare', 'hotspan', 'min', 'median', 'max', 'processor time'];
  const row = [
    'with usage, cost and one attempt',
    micros(spread(byHand!).median),
    micros(spread(own!).median),
    ...cells(ratio(own!, byHand!), times),
    times(ratio(own!, byHand!, 'cpu').median),
  ];
  return { text: table(head, [row]), goals: [] };
}

/** The section. */
export const llmCallSection: Section = {
  name: 'llm-call',
  title: 'An LLM call',
  about:
    'A call is two spans: the call and its one attempt. The bare side writes the same names ' +
    'and attributes by hand, and the cost from two known prices. `llmCall` reads the usage ' +
    'from the response and looks up the price, and it could retry or time out. The exporter ' +
    'discards the spans.',
  run,
};
