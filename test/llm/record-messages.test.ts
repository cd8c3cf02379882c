import { context, trace } from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-node';
import fc from 'fast-check';
import { llmCall, type CachedAnswer, type LlmCallOptions } from 'hotspan';
import { toText } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

stopSdkAfterEach();

const gpt: LlmCallOptions = { provider: 'openai', model: 'gpt-4o' };
const INPUT = 'gen_ai.input.messages';
const OUTPUT = 'gen_ai.output.messages';

/** What is recorded of one call. */
async function recorded(options: Partial<LlmCallOptions>, response?: unknown) {
  // A test may ask several times.
  trace.disable();
  context.disable();
  const sdk = startSdk();
  await llmCall({ ...gpt, ...options }, () => response);
  const { attributes } = sdk.span('chat gpt-4o');
  const read = (name: string) =>
    attributes[name] === undefined ? undefined : (JSON.parse(String(attributes[name])) as unknown);
  return { input: read(INPUT), output: read(OUTPUT), attributes, sdk };
}

const words = (content: string) => ({ type: 'text', content });
const user = (content: string) => ({ role: 'user', parts: [words(content)] });
const assistant = (...parts: unknown[]) => ({ role: 'assistant', parts });
const call = (id: string) => ({ type: 'tool_call', id, name: 'find', arguments: '{"word":"be"}' });
const told = (id: string) => ({ type: 'tool_call_response', id, response: 'found' });

