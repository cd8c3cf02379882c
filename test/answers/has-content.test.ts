import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasContent } from '../../src/answers/has-content.js';

const choice = (delta: object) => ({ choices: [{ index: 0, delta, finish_reason: null }] });
const part = (value: object) => ({ candidates: [{ content: { role: 'model', parts: [value] } }] });
const block = (content_block: object) => ({ type: 'content_block_start', index: 0, content_block });
const delta = (value: object) => ({ type: 'content_block_delta', index: 0, delta: value });
const bedrock = (value: object) => ({ contentBlockDelta: { contentBlockIndex: 0, delta: value } });
const cohere = (type: string, message: object) => ({ type, delta: { message } });

describe('an item has something of the answer', () => {
  it.each<[string, unknown]>([
    ['OpenAI: a word', choice({ content: 'To' })],
    ['OpenAI: a refusal', choice({ refusal: 'No' })],
    ['OpenAI: a tool call', choice({ tool_calls: [{ index: 0 }] })],
    ['OpenAI: a function call', choice({ function_call: { name: 'f', arguments: '' } })],
    ['OpenAI: audio', choice({ audio: { id: 'a', data: 'UklGRg==' } })],
    ['OpenAI: reasoning', choice({ reasoning_content: 'Hm' })],
    ['OpenRouter: a picture', choice({ content: '', images: [{ type: 'image_url' }] })],
    ['OpenAI: a text completion', { object: 'text_completion', choices: [{ text: 'x' }] }],
    ['Mistral: reasoning', { data: choice({ content: [{ type: 'thinking', thinking: 'Hm' }] }) }],
    ['Mistral: a tool call', { data: choice({ toolCalls: [{ function: { name: 'f' } }] }) }],
    ['responses: a word', { type: 'response.output_text.delta', delta: 'To' }],
    ['responses: arguments', { type: 'response.function_call_arguments.delta', delta: '{' }],
    ['responses: a custom tool', { type: 'response.custom_tool_call_input.delta', delta: 'ls' }],
    ['responses: reasoning', { type: 'response.reasoning_summary_text.delta', delta: 'Hm' }],
    ['responses: audio', { type: 'response.output_audio.delta', delta: 'UklGRg==' }],
    [
      'responses: a call without arguments',
      { type: 'response.output_item.added', item: { type: 'function_call', name: 'f' } },
    ],
    [
      'responses: a picture',
      { type: 'response.image_generation_call.partial_image', partial_image_b64: 'iVBO' },
    ],
    ['pictures: a part', { type: 'image_generation.partial_image', b64_json: 'iVBO' }],
    ['transcriptions: a word', { type: 'transcript.text.delta', delta: 'To' }],
    ['Anthropic: a word', delta({ type: 'text_delta', text: 'To' })],
    ['Anthropic: arguments', delta({ type: 'input_json_delta', partial_json: '{' })],
    ['Anthropic: thinking', delta({ type: 'thinking_delta', thinking: 'Hm' })],
    ['Anthropic: a tool', block({ type: 'tool_use', id: 't', name: 'f', input: {} })],
    ['Anthropic: its own tool', block({ type: 'server_tool_use', name: 'web_search', input: {} })],
    ['Anthropic: hidden thinking', block({ type: 'redacted_thinking', data: 'Eow=' })],
    ['Google: a word', part({ text: 'To' })],
    ['Google: a thought', part({ text: 'Hm', thought: true })],
    ['Google: a call', part({ functionCall: { name: 'f', args: {} } })],
    ['Google: a picture', part({ inlineData: { mimeType: 'image/png', data: 'iVBO' } })],
    [
      'Google live: audio',
      { serverContent: { modelTurn: { parts: [{ inlineData: { data: 'U' } }] } } },
    ],
    ['Google live: what is said', { serverContent: { outputTranscription: { text: 'To' } } }],
    ['Google live: a call', { toolCall: { functionCalls: [{ name: 'f' }] } }],
    ['interactions: a word', { event_type: 'step.delta', delta: { type: 'text', text: 'To' } }],
    ['Bedrock: a word', bedrock({ text: 'To' })],
    ['Bedrock: reasoning', bedrock({ reasoningContent: { text: 'Hm' } })],
    ['Bedrock: a tool', { contentBlockStart: { start: { toolUse: { name: 'f' } } } }],
    ['Llama on Bedrock', { generation: 'To', stop_reason: null }],
    ['Titan on Bedrock', { outputText: 'To', index: 0 }],
    ['Cohere: a word', cohere('content-delta', { content: { text: 'To' } })],
    ['Cohere: a plan', cohere('tool-plan-delta', { tool_plan: 'I will' })],
    ['Cohere: a tool', cohere('tool-call-start', { toolCalls: { function: { name: 'f' } } })],
    ['Cohere 1: a word', { eventType: 'text-generation', text: 'To' }],
    ['Ollama: a word', { message: { role: 'assistant', content: 'To' }, done: false }],
    ['Ollama: a thought', { message: { content: '', thinking: 'Hm' }, done: false }],
    ['Ollama: a completion', { response: 'To', done: false }],
    ['AI SDK: a word', { type: 'text-delta', id: '0', text: 'To' }],
    ['AI SDK 4: a word', { type: 'text-delta', textDelta: 'To' }],
    ['AI SDK: reasoning', { type: 'reasoning-delta', text: 'Hm' }],
    ['AI SDK: a tool', { type: 'tool-input-start', id: '0', toolName: 'f' }],
    ['AI SDK: a whole call', { type: 'tool-call', toolCallId: '0', toolName: 'f', input: {} }],
    ['AI SDK: a file', { type: 'file', file: { base64Data: 'iVBO', mediaType: 'image/png' } }],
    ['LangChain: a word', { content: 'To', tool_call_chunks: [], id: 'c' }],
    ['LangChain: a tool', { content: '', tool_call_chunks: [{ name: 'f', args: '' }] }],
    ['a text stream', 'To'],
  ])('%s', (_what, item) => {
    expect(hasContent(item)).toBe(true);
  });
});

