import { RecentMap } from '../bounded.js';

interface ProviderEntry {
  /** As the GenAI conventions name it. */
  readonly name: string;
  /** The price table's name for it. Without one its models have no known price. */
  readonly priceId: string | undefined;
  /** `true` if it sells, or calls, models of others: the model's own name tells whose it is. */
  readonly isGateway: boolean;
}

/**
 * The providers: the name of the GenAI conventions (or the usual one), the price table's, and how else
 * libraries write it. A spelling has no capitals, spaces, hyphens, dots and underscores.
 */
const PROVIDERS: readonly (readonly [name: string, priceId: string, spellings: string])[] = [
  ['openai', 'openai', 'textcompletionopenai codex'],
  ['anthropic', 'anthropic', 'claude anthropicagent'],
  [
    'aws.bedrock',
    'aws',
    'aws amazon bedrock amazonbedrock bedrockconverse bedrockmantle amazonnova',
  ],
  ['azure.ai.openai', 'azure', 'azure azopenai azureopenai azaiopenai azuretext'],
  [
    'azure.ai.inference',
    'azure',
    'azaiinference azaiagents azureaiagents azureai azureaifoundry azurefoundry azureinference microsoftfoundry',
  ],
  [
    'gcp.gemini',
    'google',
    'gemini google googleai googlegenai googlegenerativeai generativeai googlegla googleaistudio',
  ],
  ['gcp.gen_ai', 'google', 'gcp'],
  ['gcp.vertex_ai', 'google', 'vertex vertexai googlevertex googlevertexai gcpvertex gcpvertexai'],
  ['mistral_ai', 'mistral', 'mistral mistralai codestral'],
  ['x_ai', 'x-ai', 'x xai grok'],
  ['cohere', 'cohere', 'coherechat'],
  ['groq', 'groq', ''],
  ['deepseek', 'deepseek', 'deepseekai'],
  ['perplexity', 'perplexity', 'perplexityai pplx'],
  ['moonshot_ai', 'moonshotai', 'moonshot moonshotai kimi'],
  ['together', 'together', 'togetherai togethercomputer'],
  ['fireworks', 'fireworks', 'fireworksai'],
  ['openrouter', 'openrouter', ''],
  ['cerebras', 'cerebras', ''],
  ['z_ai', 'zai', 'zai zaiorg'],
  ['minimax', 'minimax', 'minimaxai'],
  ['voyage_ai', 'voyageai', 'voyage voyageai'],
  ['novita', 'novita', 'novitaai'],
  ['baseten', 'baseten', ''],
  ['cloudflare', 'cloudflare', 'workersai cloudflareworkersai'],
  ['ovhcloud', 'ovhcloud', ''],
  ['ibm.watsonx.ai', '', 'watsonx watsonxai ibm ibmwatsonx'],
  ['alibaba_cloud', '', 'alibaba dashscope tongyi qwen'],
  ['huggingface', '', 'hf huggingfaceendpoint'],
  ['deepinfra', '', ''],
  ['replicate', '', ''],
  ['databricks', '', ''],
  ['sambanova', '', 'sambanovacloud'],
  ['nvidia_nim', '', 'nvidia nvidiaaiendpoints'],
  ['ai21', '', ''],
  ['zhipu_ai', '', 'zhipu zhipuai bigmodel'],
  // What runs a model on machines of the user's own.
  ['ollama', '', 'ollamachat'],
  ['vllm', '', 'hostedvllm'],
  ['lm_studio', '', 'lmstudio'],
  ['llama.cpp', '', 'llamacpp llamafile'],
];

/** Gateways and frameworks, which write their own name where the provider's should be. */
const GATEWAYS = new Set(
  [
    'gateway vercel vercelaigateway aigateway litellm litellmproxy portkey helicone requesty bifrost',
    'langchain langgraph langsmith langchain4j llamaindex springai haystack dspy instructor crewai mastra',
    'aisdk vercelaisdk pydanticai agno smolagents autogen openaiagents semantickernel genkit inngest',
    'strands strandsagents adk googleadk gcpvertexagent microsoftagentframework agentframework letta',
    'mcpagent copilot copilotchat browseruse langflow flowise dify n8n voltagent koog embabel',
    'cloudflareaigateway truefoundry martian unify kong githubcopilot other unknown',
  ].flatMap((names) => names.split(' ')),
);

const ENTRIES = new Map<string, ProviderEntry>();
for (const [name, priceId, spellings] of PROVIDERS) {
  const entry = { name, priceId: priceId || undefined, isGateway: false };
  for (const spelling of `${squeezed(name)} ${spellings}`.trim().split(' ')) {
    ENTRIES.set(spelling, entry);
  }
}

