import { fields, pick, text } from '../fields.js';
import { isUnreadStream } from './usage.js';

/** What a response says of itself, besides its usage. */
export interface ResponseFacts {
  readonly model: string | undefined;
  readonly id: string | undefined;
  readonly finishReasons: readonly string[];
}

/**
 * Reads model, id and finish reasons from a response shaped like OpenAI's (`choices[].finish_reason`),
 * Anthropic's (`stop_reason`), Google's (`candidates[].finishReason`, `modelVersion`) or the AI SDK's
 * (`finishReason`, `response.modelId`). What is not there is absent. Never throws on plain data.
 */
export function readResponse(response: unknown): ResponseFacts {
  if (isUnreadStream(response)) return { model: undefined, id: undefined, finishReasons: [] };
  const { model, modelVersion, id, responseId, response: inner } = fields(response);
  const { modelId, id: innerId } = fields(inner);
  return {
    model: text(model) ?? text(modelVersion) ?? text(modelId),
    id: text(id) ?? text(responseId) ?? text(innerId),
    finishReasons: finishReasonsOf(response),
  };
}

/** The reasons that a response, or one item of a stream, gives for having ended; often none. */
export function finishReasonsOf(response: unknown): string[] {
  const { choices, candidates, stop_reason, finishReason } = fields(response);
  const reasons = [
    ...listOf(choices).map((choice) => fields(choice).finish_reason),
    ...listOf(candidates).map((candidate) => fields(candidate).finishReason),
    stop_reason,
    pick(response, ['delta', 'stop_reason']),
    finishReason,
  ];
  return reasons.filter((reason): reason is string => text(reason) !== undefined);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
