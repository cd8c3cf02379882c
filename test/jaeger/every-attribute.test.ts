import { expect, it, onTestFinished } from 'vitest';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { OWN_ATTRIBUTES, OWN_NAMES } from './made-traces.js';
import { useEverything } from './programs.js';

// What `npm run test:jaeger` rests on, checked where there is no Jaeger, too.

it('the made traces have every attribute that hotspan writes', () => {
  expect(OWN_NAMES.length).toBeGreaterThan(24);
  expect(OWN_NAMES.filter((name) => !(name in OWN_ATTRIBUTES))).toEqual([]);
});

it('the program that uses everything writes every attribute', async () => {
  const receiver = await startOtlpReceiver();
  onTestFinished(() => receiver.close());
  await useEverything(receiver.endpoint);
  const written = new Set(receiver.spans.flatMap(({ attributes }) => Object.keys(attributes)));
  expect(OWN_NAMES.filter((name) => !written.has(name))).toEqual([]);
});
