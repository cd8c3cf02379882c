/** A name may include a version: `gpt-4o-2024-08-06`. An unknown name may mean any model. */
export function isSameModel(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return long.startsWith(short) && /^[-@:]v?\d/.test(long.slice(short.length));
}

const REGION = /^(?:us|us-gov|eu|apac|ap|au|jp|ca|sa|in|uk|me|global)\./;
/** Whose model a name of Bedrock's is that lacks its vendor. */
const BEDROCK_VENDORS: readonly (readonly [RegExp, string])[] = [
  [/^claude-/, 'anthropic'],
  [/^(?:nova|titan)-/, 'amazon'],
  [/^llama/, 'meta'],
  [/^(?:mistral|mixtral|pixtral|ministral|magistral|voxtral|devstral)-/, 'mistral'],
  [/^(?:command|embed|rerank)-/, 'cohere'],
  [/^(?:jamba|j2)-/, 'ai21'],
  [/^gpt-oss/, 'openai'],
];

const DATE = /@.*$|-(?:20\d{6}|20\d\d-\d\d-\d\d|00\d|latest)$/;
/** Bedrock's, such as `-v1:0`. */
const VERSION = /-v\d(?::\d+)?(?::\d+k)?$/;
/** What is left out of a name, more and more. */
const UNVERSIONED: readonly (readonly RegExp[])[] = [[], [DATE], [VERSION], [VERSION, DATE]];

/**
 * Returns the names under which a price list may have a model, in small letters, the most exact first:
 * without what stands before a slash, without its date or version, with dashes for dots.
 */
export function modelNames(model: string, priceId: string): readonly string[] {
  const names = new Set<string>();
  const given = model.toLowerCase();
  for (const full of [given, given.slice(given.lastIndexOf('/') + 1)]) {
    for (const name of [full, full.replace(/(?<=\d)\.(?=\d)/g, '-')]) {
      for (const less of UNVERSIONED)
        names.add(less.reduce((text, part) => text.replace(part, ''), name));
    }
  }
  if (priceId === 'aws') for (const name of [...names]) addBedrockNames(names, name);
  if (priceId === 'fireworks') names.add(`accounts/fireworks/models/${given}`);
  // The base model of one's own fine-tuned one: `ft:gpt-4o-mini-2024-07-18:team::id`.
  const [tuned, base] = given.split(':');
  if (tuned === 'ft' && base !== undefined) names.add(`ft:${base}`);
  return [...names];
}

function addBedrockNames(names: Set<string>, name: string): void {
  const vendor = BEDROCK_VENDORS.find(([pattern]) => pattern.test(name))?.[1];
  const full = vendor === undefined ? name : `${vendor}.${name}`;
  names.add(full);
  const anywhere = full.replace(REGION, '');
  // Regions cost the same, but newer models cost less through `global`, and in the list by themselves.
  if (anywhere !== full && !full.startsWith('global.')) names.add(`us.${anywhere}`);
  names.add(anywhere);
}
