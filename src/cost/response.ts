import { fields, items, pick, text } from '../fields.js';
import { isUnreadStream } from './usage.js';

export interface ResponseFacts {
  readonly model: string | undefined;
  readonly id: string | undefined;
  readonly finishReasons: readonly string[];
}

export function readResponse(response: unknown): ResponseFacts {
  if (isUnreadStream(response)) return { model: undefined, id: undefined, finishReasons: [] };
  const { model, modelVersion, id, responseId, response: inner } = fields(response);
  const { modelId, id: innerId } = fields(inner);
  return {
    model: text(model, modelVersion, modelId),
    id: text(id, responseId, innerId),
    finishReasons: finishReasonsOf(response),
  };
}

export function finishReasonsOf(response: unknown): string[] {
  const { choices, candidates, stop_reason, finishReason } = fields(response);
  const reasons = [
    ...items(choices).map((choice) => fields(choice).finish_reason),
    ...items(candidates).map((candidate) => fields(candidate).finishReason),
    stop_reason,
    pick(response, ['delta', 'stop_reason']),
    finishReason,
  ];
  return reasons.filter((reason): reason is string => text(reason) !== undefined);
}
