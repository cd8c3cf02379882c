import { RecentMap } from '../bounded.js';

/** What names of one model, at one price, differ by; each is taken off where it is. */
const DIFFERENCES: readonly RegExp[] = [
  // A vendor, a path, a profile's full name: `models/`, `openai/`, `accounts/fireworks/models/`.
  /^.*\//,
  // Vertex AI's version: `@20250929`.
  /@.*$/,
  // Bedrock's regions, which cost the same, but for `global.`
  /^(?:us|us-gov|eu|apac|ap|au|jp|ca|sa|in|uk|me)\.(?=[a-z0-9]+\.)/,
  /(?<=^(?:global\.)?)(?:ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot(?:ai)?|nvidia|openai|qwen|writer|zai)\.(?=[a-z])/,
  /(?:-v\d+)?:\d$/,
  /-20\d\d-?[01]\d-?[0-3]\d$/,
  // Of a month and a day; Mistral's versions of a year and a month have other prices.
  /(?<=^gpt-.*)-(?:0[1-9]|1[0-2])[0-3]\d$/,
  /(?<=^claude-.*)-latest$/,
  /(?<=^gemini-\d.*)-00\d$/,
];

const seen = new RecentMap<string>(1_000);

/**
 * Returns one name for what is one model at one price: `gpt-4o` for `openai/gpt-4o` and
 * `gpt-4o-2024-08-06`, `claude-sonnet-4-5` for `us.anthropic.claude-sonnet-4-5-20250929-v1:0`. What is fine-tuned, and what
 * a user named, keeps its name.
 */
export function plainModelName(model: string): string {
  let plain = seen.get(model);
  if (plain === undefined) seen.set(model, (plain = findPlain(model)));
  return plain;
}

function findPlain(model: string): string {
  if (model.startsWith('ft:')) return model;
  let name = model;
  for (const difference of DIFFERENCES) name = name.replace(difference, '');
  return name === '' ? model : name;
}
