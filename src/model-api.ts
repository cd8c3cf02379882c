/** A request that has the address of a model's API. */
export interface ModelApi {
  /** As the GenAI conventions name it: of a known host, or else of the API that it speaks. */
  readonly provider: string;
  /** `true` if the address alone tells: by a known provider's host, or a path that no other API has. */
  readonly isCertain: boolean;
  /** As the GenAI conventions name it: `chat`, `embeddings`, ... */
  readonly operation: string;
  /** The model, where the path names it. */
  readonly model: string | undefined;
  /** The fields that the body of a request has. Of `a|b` it has one. */
  readonly bodyFields: readonly string[];
}

interface Endpoint {
  /** The end of the path. A group holds the model. */
  readonly path: RegExp;
  readonly provider: string;
  readonly operation: string;
  readonly bodyFields: readonly string[];
  readonly isTelling: boolean;
}

const OPENAI = 'openai';
const GEMINI = 'gcp.gemini';
const BEDROCK = 'aws.bedrock';
const DEPLOYMENT = '(?:/deployments/([^/]+))?';

/** Paths that no other API has. */
const TELLING = /chat\/completions|:\w+\$$|converse/;

/** By the end of the path, behind its last slash or colon: most requests are told by one look. */
const ENDPOINTS: ReadonlyMap<string, readonly Endpoint[]> = new Map(
  Object.entries({
    completions: [
      endpoint(OPENAI, 'chat', `${DEPLOYMENT}/chat/completions$`, 'messages'),
      endpoint(OPENAI, 'text_completion', `${DEPLOYMENT}/completions$`, 'model', 'prompt'),
    ],
    responses: [endpoint(OPENAI, 'chat', '/responses$', 'model', 'input')],
    embeddings: [endpoint(OPENAI, 'embeddings', `${DEPLOYMENT}/embeddings$`, 'model', 'input')],
    messages: [
      // The messages of OpenAI's threads are no calls.
      endpoint(
        'anthropic',
        'chat',
        '(?<!/threads/[^/]+)/messages$',
        'model',
        'max_tokens',
        'messages',
      ),
    ],
    rawPredict: [
      endpoint('anthropic', 'chat', '/anthropic/models/([^/]+):rawPredict$', 'messages'),
    ],
    streamRawPredict: [
      endpoint('anthropic', 'chat', '/anthropic/models/([^/]+):streamRawPredict$', 'messages'),
    ],
    generateContent: [
      endpoint(GEMINI, 'generate_content', '/([^/]+):generateContent$', 'contents'),
    ],
    streamGenerateContent: [
      endpoint(GEMINI, 'generate_content', '/([^/]+):streamGenerateContent$', 'contents'),
    ],
    embedContent: [endpoint(GEMINI, 'embeddings', '/([^/]+):embedContent$', 'content')],
    batchEmbedContents: [
      endpoint(GEMINI, 'embeddings', '/([^/]+):batchEmbedContents$', 'requests'),
    ],
    chat: [
      endpoint('cohere', 'chat', '/v2/chat$', 'model', 'messages'),
      endpoint('ollama', 'chat', '/api/chat$', 'model', 'messages'),
    ],
    generate: [endpoint('ollama', 'text_completion', '/api/generate$', 'model', 'prompt')],
    embed: [
      endpoint('cohere', 'embeddings', '/v[12]/embed$', 'model', 'texts|inputs|images'),
      endpoint('ollama', 'embeddings', '/api/embed$', 'model', 'input'),
    ],
    converse: [endpoint(BEDROCK, 'chat', '/model/([^/]+)/converse$', 'messages')],
    'converse-stream': [endpoint(BEDROCK, 'chat', '/model/([^/]+)/converse-stream$', 'messages')],
    invoke: bedrockInvoke('invoke'),
    'invoke-with-response-stream': bedrockInvoke('invoke-with-response-stream'),
  }),
);

const PROVIDERS: readonly (readonly [host: RegExp, provider: string])[] = [
  [/^(?:\w+\.)?api\.openai\.com$/, OPENAI],
  [/\.openai\.azure\.com$/, 'azure.ai.openai'],
  [/\.(?:services|inference)\.ai\.azure\.com$/, 'azure.ai.inference'],
  [/^api\.anthropic\.com$/, 'anthropic'],
  [/^generativelanguage\.googleapis\.com$/, GEMINI],
  [/^(?:[\w-]+-)?aiplatform(?:\.\w+\.rep)?\.googleapis\.com$/, 'gcp.vertex_ai'],
  [/^bedrock-runtime[\w-]*\.[\w-]+\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/, BEDROCK],
  [/^api\.mistral\.ai$|^codestral\.mistral\.ai$/, 'mistral_ai'],
  [/^api\.groq\.com$/, 'groq'],
  [/^api\.cohere\.(?:com|ai)$/, 'cohere'],
  [/^api\.together\.(?:xyz|ai)$/, 'together'],
  [/^api\.fireworks\.ai$/, 'fireworks'],
  [/^api\.cerebras\.ai$/, 'cerebras'],
  [/^api\.deepseek\.com$/, 'deepseek'],
  [/^api\.perplexity\.ai$/, 'perplexity'],
  [/^api\.x\.ai$/, 'x_ai'],
  [/^openrouter\.ai$/, 'openrouter'],
  [/^router\.huggingface\.co$/, 'huggingface'],
  [/^ollama\.com$/, 'ollama'],
];

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
  const hostAt = scheme < 0 || scheme > end ? 0 : scheme + 3;
  const pathAt = address.indexOf('/', hostAt);
  if (pathAt < 0) return undefined;
  const path = address.slice(pathAt, end);
  for (const { path: pattern, provider, operation, bodyFields, isTelling } of endpoints) {
    const found = pattern.exec(path);
    if (found === null) continue;
    const known = providerAt(address.slice(hostAt, pathAt));
    const model = found[1] === undefined ? undefined : modelIn(found[1]);
    return {
      provider: known ?? provider,
      isCertain: known !== undefined || isTelling,
      operation: model?.includes('embed') ? 'embeddings' : operation,
      model,
      bodyFields: model === undefined ? bodyFields : bodyFields.filter((name) => name !== 'model'),
    };
  }
  return undefined;
}

function endpoint(
  provider: string,
  operation: string,
  path: string,
  ...bodyFields: string[]
): Endpoint {
  return { path: new RegExp(path), provider, operation, bodyFields, isTelling: TELLING.test(path) };
}

/** The body is the model's own. */
function bedrockInvoke(end: string): readonly Endpoint[] {
  const body = 'messages|prompt|inputText|texts|input_text';
  return [endpoint(BEDROCK, 'chat', `/model/([^/]+)/${end}$`, body)];
}

/** Where the query or the fragment begins, or the address ends. */
function endOf(address: string): number {
  const query = address.indexOf('?');
  const fragment = address.indexOf('#');
  if (query < 0) return fragment < 0 ? address.length : fragment;
  return fragment < 0 ? query : Math.min(query, fragment);
}

function providerAt(authority: string): string | undefined {
  const host = /^(?:.*@)?([^:]*)/.exec(authority.toLowerCase())![1]!;
  return PROVIDERS.find(([pattern]) => pattern.test(host))?.[1];
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
