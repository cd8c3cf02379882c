import { expect, it } from 'vitest';
import { modelApiOf } from '../src/model-api.js';

/** "provider operation model", with a "?" where only the body can tell, and "model's" where the model tells. */
function told(address: string): string | undefined {
  const api = modelApiOf(address);
  if (api === undefined) return undefined;
  const { provider, operation, model, isCertain } = api;
  return `${provider ?? 'model’s'}${isCertain ? '' : '?'} ${operation}${model === undefined ? '' : ` ${model}`}`;
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
  ['http://127.0.0.1:8000/v1/chat/completions', 'model’s chat'],
  ['http://user:secret@vllm:8000/v1/embeddings', 'model’s? embeddings'],
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
  ['https://api.mistral.ai/v1/fim/completions', 'mistral_ai text_completion'],
  ['https://api.mistral.ai/v1/agents/completions', 'mistral_ai chat'],
  ['https://api.mistral.ai/v1/ocr', 'mistral_ai generate_content'],
  ['https://api.openai.com/v1/audio/transcriptions', 'openai transcription'],
  ['https://api.openai.com/v1/audio/translations', 'openai transcription'],
  ['https://api.openai.com/v1/audio/speech', 'openai speech'],
  ['https://api.openai.com/v1/images/generations', 'openai image_generation'],
  ['https://api.openai.com/v1/images/edits', 'openai image_generation'],
  ['https://api.cohere.com/v2/rerank', 'cohere rerank'],
  ['https://api.voyageai.com/v1/rerank', 'voyage_ai rerank'],
  ['https://api.voyageai.com/v1/embeddings', 'voyage_ai embeddings'],
  ['https://api.jina.ai/v1/rerank', 'jina_ai rerank'],
  ['https://generativelanguage.googleapis.com/v1beta/interactions', 'gcp.gemini generate_content'],
  [
    'https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/text-embedding-005:predict',
    'gcp.vertex_ai embeddings text-embedding-005',
  ],
  [
    'https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/imagen-4:predict',
    'gcp.vertex_ai generate_content imagen-4',
  ],
  [
    'https://vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com/model/amazon.nova-pro-v1:0/invoke',
    'aws.bedrock chat amazon.nova-pro-v1:0',
  ],
  [
    'https://api.replicate.com/v1/models/meta/llama-4/predictions',
    'replicate generate_content llama-4',
  ],
  ['https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions', 'alibaba_cloud chat'],
  ['https://api.moonshot.ai/anthropic/v1/messages', 'moonshot_ai chat'],
  ['https://ai-gateway.vercel.sh/v1/embeddings', 'model’s embeddings'],
  ['https://gateway.ai.cloudflare.com/v1/acc/gate/groq/openai/v1/chat/completions', 'groq chat'],
  ['https://gateway.ai.cloudflare.com/v1/acc/gate/anthropic/v1/messages', 'anthropic chat'],
  ['https://gateway.ai.cloudflare.com/v1/acc/gate/compat/chat/completions', 'model’s chat'],
])('%s is %s', (address, what) => expect(told(address)).toBe(what));

it.each([
  'https://api.anthropic.com/v1/messages/count_tokens',
  'https://api.anthropic.com/v1/messages/batches',
  'https://api.openai.com/v1/threads/thread_1/messages',
  'https://api.openai.com/v1/responses/resp_1',
  'https://api.openai.com/v1/models',
  'https://api.openai.com/v1/moderations',
  'https://shop.example.com/v1/endpoints/1:predict',
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

it('says where a name is a user’s own', () => {
  const isDeployment = (address: string) => modelApiOf(address)?.isDeployment;
  expect(isDeployment('https://own.openai.azure.com/openai/v1/responses')).toBe(true);
  expect(isDeployment('http://proxy/openai/deployments/x/chat/completions')).toBe(true);
  expect(isDeployment('https://api.openai.com/v1/chat/completions')).toBe(false);
});
