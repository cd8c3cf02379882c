/** The price table's ids of providers, with the other names that instrumentations give them. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  aws: ['amazon-bedrock', 'bedrock'],
  azure: ['az', 'azure-openai', 'azure_ai'],
  fireworks: ['fireworks_ai'],
  google: ['gcp', 'gemini', 'google-vertex', 'vertex_ai'],
  mistral: ['mistral_ai', 'mistralai'],
  together: ['togetherai', 'together_ai'],
  'x-ai': ['x', 'x_ai', 'xai'],
};

const IDS: ReadonlyMap<string, string> = new Map(
  Object.entries(OTHER_NAMES).flatMap(([id, names]) => names.map((name) => [name, id] as const)),
);

/** After the first dot comes a service, which does not change the price: `openai.responses`. */
export function tableProviderOf(provider: string): string {
  const [first = ''] = provider.trim().toLowerCase().split('.', 1);
  return IDS.get(first) ?? first;
}
