/** The part of docs/prices.md that is written by `npm run prices`. */
import type { Verdict } from './compare.js';
import type { PriceList } from './lists.js';
import { MAIN_PROVIDERS } from './table.js';

export const BEGIN = '<!-- written by npm run prices -->';
export const END = '<!-- end -->';

export function drawComparison(
  lists: readonly PriceList[],
  verdicts: readonly Verdict[],
  ofPackage: readonly Verdict[],
  independent: { readonly list: PriceList; readonly verdicts: readonly Verdict[] },
): string {
  const rows = MAIN_PROVIDERS.map(([provider]) => {
    const own = (given: readonly Verdict[]) => given.filter((each) => each.provider === provider);
    return cellsOf(provider, own(verdicts), own(ofPackage));
  });
  const told = toldOf(verdicts);
  return [
    BEGIN,
    '',
    `On ${new Date().toISOString().slice(0, 10)} hotspan was asked for the price of every model that at least two of these lists`,
    'have at the same price, with 10,000 tokens in and out, and once more with all input from the cache:',
    '',
    ...lists.map(({ name, version }) => `- ${name} ${version}`),
    '',
    'A price is right within 1 %. The last column is what the package `@pydantic/genai-prices` of npm has right.',
    '',
    '| Provider | Models | Right | Unpriced | Wrong | Cached: models | Right | npm: right |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...[...rows, cellsOf('all', verdicts, ofPackage)].map((cells) => `| ${cells.join(' | ')} |`),
    '',
    ...(told.length === 0 ? ['None is wrong.'] : ['Wrong:', '', ...told]),
    '',
    ...drawIndependent(independent.list, independent.verdicts),
  ].join('\n');
}

/** What a list says that is no source of the table. */
function drawIndependent(list: PriceList, verdicts: readonly Verdict[]): string[] {
  const plain = verdicts.filter(({ isCached }) => !isCached);
  const right = plain.filter(({ isRight }) => isRight).length;
  const unpriced = plain.filter(({ usd }) => usd === undefined);
  const names = unpriced.map(({ provider, model }) => `${provider} ${model}`).join(', ');
  return [
    `The table is not made from ${list.name} ${list.version}, the list of LobeHub. Of its ${plain.length} models that are sold by`,
    `tokens in USD, ${right} have the same price here, ${unpriced.length} have none, and ${plain.length - right - unpriced.length} have another.`,
    ...(unpriced.length > 0 ? ['', `Without a price: ${names}.`] : []),
    '',
    'Others:',
    '',
    ...toldOf(plain),
    '',
  ];
}

function toldOf(verdicts: readonly Verdict[]): string[] {
  return verdicts
    .filter(({ isRight, usd }) => !isRight && usd !== undefined)
    .map(
      ({ provider, model, isCached, usd, expectedUsd }) =>
        `- ${provider} ${model}${isCached ? ', cached' : ''}: ${rounded(usd)} USD, the list says ${rounded(expectedUsd)} USD`,
    );
}

function cellsOf(
  name: string,
  verdicts: readonly Verdict[],
  ofPackage: readonly Verdict[],
): (string | number)[] {
  const plain = verdicts.filter(({ isCached }) => !isCached);
  const cached = verdicts.filter(({ isCached }) => isCached);
  const right = (given: readonly Verdict[]) => given.filter(({ isRight }) => isRight).length;
  const unpriced = plain.filter(({ usd }) => usd === undefined).length;
  return [
    ...[name, plain.length, right(plain), unpriced, plain.length - right(plain) - unpriced],
    ...[cached.length, right(cached), right(ofPackage.filter(({ isCached }) => !isCached))],
  ];
}

function rounded(usd: number | undefined): number {
  return Number((usd ?? 0).toPrecision(4));
}