describe('the messages of a call', () => {
  it.each([{}, { recordMessages: false }])(
    'are not recorded without a word: %j',
    async (options) => {
      const input = { messages: [{ role: 'user', content: 'secret' }] };
      const store = new Map<string, CachedAnswer>();
      const response = { choices: [{ message: { content: 'secret' } }] };
      for (const more of [{ input }, { cache: { store, input } }]) {
        const { attributes, sdk } = await recorded({ ...options, ...more }, response);
        expect(JSON.stringify(attributes)).not.toContain('secret');
        expect(sdk.spans().some(({ attributes: all }) => INPUT in all || OUTPUT in all)).toBe(
          false,
        );
      }
    },
  );

  it.each<[string, unknown, unknown[]]>([
    ['a text', 'To be?', [user('To be?')]],
    ['texts', ['To be?', 'Or not?'], [user('To be?'), user('Or not?')]],
    [
      "OpenAI's chat",
      {
        model: 'gpt-4o',
        messages: [
          { role: 'system', content: 'Be short.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is this?' },
              { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
            ],
          },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'c1', function: { name: 'find', arguments: '{"word":"be"}' } }],
          },
          { role: 'tool', tool_call_id: 'c1', content: 'found' },
        ],
      },
      [
        { role: 'system', parts: [words('Be short.')] },
        { role: 'user', parts: [words('What is this?'), { type: 'image_url' }] },
        assistant(call('c1')),
        { role: 'tool', parts: [told('c1')] },
      ],
    ],
    [
      "OpenAI's responses",
      {
        instructions: 'Be short.',
        input: [
          { role: 'user', content: [{ type: 'input_text', text: 'To be?' }] },
          { type: 'function_call', call_id: 'c1', name: 'find', arguments: '{"word":"be"}' },
          { type: 'function_call_output', call_id: 'c1', output: 'found' },
        ],
      },
      [
        { role: 'system', parts: [words('Be short.')] },
        user('To be?'),
        assistant(call('c1')),
        { role: 'tool', parts: [told('c1')] },
      ],
    ],
    [
      "Anthropic's",
      {
        system: [{ type: 'text', text: 'Be short.' }],
        messages: [
          { role: 'user', content: 'To be?' },
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'Hm.' },
              { type: 'tool_use', id: 'c1', name: 'find', input: { word: 'be' } },
            ],
          },
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                tool_use_id: 'c1',
                content: [{ type: 'text', text: 'found' }],
              },
            ],
          },
        ],
      },
      [
        { role: 'system', parts: [words('Be short.')] },
        user('To be?'),
        assistant({ type: 'reasoning', content: 'Hm.' }, call('c1')),
        { role: 'user', parts: [told('c1')] },
      ],
    ],
    [
      "Google's",
      {
        contents: [
          { role: 'user', parts: [{ text: 'To be?' }, { inlineData: { data: 'AAAA' } }] },
          {
            role: 'model',
            parts: [{ functionCall: { id: 'c1', name: 'find', args: { word: 'be' } } }],
          },
          { role: 'user', parts: [{ functionResponse: { id: 'c1', response: 'found' } }] },
        ],
        config: { systemInstruction: 'Be short.' },
      },
      [
        { role: 'system', parts: [words('Be short.')] },
        { role: 'user', parts: [words('To be?'), { type: 'unknown' }] },
        { role: 'model', parts: [call('c1')] },
        { role: 'user', parts: [told('c1')] },
      ],
    ],
    [
      "Bedrock's",
      {
        messages: [
          { role: 'user', content: [{ text: 'To be?' }] },
          {
            role: 'assistant',
            content: [{ toolUse: { toolUseId: 'c1', name: 'find', input: { word: 'be' } } }],
          },
          {
            role: 'user',
            content: [{ toolResult: { toolUseId: 'c1', content: [{ text: 'found' }] } }],
          },
        ],
      },
      [user('To be?'), assistant(call('c1')), { role: 'user', parts: [told('c1')] }],
    ],
    [
      "the AI SDK's",
      {
        prompt: [
          { role: 'user', content: 'To be?' },
          {
            role: 'assistant',
            content: [
              { type: 'tool-call', toolCallId: 'c1', toolName: 'find', input: { word: 'be' } },
            ],
          },
          { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c1', output: 'found' }] },
        ],
      },
      [user('To be?'), assistant(call('c1')), { role: 'tool', parts: [told('c1')] }],
    ],
    ['other data', { topic: 'Hamlet' }, [user('{"topic":"Hamlet"}')]],
  ])(
    'are recorded as the conventions have them, of an input like this: %s',
    async (_, input, is) => {
      expect((await recorded({ input, recordMessages: true })).input).toEqual(is);
    },
  );

  it.each<[string, unknown, unknown]>([
    ['a text', 'To be.', [assistant(words('To be.'))]],
    [
      "OpenAI's chat",
      {
        choices: [
          { message: { role: 'assistant', content: 'To be.' }, finish_reason: 'stop' },
          {
            message: {
              content: null,
              tool_calls: [{ id: 'c1', function: { name: 'find', arguments: '{"word":"be"}' } }],
            },
            finish_reason: 'tool_calls',
          },
        ],
      },
      [
        { ...assistant(words('To be.')), finish_reason: 'stop' },
        { ...assistant(call('c1')), finish_reason: 'tool_calls' },
      ],
    ],
    [
      "OpenAI's responses",
      {
        output: [
          {
            type: 'message',
            role: 'assistant',
            content: [{ type: 'output_text', text: 'To be.' }],
          },
          { type: 'function_call', call_id: 'c1', name: 'find', arguments: '{"word":"be"}' },
        ],
      },
      [assistant(words('To be.'), call('c1'))],
    ],
    [
      "Anthropic's",
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'To be.' },
          { type: 'tool_use', id: 'c1', name: 'find', input: { word: 'be' } },
        ],
        stop_reason: 'tool_use',
      },
      [{ ...assistant(words('To be.'), call('c1')), finish_reason: 'tool_use' }],
    ],
    [
      "Google's",
      { candidates: [{ content: { parts: [{ text: 'To be.' }] }, finishReason: 'STOP' }] },
      [{ ...assistant(words('To be.')), finish_reason: 'STOP' }],
    ],
    [
      "Bedrock's",
      { output: { message: { content: [{ text: 'To be.' }] } }, stopReason: 'end_turn' },
      [{ ...assistant(words('To be.')), finish_reason: 'end_turn' }],
    ],
    [
      "the AI SDK's",
      {
        text: 'To be.',
        toolCalls: [{ toolCallId: 'c1', toolName: 'find', input: { word: 'be' } }],
        finishReason: 'stop',
      },
      [{ ...assistant(words('To be.'), call('c1')), finish_reason: 'stop' }],
    ],
    ['an embedding', { data: [{ embedding: [0.1] }] }, undefined],
    ['nothing', undefined, undefined],
  ])(
    'are recorded as the conventions have them, of an answer like this: %s',
    async (_, given, is) => {
      expect((await recorded({ recordMessages: true }, given)).output).toEqual(is);
    },
  );

  it('are recorded when the answer comes from the cache, too', async () => {
    const cache = { store: new Map<string, CachedAnswer>(), input: 'To be?' };
    for (const isHit of [false, true]) {
      const { input, output, attributes } = await recorded(
        { cache, recordMessages: true },
        'To be.',
      );
      expect(attributes['hotspan.cache.hit']).toBe(isHit);
      expect([input, output]).toEqual([[user('To be?')], [assistant(words('To be.'))]]);
    }
  });

  it('are read of no stream that nobody has begun to read', async () => {
    const response = {
      fullStream: 1,
      get text(): never {
        throw new Error('it was read');
      },
    };
    const { output, attributes } = await recorded({ recordMessages: true }, response);
    expect(output).toBeUndefined();
    expect(JSON.stringify(attributes)).not.toContain('could not be recorded');
  });
});

