import { toText } from 'hotspan/report';
import { startTracing, type Tracing } from 'hotspan/node';
import OpenAI from 'openai';
import { startStandInModel } from '../stand-in-model.js';
import { startAnalystProcess } from './analyst-process.js';
import { conduct } from './conductor.js';

const QUESTION =
  'Which coffee machine do customers like most, and which one was sold most last month?';

// This program prints where the trace went, so hotspan need not log it.
const tracing = startTracing({ serviceName: 'conductor', log: () => undefined });
const models = await startStandInModel({
  'gpt-4o-mini': [{ millis: 150 }],
  'gpt-4.1': [{ millis: 500 }],
  'gpt-4o': [{ millis: 60, status: 503 }],
  'gpt-4.1-mini': [{ millis: 200 }],
});
const client = new OpenAI({ baseURL: models.url, apiKey: 'not-needed', maxRetries: 0 });
const analyst = await startAnalystProcess(models.url);

console.log('A conductor hands a question to three agents. One of them runs in its own process.');
console.log('A local server stands in for OpenAI.');
try {
  const run = await conduct({ client, analyst }, QUESTION);
  const { write } = run.steps;
  const answer = write.outcome === 'completed' ? write.value : 'There is no answer.';
  console.log(`\nQ  ${QUESTION}\nA  ${answer}`);
  console.log(`\n${toText(run)}`);
  console.log(`\nThe conductor's process:\n\n${toText(tracing.summary())}`);
  console.log(`\nThe analyst's process:\n\n${toText(await analyst.summary())}\n`);
} finally {
  await analyst.stop();
  await models.close();
  await tracing.shutdown();
}
console.log(whereTheTraceIs(tracing));

function whereTheTraceIs(tracing: Tracing): string {
  const { endpoint, delivered, reason } = tracing.delivery();
  const traceId = tracing.summary().slowest[0]?.traceId;
  if (endpoint === undefined)
    return 'The trace was not sent, because the OTEL_* variables turn the export off.';
  if (delivered === 0 || traceId === undefined) {
    return (
      `The trace did not arrive at ${endpoint}${reason === undefined ? '' : ` (${reason})`}.\n` +
      'To see it in Jaeger, run docker compose up -d --wait, then npm run example:agents again.'
    );
  }
  const jaeger = process.env.HOTSPAN_JAEGER_URL ?? 'http://localhost:16686';
  return `The trace of both processes in Jaeger: ${jaeger.replace(/\/$/, '')}/trace/${traceId}`;
}
