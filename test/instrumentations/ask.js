/**
 * Asks all that an instrumentation sees, with hotspan's processor beside it: `node ask.js NAME FILE`. Writes the spans
 * into the file as the instrumentation made them, and as its last line what hotspan saw of each.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { segment } from '../../dist/doors/hotspan.js';
import { BottleneckSpanProcessor, priceTable } from '../../dist/doors/processor.js';
import { startServer } from '../llm-clients/fake-server.js';
import { INSTRUMENTATIONS } from './instrumentations.js';
import { Recorder } from './recorder.js';
import { MODELS, USAGES } from './right.js';

const [, , name, file] = process.argv;
const { environment, provides, start, within } = INSTRUMENTATIONS[name];
// LangChain would call its handlers in the background.
Object.assign(process.env, { LANGCHAIN_CALLBACKS_BACKGROUND: 'false', ...environment });

const server = await startServer();
Object.assign(server, { refusedWith: 400, usages: USAGES, models: MODELS, isNumbered: true });
// The table takes longer to load than this server to answer.
await priceTable();

const recorder = new Recorder();
const bottlenecks = new BottleneckSpanProcessor();
const spanProcessors = [recorder, bottlenecks];
const provider = new NodeTracerProvider({ spanProcessors });
if (provides === undefined) provider.register();
else await provides(server.url, spanProcessors);
const asks = await start(server.url, { provider });

/** Some end their spans a while after the answer. */
async function allEnded() {
  let count;
  do {
    count = recorder.spans.length;
    await setTimeout(50);
  } while (bottlenecks.summary().traces.analyzed === 0 || count !== recorder.spans.length);
}

const inSegment = (ask) => segment('answer', ask);
const seen = {};
for (const [what, ask] of Object.entries(asks)) {
  bottlenecks.reset();
  const isRefused = what.endsWith('refused');
  Object.assign(server, { requests: 0, answered: [], failures: isRefused ? 1 : 0 });
  const failure = await (within ?? inSegment)(ask).then(
    () => undefined,
    (error) => String(error),
  );
  await allEnded();
  const { requests, answered } = server;
  const { totals, warnings } = bottlenecks.summary();
  seen[what] = { failure, isRefused, requests, answered, summary: { totals, warnings } };
}
writeFileSync(file, JsonTraceSerializer.serializeRequest(recorder.spans));
console.log(JSON.stringify(seen));
process.exit();
