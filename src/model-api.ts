/** A request that has the address of a model's API. */
export interface ModelApi {
  /**
   * As the GenAI conventions name it, or as a gateway's path does: of a known host, or of an API that no
   * other provider's servers speak. Otherwise the name of the model may tell.
   */
  readonly provider: string | undefined;
  /** `true` if the address alone tells: by a known provider's host, or a path that no other API has. */
  readonly isCertain: boolean;
  /** As the GenAI conventions name it: `chat`, `embeddings`, ... */
  readonly operation: string;
  /** The model, where the path names it. */
  readonly model: string | undefined;
  /** `true` if what stands for the model, in the path or the body, is a name that a user gave to it. */
  readonly isDeployment: boolean;
  /** The fields that the body of a request has. Of `a|b` it has one. */
  readonly bodyFields: readonly string[];
}

interface Endpoint {
  readonly path: RegExp;
  /** Whose API it is; nothing if servers of many kinds speak it. */
  readonly provider: string | undefined;
  readonly operation: string;
  readonly bodyFields: readonly string[];
  readonly isTelling: boolean;
}

const ANY = undefined;
const GEMINI = 'gcp.gemini';
const VERTEX = 'gcp.vertex_ai';
const BEDROCK = 'aws.bedrock';
const AZURE = 'azure.ai.openai';
const DEPLOYMENT = '(?:/deployments/([^/]+))?';
const PUBLISHED = '/publishers/[^/]+/models/([^/]+)';
/** The body that Bedrock passes on is the model's own. */
const INVOKED = 'messages|prompt|inputText|texts|input_text|taskType|inputs';

/** Paths that no other API has. */
const TELLING = /chat\/completions|:\w+\$$|converse|audio\/trans/;

/** The end of the path, in which a group holds the model, and the fields of the body. */
type Row = readonly [path: string, provider: string | undefined, operation: string, body: string];

const ROWS: readonly Row[] = [
  [`${DEPLOYMENT}/chat/completions$`, ANY, 'chat', 'messages'],
  ['/agents/completions$', 'mistral_ai', 'chat', 'agent_id messages'],
  [`${DEPLOYMENT}/completions$`, ANY, 'text_completion', 'model prompt'],
  [`${DEPLOYMENT}/responses$`, ANY, 'chat', 'model input'],
  [`${DEPLOYMENT}/embeddings$`, ANY, 'embeddings', 'model input'],
  ['/multimodalembeddings$', ANY, 'embeddings', 'model inputs'],
  ['/rerank$', ANY, 'rerank', 'model query documents'],
  ['/v1/ocr$', 'mistral_ai', 'generate_content', 'model document'],
  [`${DEPLOYMENT}/audio/transcriptions$`, ANY, 'transcription', 'model'],
  [`${DEPLOYMENT}/audio/translations$`, ANY, 'transcription', 'model'],
  [`${DEPLOYMENT}/audio/speech$`, ANY, 'speech', 'model input'],
  [`${DEPLOYMENT}/images/generations$`, ANY, 'image_generation', 'prompt'],
  [`${DEPLOYMENT}/images/edits$`, ANY, 'image_generation', 'prompt|model'],
  // The messages of OpenAI's threads are no calls.
  ['(?<!/threads/[^/]+)/messages$', ANY, 'chat', 'model max_tokens messages'],
  ['/anthropic/models/([^/]+):rawPredict$', VERTEX, 'chat', 'messages'],
  ['/anthropic/models/([^/]+):streamRawPredict$', VERTEX, 'chat', 'messages'],
  [`${PUBLISHED}:predict$`, VERTEX, 'generate_content', 'instances'],
  ['/([^/]+):generateContent$', GEMINI, 'generate_content', 'contents'],
  ['/([^/]+):streamGenerateContent$', GEMINI, 'generate_content', 'contents'],
  ['/([^/]+):embedContent$', GEMINI, 'embeddings', 'content'],
  ['/([^/]+):batchEmbedContents$', GEMINI, 'embeddings', 'requests'],
  ['/v1\\w*/interactions$', GEMINI, 'generate_content', 'model|agent input'],
  ['/v2/chat$', 'cohere', 'chat', 'model messages'],
  ['/v1/chat$', 'cohere', 'chat', 'model message'],
  ['/api/chat$', 'ollama', 'chat', 'model messages'],
  ['/api/generate$', 'ollama', 'text_completion', 'model prompt'],
  ['/v[12]/embed$', 'cohere', 'embeddings', 'model texts|inputs|images'],
  ['/api/embed$', 'ollama', 'embeddings', 'model input'],
  ['/model/([^/]+)/converse$', BEDROCK, 'chat', 'messages'],
  ['/model/([^/]+)/converse-stream$', BEDROCK, 'chat', 'messages'],
  ['/model/([^/]+)/invoke$', BEDROCK, 'chat', INVOKED],
  ['/model/([^/]+)/invoke-with-response-stream$', BEDROCK, 'chat', INVOKED],
  ['/models/([^/]+/[^/]+)/predictions$', 'replicate', 'generate_content', 'input'],
];

