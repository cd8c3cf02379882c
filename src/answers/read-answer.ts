import { readResponse, type ResponseFacts } from '../cost/response.js';
import type { TokenUsage } from '../cost/token-usage.js';
import { checkUsage, noUsage, readUsage, type UsageReading } from '../cost/usage.js';
import { toldBeside, withTold } from './told-usage.js';
import { unwrapped } from './unwrapped.js';

export interface Reading {
  readonly usage: UsageReading;
  readonly facts: ResponseFacts;
}

/** Reads a response. Never throws: a response with getters that throw gets a warning. */
export function readAnswer(
  response: unknown,
  own?: (response: unknown) => TokenUsage | undefined,
): Reading {
  try {
    const answer = unwrapped(response);
    const facts = readResponse(answer);
    const given = own?.(response);
    const usage = given === undefined ? readUsage(answer) : checkUsage(given);
    return answer === response
      ? { usage, facts }
      : withTold({ usage, facts }, toldBeside(response));
  } catch {
    const facts = { model: undefined, id: undefined, finishReasons: [] };
    return { usage: noUsage('an LLM response could not be read'), facts };
  }
}