describe('an item has nothing of the answer', () => {
  it.each<[string, unknown]>([
    ['OpenAI: the opening frame', choice({ role: 'assistant', content: '', refusal: null })],
    ['OpenAI: audio begins', choice({ audio: { id: 'audio_1', transcript: '' } })],
    ['OpenAI: the end', { choices: [{ delta: {}, finish_reason: 'stop' }] }],
    ['OpenAI: the usage', { choices: [], usage: { prompt_tokens: 1 } }],
    [
      'responses: created',
      { type: 'response.created', response: { instructions: 'Be brief', text: { format: {} } } },
    ],
    ['responses: nothing', { type: 'response.output_text.delta', delta: '' }],
    [
      'responses: a message begins',
      { type: 'response.output_item.added', item: { type: 'message', content: [] } },
    ],
    [
      'responses: reasoning begins',
      { type: 'response.output_item.added', item: { type: 'reasoning', summary: [] } },
    ],
    ['responses: an error', { type: 'error', code: 'server_error', message: 'Overloaded' }],
    [
      'realtime: what the user says',
      { type: 'conversation.item.input_audio_transcription.delta', delta: 'Hello' },
    ],
    [
      'realtime: what the user wrote',
      { type: 'conversation.item.added', item: { role: 'user', content: [{ text: 'Hello' }] } },
    ],
    ['Anthropic: start', { type: 'message_start', message: { content: [], usage: {} } }],
    ['Anthropic: ping', { type: 'ping' }],
    ['Anthropic: a block', block({ type: 'text', text: '' })],
    ['Anthropic: no arguments', delta({ type: 'input_json_delta', partial_json: '' })],
    ['Anthropic: the end', { type: 'message_delta', delta: { stop_reason: 'end_turn' } }],
    ['Google: the end', { candidates: [{ content: { role: 'model' }, finishReason: 'STOP' }] }],
    ['Google live: the user', { serverContent: { inputTranscription: { text: 'Hello' } } }],
    ['Bedrock: start', { messageStart: { role: 'assistant' } }],
    ['Bedrock: the end', { messageStop: { stopReason: 'end_turn' } }],
    ['Cohere: start', cohere('message-start', { role: 'assistant', content: [], tool_plan: '' })],
    ['Cohere: a part begins', cohere('content-start', { content: { type: 'text', text: '' } })],
    ['Ollama: the end', { response: '', done: true, eval_count: 1 }],
    ['AI SDK: start', { type: 'text-start', id: '0' }],
    ['AI SDK: nothing', { type: 'text-delta', id: '0', text: '' }],
    ['an error', { error: { message: 'Overloaded' }, choices: [{ delta: { content: 'x' } }] }],
    ['a text stream, nothing', ''],
    ['something else', { words: 'To' }],
    ['null', null],
  ])('%s', (_what, item) => {
    expect(hasContent(item)).toBe(false);
  });
});

it('never throws, whatever an item is', () => {
  fc.assert(fc.property(fc.anything(), (item) => typeof hasContent(item) === 'boolean'));
});
