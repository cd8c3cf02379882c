import { plainModelName } from '../cost/plain-model-name.js';
import type { ToldKind } from './call-kind.js';
import { ByName } from './row-names.js';
import { MAX_NAME_LENGTH, shortName } from './short-name.js';

/** What calls of models are called, and how the values that tell it are told from each other. The first counts. */
const OPERATIONS: readonly (readonly [value: RegExp, operation: string])[] = [
  [/embed/i, 'embeddings'],
  [/rerank/i, 'rerank'],
  [/image/i, 'image_generation'],
  [/transcri|whisper/i, 'transcription'],
  [/speech/i, 'speech'],
  [/^generate_content$/, 'generate_content'],
  [/^(?:text_)?completion$/, 'text_completion'],
];

/** Rows of calls that are remembered. */
const MAX_REMEMBERED = 1_000;
const remembered = new ByName<string>(MAX_REMEMBERED);

/**
 * Calls of one model are one row, whatever their instrumentations call their spans. `undefined` for an agent, a chain
 * or a step, which have names of their own.
 *
 * @param told what its instrumentation calls such a span
 */
export function rowNameOfCall(told: ToldKind | undefined, model: string): string | undefined {
  if (told?.isCall === false) return undefined;
  const kind = told?.value ?? '';
  let name = remembered.get(kind, model);
  if (name === undefined) {
    name = shortName(`${callOperation(kind === '' ? model : kind)} ${plainModelName(model)}`);
    if (kind.length <= MAX_NAME_LENGTH) remembered.add(kind, model, name);
  }
  return name;
}

/**
 * Returns the operation of a call as the GenAI conventions name it, whatever its instrumentation does: `chat` for
 * `ai.generateText.doGenerate`, `LLM` and `generation`.
 *
 * @param kind what its instrumentation calls such a call
 */
function callOperation(kind: string): string {
  return OPERATIONS.find(([value]) => value.test(kind))?.[1] ?? 'chat';
}