describe('the messages of a stream', () => {
  async function streamed(items: readonly unknown[], readUpTo = Infinity) {
    const sdk = startSdk();
    // eslint-disable-next-line @typescript-eslint/require-await -- Models answer with asynchronous streams.
    const answer = async function* () {
      yield* items;
    };
    const stream = await llmCall({ ...gpt, recordMessages: true }, answer);
    let count = 0;
    for await (const item of stream) {
      count += 1;
      if (item === undefined || count >= readUpTo) break;
    }
    const value = sdk.span('chat gpt-4o').attributes[OUTPUT];
    return value === undefined ? undefined : (JSON.parse(String(value)) as unknown);
  }

  const chunk = (delta: unknown, finish_reason: string | null = null) => ({
    choices: [{ index: 0, delta, finish_reason }],
  });
  const TO_BE = [chunk({ content: 'To ' }), chunk({ content: 'be.' }), chunk({}, 'stop')];

  it.each<[string, unknown[], unknown]>([
    ['texts', ['To ', 'be.'], [assistant(words('To be.'))]],
    ["OpenAI's chat", TO_BE, [{ ...assistant(words('To be.')), finish_reason: 'stop' }]],
    [
      "OpenAI's chat with a tool",
      [
        chunk({ tool_calls: [{ index: 0, id: 'c1', function: { name: 'find', arguments: '' } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '{"word":' } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '"be"}' } }] }, 'tool_calls'),
      ],
      [{ ...assistant(call('c1')), finish_reason: 'tool_calls' }],
    ],
    [
      "OpenAI's responses",
      [
        { type: 'response.output_text.delta', delta: 'To ' },
        {
          type: 'response.completed',
          response: { output: [{ type: 'message', role: 'assistant', content: 'To be.' }] },
        },
      ],
      [assistant(words('To be.'))],
    ],
    [
      "Anthropic's",
      [
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'To be.' } },
        {
          type: 'content_block_start',
          index: 1,
          content_block: { type: 'tool_use', id: 'c1', name: 'find', input: {} },
        },
        { type: 'content_block_delta', index: 1, delta: { partial_json: '{"word":' } },
        { type: 'content_block_delta', index: 1, delta: { partial_json: '"be"}' } },
        { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
      ],
      [{ ...assistant(words('To be.'), call('c1')), finish_reason: 'tool_use' }],
    ],
    [
      "Google's",
      [
        { candidates: [{ content: { parts: [{ text: 'To ' }] } }] },
        { candidates: [{ content: { parts: [{ text: 'be.' }] }, finishReason: 'STOP' }] },
      ],
      [{ ...assistant(words('To be.')), finish_reason: 'STOP' }],
    ],
    [
      "the AI SDK's",
      [
        { type: 'text-delta', id: '0', text: 'To ' },
        { type: 'text-delta', id: '0', text: 'be.' },
        { type: 'tool-call', toolCallId: 'c1', toolName: 'find', input: { word: 'be' } },
      ],
      [assistant(words('To be.'), call('c1'))],
    ],
    ['one that says nothing', [{ choices: [] }], undefined],
  ])('are put together: %s', async (_, items, is) => {
    expect(await streamed(items)).toEqual(is);
  });

  it('are recorded as far as they were read', async () => {
    expect(await streamed(TO_BE, 1)).toEqual([assistant(words('To '))]);
  });

  it('are not recorded when they are too long to be redacted as a whole', async () => {
    const long = Array.from({ length: 101 }, () => chunk({ content: 'x'.repeat(10_000) }));
    expect(await streamed(long)).toBeUndefined();
  });
});

