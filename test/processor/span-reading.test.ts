import { trace } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

stopSdkAfterEach();

const CALL = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.usage.input_tokens': 1_000,
  'gen_ai.usage.output_tokens': 100,
};

it.each([
  ['changed', { 'gen_ai.request.model': 'gpt-4o-mini' }, 'gpt-4o-mini'],
  ['added', { 'gen_ai.response.model': 'gpt-4.1' }, 'gpt-4.1'],
])('reads again what another processor has %s since the cost was written', (_, written, model) => {
  const nothing = () => Promise.resolve();
  const sdk = startSdk({
    processors: [
      {
        onStart: () => undefined,
        onEnd: ({ attributes }) => void Object.assign(attributes, written),
        forceFlush: nothing,
        shutdown: nothing,
      },
    ],
  });
  trace.getTracer('other').startSpan('call', { attributes: CALL }).end();
  // 1,000 × $2.50 + 100 × $10 per million.
  expect(sdk.bottlenecks.summary().models).toMatchObject([
    { model, calls: 1, inputTokens: 1_000, costUsd: expect.closeTo(0.0035, 12) as number },
  ]);
});

it('asks a function for the name of a row once, however many spans start below', () => {
  let asked = 0;
  const groupName = (name: string) => {
    asked += 1;
    return name;
  };
  const sdk = startSdk({ bottlenecks: { groupName } });
  const tracer = trace.getTracer('other');
  const agent = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'planner' };
  tracer.startActiveSpan('invoke_agent planner', { attributes: agent }, (span) => {
    for (let calls = 0; calls < 3; calls += 1) {
      tracer.startSpan('call', { attributes: CALL }).end();
    }
    span.end();
  });
  expect(asked).toBe(1);
  expect(sdk.bottlenecks.summary().models).toMatchObject([{ calls: 3 }]);
});
