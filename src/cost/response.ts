/** What a response says of itself, besides its usage. */
export interface ResponseFacts {
  readonly model: string | undefined;
  readonly id: string | undefined;
  readonly finishReasons: readonly string[];
}

/**
 * Reads model, id and finish reasons from a response shaped like OpenAI's (`choices[].finish_reason`)
 * or Anthropic's (`stop_reason`). What is not there is absent. Never throws on plain data.
 */
export function readResponse(response: unknown): ResponseFacts {
  const { model, id, choices, stop_reason } = fields(response);
  const reasons = Array.isArray(choices)
    ? choices.map((choice) => fields(choice).finish_reason)
    : [stop_reason];
  return {
    model: text(model),
    id: text(id),
    finishReasons: reasons.filter((reason): reason is string => text(reason) !== undefined),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function fields(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}