/** By the end of the path, behind its last slash or colon: most requests are told by one look. */
const ENDPOINTS = new Map<string, Endpoint[]>();
for (const [path, provider, operation, body] of ROWS) {
  const end = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf(':')) + 1, -1);
  const isTelling = TELLING.test(path);
  const endpoint = { path: new RegExp(path), provider, operation, isTelling };
  const known = ENDPOINTS.get(end) ?? [];
  ENDPOINTS.set(end, [...known, { ...endpoint, bodyFields: body.split(' ') }]);
}

/** Hosts. Those without a provider pass requests on to others. */
const HOSTS: readonly (readonly [host: RegExp, provider: string | undefined])[] = [
  [/^(?:\w+\.)?api\.openai\.com$/, 'openai'],
  [/\.openai\.azure\.(?:com|us|cn)$|\.cognitiveservices\.azure\.com$/, AZURE],
  [/\.(?:services|inference)\.ai\.azure\.com$/, 'azure.ai.inference'],
  [/^models\.(?:github\.ai|inference\.ai\.azure\.com)$/, 'azure.ai.inference'],
  [/^api\.anthropic\.com$/, 'anthropic'],
  [/^generativelanguage\.googleapis\.com$/, GEMINI],
  [/^(?:[\w-]+-)?aiplatform(?:\.\w+\.rep)?\.googleapis\.com$/, VERTEX],
  [
    /(?:^|\.)bedrock-(?:runtime|mantle)[\w-]*\.[\w-]+\.(?:vpce\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)$/,
    BEDROCK,
  ],
  [/^(?:api|codestral)\.mistral\.ai$/, 'mistral_ai'],
  [/^api\.groq\.com$/, 'groq'],
  [/^api\.cohere\.(?:com|ai)$/, 'cohere'],
  [/^api\.together\.(?:xyz|ai)$/, 'together'],
  [/^api\.fireworks\.ai$/, 'fireworks'],
  [/^api\.cerebras\.ai$/, 'cerebras'],
  [/^api\.deepseek\.com$/, 'deepseek'],
  [/^api\.perplexity\.ai$/, 'perplexity'],
  [/^api\.x\.ai$/, 'x_ai'],
  [/^openrouter\.ai$/, 'openrouter'],
  [/^(?:router|api-inference)\.huggingface\.co$/, 'huggingface'],
  [/^ollama\.com$/, 'ollama'],
  [/^api\.voyageai\.com$/, 'voyage_ai'],
  [/^api\.jina\.ai$/, 'jina_ai'],
  [/^api\.moonshot\.(?:ai|cn)$/, 'moonshot_ai'],
  [/^api\.z\.ai$/, 'z_ai'],
  [/^open\.bigmodel\.cn$/, 'zhipu_ai'],
  [/^api\.minimaxi?\.(?:io|com|chat)$/, 'minimax'],
  [/^dashscope[\w-]*\.aliyuncs\.com$/, 'alibaba_cloud'],
  [/^api\.(?:studio|tokenfactory)\.nebius\.(?:ai|com)$/, 'nebius'],
  [/^api\.sambanova\.ai$/, 'sambanova'],
  [/^api\.novita\.ai$/, 'novita'],
  [/^api\.deepinfra\.com$/, 'deepinfra'],
  [/^api\.hyperbolic\.xyz$/, 'hyperbolic'],
  [/^inference\.baseten\.co$|\.api\.baseten\.co$/, 'baseten'],
  [/^integrate\.api\.nvidia\.com$/, 'nvidia_nim'],
  [/^api\.replicate\.com$/, 'replicate'],
  [/^ai-gateway\.vercel\.sh$|^api\.portkey\.ai$|^[\w-]+\.helicone\.ai$/, undefined],
];

