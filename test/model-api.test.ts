import { expect, it } from 'vitest';
import { modelApiOf } from '../src/model-api.js';

/** "provider operation model", with a "?" where only the body can tell. */
function told(address: string): string | undefined {
  const api = modelApiOf(address);
  if (api === undefined) return undefined;
  const { provider, operation, model, isCertain } = api;
  return `${provider}${isCertain ? '' : '?'} ${operation}${model === undefined ? '' : ` ${model}`}`;
}

it.each([
  ['https://api.openai.com/v1/chat/completions', 'openai chat'],
  ['https://eu.api.openai.com/v1/responses', 'openai chat'],
  ['api.openai.com/v1/embeddings', 'openai embeddings'],
  ['https://api.openai.com/v1/completions', 'openai text_completion'],
  [
    'https://own.openai.azure.com/openai/deployments/our-gpt/chat/completions?api-version=2024-10-21',
    'azure.ai.openai chat our-gpt',
  ],
  ['https://own.services.ai.azure.com/models/chat/completions', 'azure.ai.inference chat'],
  ['https://api.anthropic.com/v1/messages?beta=true', 'anthropic chat'],
  [
    'https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/anthropic/models/claude-x@1:streamRawPredict',
    'gcp.vertex_ai chat claude-x@1',
  ],
  [
    'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    'gcp.gemini generate_content gemini-2.5-pro',
  ],
  [
    'https://aiplatform.googleapis.com/v1/publishers/google/models/gemini-2.5-pro:generateContent',
    'gcp.vertex_ai generate_content gemini-2.5-pro',
  ],
  ['https://api.groq.com/openai/v1/chat/completions', 'groq chat'],
  ['https://api.mistral.ai/v1/chat/completions#stream', 'mistral_ai chat'],
  ['https://api.cohere.com/v2/chat', 'cohere chat'],
  ['http://localhost:11434/api/chat', 'ollama? chat'],
  ['http://localhost:11434/api/generate', 'ollama? text_completion'],
  ['http://127.0.0.1:8000/v1/chat/completions', 'openai chat'],
  ['http://user:secret@vllm:8000/v1/embeddings', 'openai? embeddings'],
  [
    'https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-x-v1%3A0/converse-stream',
    'aws.bedrock chat us.anthropic.claude-x-v1:0',
  ],
  [
    'https://bedrock-runtime.eu-west-1.amazonaws.com/model/arn%3Aaws%3Abedrock%3A%3A1%3Ainference-profile%2Feu.x.y/invoke',
    'aws.bedrock chat eu.x.y',
  ],
  [
    'https://bedrock-runtime.eu-west-1.amazonaws.com/model/amazon.titan-embed-text-v2:0/invoke',
    'aws.bedrock embeddings amazon.titan-embed-text-v2:0',
  ],
])('%s is %s', (address, what) => expect(told(address)).toBe(what));

it.each([
  'https://api.anthropic.com/v1/messages/count_tokens',
  'https://api.anthropic.com/v1/messages/batches',
  'https://api.openai.com/v1/threads/thread_1/messages',
  'https://api.openai.com/v1/responses/resp_1',
  'https://api.openai.com/v1/models',
  'https://shop.example.com/chat',
  'https://shop.example.com/search?q=/v1/chat/completions',
  'https://shop.example.com',
  '/v1/chat/completions/',
  '',
  '?',
  'embeddings',
])('%s is none', (address) => expect(told(address)).toBeUndefined());

it('says which fields tell a call, without a model where the path has it', () => {
  expect(modelApiOf('http://gateway/v1/embeddings')?.bodyFields).toEqual(['model', 'input']);
  const azure = 'http://gateway/openai/deployments/small/embeddings';
  expect(modelApiOf(azure)?.bodyFields).toEqual(['input']);
});
