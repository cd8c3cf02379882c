/**
 * Names of providers that the price table knows by another: those of the conventions, and of the
 * instrumentations that are older than they are.
 */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['amazon-bedrock', 'aws'],
  ['bedrock', 'aws'],
  ['az', 'azure'],
  ['azure-openai', 'azure'],
  ['azure_ai', 'azure'],
  ['fireworks_ai', 'fireworks'],
  ['gcp', 'google'],
  ['gemini', 'google'],
  ['google-vertex', 'google'],
  ['vertex_ai', 'google'],
  ['mistral_ai', 'mistral'],
  ['mistralai', 'mistral'],
  ['togetherai', 'together'],
  ['together_ai', 'together'],
  ['x', 'x-ai'],
  ['x_ai', 'x-ai'],
  ['xai', 'x-ai'],
]);

/**
 * The price table's id of a provider that a span or a caller names: `aws.bedrock`, `Anthropic`,
 * `openai.responses`. What follows the first dot says which of its services, and prices do not differ
 * by that.
 */
export function tableProviderOf(provider: string): string {
  const [first = ''] = provider.trim().toLowerCase().split('.', 1);
  return ALIASES.get(first) ?? first;
}