/** Cloudflare's gateway names the provider in its path, or passes on what the model's name tells. */
const CLOUDFLARE = /^gateway\.ai\.cloudflare\.com\/v1\/[^/]+\/[^/]+\/(?!compat\/)([\w-]+)\//;

/**
 * Tells which API of a model an address is of, by the end of its path. Whether a request really calls a
 * model, its method and its body tell: an application may have an `/api/chat` of its own.
 *
 * @param address a URL, or a host and a path: `api.openai.com/v1/chat/completions`
 */
export function modelApiOf(address: string): ModelApi | undefined {
  const end = endOf(address);
  const slash = address.lastIndexOf('/', end - 1);
  const colon = address.lastIndexOf(':', end - 1);
  const endpoints = ENDPOINTS.get(address.slice(Math.max(slash, colon) + 1, end));
  if (endpoints === undefined) return undefined;
  const scheme = address.indexOf('://');
  const hostStart = scheme < 0 || scheme > end ? 0 : scheme + 3;
  const pathAt = address.indexOf('/', hostStart);
  if (pathAt < 0) return undefined;
  const path = address.slice(pathAt, end);
  for (const { path: pattern, provider, operation, bodyFields, isTelling } of endpoints) {
    const found = pattern.exec(path);
    if (found === null) continue;
    const host = hostAt(address.slice(hostStart, pathAt), path);
    const model = found[1] === undefined ? undefined : modelIn(found[1]);
    const known = host?.provider ?? provider;
    return {
      provider: known,
      isCertain: host !== undefined || isTelling,
      operation: model?.includes('embed') ? 'embeddings' : operation,
      model,
      isDeployment: known?.startsWith('azure') === true || path.includes('/deployments/'),
      bodyFields: model === undefined ? bodyFields : bodyFields.filter((name) => name !== 'model'),
    };
  }
  return undefined;
}

/** Where the query or the fragment begins, or the address ends. */
function endOf(address: string): number {
  const query = address.indexOf('?');
  const fragment = address.indexOf('#');
  if (query < 0) return fragment < 0 ? address.length : fragment;
  return fragment < 0 ? query : Math.min(query, fragment);
}

/** A host that is known, with the provider, if it is of one. */
function hostAt(authority: string, path: string): Pick<ModelApi, 'provider'> | undefined {
  const host = /^(?:.*@)?([^:]*)/.exec(authority.toLowerCase())![1]!;
  const found = HOSTS.find(([pattern]) => pattern.test(host));
  if (found !== undefined) return { provider: found[1] };
  if (host !== 'gateway.ai.cloudflare.com') return undefined;
  return { provider: CLOUDFLARE.exec(host + path)?.[1] };
}

/** The model in a path: of a profile's or a deployment's full name, its last part. */
function modelIn(part: string): string | undefined {
  let name = part;
  try {
    name = decodeURIComponent(part);
  } catch {
    // It stands as it is.
  }
  return name.slice(name.lastIndexOf('/') + 1) || undefined;
}