describe('maxLength', () => {
  it('keeps the newest of the input and the beginning of the answer, whole characters of it', async () => {
    const recordMessages = { maxLength: 8 };
    const input = ['the first', 'second', 'third'];
    const { input: kept, output } = await recorded({ input, recordMessages }, '1234567👩');
    expect(kept).toEqual([user('sec…'), user('third')]);
    expect(output).toEqual([assistant(words('1234567…'))]);
  });

  it('is 4,000 by default', async () => {
    const { output } = await recorded({ recordMessages: true }, 'x'.repeat(5_000));
    expect(output).toEqual([assistant(words(`${'x'.repeat(4_000)}…`))]);
  });

  it('bounds what is recorded of any input, and no input is in the way of the call', async () => {
    const value = fc.anything({ withNullPrototype: true, withBigInt: true, maxDepth: 3 });
    const message = fc.record({ role: fc.string(), content: value }, { requiredKeys: [] });
    const inputs = fc.oneof(value, fc.array(message), fc.record({ messages: fc.array(message) }));
    await fc.assert(
      fc.asyncProperty(inputs, fc.integer({ min: 1, max: 50 }), async (input, maxLength) => {
        const options = { input, recordMessages: { maxLength } };
        const { input: kept, output } = await recorded(options, input);
        for (const messages of [kept, output] as (
          { parts: Record<string, string>[] }[] | undefined
        )[]) {
          const texts = (messages ?? []).flatMap(({ parts }) =>
            parts.flatMap((part) => [part.content, part.arguments, part.response]),
          );
          const length = texts.reduce((sum, text = '') => sum + text.replace(/…$/, '').length, 0);
          expect(length).toBeLessThanOrEqual(maxLength);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('bounds how many parts there are, too', async () => {
    const input = Array.from({ length: 10_000 }, () => ({ role: 'user', content: [{}] }));
    const { input: kept } = await recorded({ input, recordMessages: true });
    expect(kept).toHaveLength(200);
  });
});

describe('redact', () => {
  const redact = (text: string) => text.replaceAll(/sk-\w+/g, '[key]');

  it('changes every text before it is cut off', async () => {
    const recordMessages = { maxLength: 12, redact };
    const input = { messages: [{ role: 'user', content: 'key: sk-secret' }] };
    const tool = { name: 'find', arguments: 'sk-secret' };
    const response = { choices: [{ message: { tool_calls: [{ id: 'c1', function: tool }] } }] };
    const { input: asked, attributes } = await recorded({ input, recordMessages }, response);
    expect(asked).toEqual([user('key: [key]')]);
    expect(attributes[OUTPUT]).toContain('"arguments":"[key]"');
    expect(JSON.stringify(attributes)).not.toContain('secret');
  });

  it.each<[string, (text: string) => unknown]>([
    [
      'throws',
      (text) => {
        throw new Error(`cannot redact ${text}`);
      },
    ],
    ['gives nothing', () => undefined],
    ['gives a promise', (text) => Promise.resolve(text)],
  ])('that %s has nothing recorded, and the summary says so', async (_, broken) => {
    const recordMessages = { redact: broken as (text: string) => string };
    const { attributes, input, output, sdk } = await recorded(
      { input: 'secret', recordMessages },
      { text: 'secret', usage: { prompt_tokens: 1, completion_tokens: 1 } },
    );
    expect([input, output]).toEqual([undefined, undefined]);
    expect(JSON.stringify(attributes)).not.toContain('secret');
    expect(toText(sdk.bottlenecks.summary())).toContain('messages of an LLM call');
  });

  it('is not called when nobody records the span', async () => {
    startSdk({ sampler: new AlwaysOffSampler() });
    let calls = 0;
    const recordMessages = {
      redact: (text: string) => {
        calls += 1;
        return text;
      },
    };
    await llmCall({ ...gpt, input: 'To be?', recordMessages }, () => 'To be.');
    expect(calls).toBe(0);
  });
});

it.each([
  ['yes', '`recordMessages` to be true, false or an object, got a string'],
  [null, '`recordMessages` to be true, false or an object, got null'],
  [{ maxLength: 0 }, '`recordMessages.maxLength` to be a whole number of at least 1, got 0'],
  [{ redact: 'all' }, '`recordMessages.redact` to be a function, got a string'],
  [{ max: 1 }, 'llmCall: unknown option "recordMessages.max", expected one of: maxLength, redact'],
])('wrong options throw at the call: %j', (recordMessages, message) => {
  const options = { ...gpt, recordMessages } as LlmCallOptions;
  expect(() => void llmCall(options, () => 1)).toThrow(message);
});
