import { describe, expect, it } from 'vitest';
import { MAX_INPUT_LENGTH } from '../../src/trace/input-hash.js';
import { readSpanFacts } from '../../src/trace/span-facts.js';

type Attributes = Record<string, unknown>;

const hashOf = (attributes: Attributes) =>
  readSpanFacts('client', {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    ...attributes,
  }).inputHash;

/** What instrumentations record of one question. */
const recorded: Record<string, (question: string) => Attributes> = {
  'the conventions': (question) => ({ 'gen_ai.input.messages': JSON.stringify([question]) }),
  OpenLLMetry: (question) => ({
    'gen_ai.prompt.0.role': 'user',
    'gen_ai.prompt.0.content': question,
  }),
  'the AI SDK': (question) => ({ 'ai.prompt.messages': JSON.stringify([{ content: question }]) }),
  'the AI SDK, embedding': (question) => ({ 'ai.values': [JSON.stringify(question)] }),
  OpenInference: (question) => ({
    'llm.input_messages.0.message.role': 'user',
    'llm.input_messages.0.message.content': question,
  }),
  'OpenInference, as a whole': (question) => ({ 'input.value': question }),
  objects: (question) => ({ 'gen_ai.input.messages': [{ parts: [{ content: question }] }] }),
};

describe.each(Object.entries(recorded))('the input as recorded by %s', (_, input) => {
  it('has a hash, the same for the same question', () => {
    expect(hashOf(input('Why?'))).toMatch(/^[0-9a-f]{16}$/);
    expect(hashOf(input('Why?'))).toBe(hashOf(input('Why?')));
    expect(hashOf(input('Why not?'))).not.toBe(hashOf(input('Why?')));
  });

  it.each([
    ['another model', { 'gen_ai.request.model': 'gpt-4o-mini' }],
    ['another operation', { 'gen_ai.operation.name': 'text_completion' }],
    ['another temperature', { 'gen_ai.request.temperature': 0.5 }],
    ['other tools', { 'gen_ai.tool.definitions': '[]' }],
  ])('is told apart from the same to %s', (_what, other) => {
    expect(hashOf({ ...input('Why?'), ...other })).not.toBe(hashOf(input('Why?')));
  });

  it('is the same whatever was answered, and in whatever order it was recorded', () => {
    const answered = { 'gen_ai.response.id': '1', 'gen_ai.completion.0': 'So' };
    const attributes = { ...input('Why?'), ...answered, 'gen_ai.usage.input_tokens': 7 };
    const turned = Object.fromEntries(Object.entries(attributes).reverse());
    expect(hashOf(turned)).toBe(hashOf(input('Why?')));
  });
});

it('takes the hash that the span has', () => {
  expect(hashOf({ 'hotspan.llm.input_hash': 'abc', 'input.value': 'Why?' })).toBe('abc');
});

it('keeps apart what follows each other', () => {
  const two = (first: string, second: string) =>
    hashOf({ 'gen_ai.prompt.0.content': first, 'gen_ai.prompt.1.content': second });
  expect(two('ab', 'c')).not.toBe(two('a', 'bc'));
});

it.each<[string, Attributes]>([
  ['no input was recorded', { 'gen_ai.request.temperature': 0.5 }],
  ['it is longer than is read', { 'input.value': 'x'.repeat(MAX_INPUT_LENGTH + 1) }],
  ['it cannot be written as text', { 'input.value': 5n }],
  ['it is a function', { 'input.value': () => 'Why?' }],
])('has no hash when %s', (_, attributes) => {
  expect(hashOf(attributes)).toBeUndefined();
});

it('reads no input of what is no call of a model', () => {
  expect(readSpanFacts('internal', { 'input.value': 'Why?' })).toEqual({});
});
