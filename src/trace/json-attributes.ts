import type { CallField } from '../call-attributes.js';
import type { TokenUsage } from '../cost/token-usage.js';
import { readUsages } from '../cost/usage.js';
import { isObject, parseJson, pick, type Fields } from '../fields.js';
import { JSON_ATTRIBUTES, LANGFUSE_COST, LANGFUSE_USAGE } from '../json-attributes.js';
import { sumOf } from '../sums.js';
import { figureOf } from './attribute-number.js';

/** Figures take some hundred characters; the answers of Genkit and of Google's agents are among them. */
const MAX_LENGTH = 20_000;

/** What a JSON attribute tells: values as they are written, and the usage that a provider reported. */
export interface ToldInJson {
  readonly values: Readonly<Partial<Record<CallField, unknown>>>;
  readonly usage?: TokenUsage;
  /** `true` if the provider's usage cannot be right. */
  readonly isWrong?: boolean;
}

type Path = readonly string[];

/** To split paths takes longer than to follow them. */
const PLACES = new Map(
  Object.entries(JSON_ATTRIBUTES).map(([name, places]) => {
    const split = Object.entries(places).map(([field, paths]) => {
      return [field as keyof typeof places, paths.map((path) => path.split('.'))] as const;
    });
    return [name, split];
  }),
);

/** Reads an attribute of {@link JSON_ATTRIBUTES}; `undefined` for what is no JSON, or too long. */
export function readJsonAttribute(name: string, text: unknown): ToldInJson | undefined {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return undefined;
  // LangSmith's Python writes some as Python does.
  const value = parseJson(text) ?? parseJson(text.replaceAll("'", '"'));
  if (!isObject(value)) return undefined;
  if (name === LANGFUSE_COST) return { values: { costUsd: value.total ?? sumOfParts(value, /^/) } };
  if (name === LANGFUSE_USAGE) {
    const isOwn = 'input' in value || 'output' in value;
    return isOwn ? { values: langfuseUsage(value) } : { values: {}, ...usageOf(value) };
  }
  const values: Partial<Record<CallField, unknown>> = {};
  let usage: Omit<ToldInJson, 'values'> = {};
  for (const [field, paths] of PLACES.get(name) ?? []) {
    const found = firstAt(value, paths);
    if (field === 'usage') usage = usageOf(found);
    else if (found !== undefined) values[field] = found;
  }
  return { values, ...usage };
}

function usageOf(report: unknown): Omit<ToldInJson, 'values'> {
  if (!isObject(report)) return {};
  const { usage, warnings } = readUsages([report]);
  const isKnown = (usage.inputTokens ?? usage.outputTokens) !== undefined;
  return isKnown ? { usage, isWrong: warnings.length > 0 } : {};
}

function firstAt(value: Fields, paths: readonly Path[]): unknown {
  for (const [first = '', ...rest] of paths) {
    for (const start of first === '*' ? Object.values(value) : [value[first]]) {
      const found = pick(start, rest);
      if (found !== undefined && found !== null) return found;
    }
  }
  return undefined;
}

/** Langfuse's parts are beside each other: what has `input` in its name is a part of the input. */
function langfuseUsage(value: Fields): ToldInJson['values'] {
  const { input, output, total } = value;
  // Some write the whole where the first part should be: the total shows it.
  const isWhole = figureOf(total) === (figureOf(input) ?? 0) + (figureOf(output) ?? 0);
  return {
    inputTokens: isWhole ? input : sumOfParts(value, /input/),
    outputTokens: isWhole ? output : sumOfParts(value, /output/),
    cacheReadTokens: sumOfParts(value, /cache(?:d|_read)/),
    cacheWriteTokens: sumOfParts(value, /cache_(?:creation|write)/),
    reasoningTokens: sumOfParts(value, /reasoning|thought/),
    inputAudioTokens: sumOfParts(value, /input_audio/),
    outputAudioTokens: sumOfParts(value, /output_audio/),
  };
}

/** `NaN` if one of them is no figure. */
function sumOfParts(value: Fields, name: RegExp): number | undefined {
  const parts = Object.entries(value).filter(([key]) => name.test(key));
  return sumOf(parts, ([, part]) => figureOf(part) ?? NaN);
}