const REGION = String.raw`(?:(?:us|eu|apac|ap|au|jp|ca|sa|in|uk|me|us-gov|global)\.)`;
const BEDROCK_VENDORS =
  'ai21|amazon|anthropic|cohere|deepseek|google|luma|meta|minimax|mistral|moonshot(?:ai)?|nvidia|openai|qwen|stability|twelvelabs|writer|zai';

/** Names of models that one provider alone gives to them, each with the provider. */
const TELLING_MODELS: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`^arn:aws|^${REGION}?(?:${BEDROCK_VENDORS})\\.[a-z]`), 'aws.bedrock'],
  [/^claude-/, 'anthropic'],
  [
    /^(?:ft:)?(?:gpt-(?:\d|audio|image|realtime|4o)|chatgpt-|o[134](?:-|$)|text-embedding-(?:3|ada)|whisper-1|dall-e|tts-1|omni-moderation|codex-)/,
    'openai',
  ],
  [/^(?:models\/)?gemini-/, 'gcp.gemini'],
  [/^grok-/, 'x_ai'],
  [
    /^(?:command-[ar]|embed-(?:v4|english|multilingual)|rerank-(?:v|english|multilingual))/,
    'cohere',
  ],
  [
    /^(?:mistral|ministral|magistral|codestral|devstral|pixtral|voxtral)-[\w-]*(?:latest|\d{4})$/,
    'mistral_ai',
  ],
  [/^deepseek-(?:chat|reasoner)$/, 'deepseek'],
  [/^sonar(?:-|$)/, 'perplexity'],
  [/^(?:moonshot-v1|kimi-latest)/, 'moonshot_ai'],
  [/^accounts\/fireworks\//, 'fireworks'],
  [/^voyage-/, 'voyage_ai'],
];

const seen = new RecentMap<ProviderEntry>(1_000);
const sellers = new RecentMap<{ readonly entry: ProviderEntry | undefined }>(1_000);

/**
 * Returns the provider's name as the GenAI conventions have it, whatever a library calls it: `aws.bedrock`
 * for `amazon-bedrock` and `BedrockConverse`. Of a gateway or a framework (`gateway`, `litellm`,
 * `LangChain`), and without a name, the model tells the provider if its name does: `openai/gpt-4o`. Other
 * names stay as they are.
 */
export function providerName(
  name: string | undefined,
  model: string | undefined,
): string | undefined {
  return providerOf(name, model).name || undefined;
}

/** Returns the price table's name of the provider; `undefined` if the table has none. */
export function priceIdOf(name: string | undefined, model: string): string | undefined {
  return providerOf(name, model).priceId;
}

function providerOf(name = '', model = ''): ProviderEntry {
  const own = entryOf(name);
  if (!own.isGateway) return own;
  let seller = sellers.get(model);
  if (seller === undefined) sellers.set(model, (seller = { entry: sellerOf(model) }));
  return seller.entry ?? own;
}

function entryOf(name: string): ProviderEntry {
  let entry = seen.get(name);
  if (entry === undefined) seen.set(name, (entry = findEntry(name.trim())));
  return entry;
}

/** After the name may come a service, which does not change the price: `openai.responses`. */
function findEntry(name: string): ProviderEntry {
  const parts = name.toLowerCase().split('.');
  for (let count = parts.length; count > 0; count -= 1) {
    const spelling = squeezed(parts.slice(0, count).join(''));
    // LangChain's classes: `ChatOpenAI`, `AzureChatOpenAI`.
    const found = ENTRIES.get(spelling) ?? ENTRIES.get(spelling.replace('chat', ''));
    if (found !== undefined) return found;
    if (GATEWAYS.has(spelling)) return { name, priceId: undefined, isGateway: true };
  }
  return { name, priceId: undefined, isGateway: name === '' || name === '_OTHER' };
}

/** Whose model it is by its name: what comes before a slash, or a name that one provider alone gives. */
function sellerOf(model: string): ProviderEntry | undefined {
  const name = model.toLowerCase();
  const telling = TELLING_MODELS.find(([pattern]) => pattern.test(name))?.[1];
  if (telling !== undefined) return entryOf(telling);
  const slash = name.indexOf('/');
  if (slash < 0) return undefined;
  const before = entryOf(name.slice(0, slash));
  // `openrouter/anthropic/claude-…` is of the first; a vendor that sells nothing itself is of no use.
  if (before.isGateway) return sellerOf(name.slice(slash + 1));
  return before.priceId === undefined ? undefined : before;
}

function squeezed(name: string): string {
  return name.toLowerCase().replace(/[\s._-]/g, '');
}
