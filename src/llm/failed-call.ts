import { sayInstead } from '../error-facts.js';
import { AttemptTimeoutError, LimitExceededError } from '../errors.js';
import { fields, pick } from '../fields.js';
import type { LlmCallOptions } from './llm-call.js';

/** Where clients keep what the server said of an error. */
const PLACES = [
  [],
  ['error'],
  ['error', 'error'],
  ['data', 'error'],
  ['cause'],
  ['cause', 'cause'],
];

/** Keeps the message of a failed call, which may quote a prompt or a key, out of all that is recorded. */
export function hideMessage(
  error: unknown,
  record: LlmCallOptions['recordMessages'] = false,
): void {
  if (error instanceof AttemptTimeoutError || error instanceof LimitExceededError) return;
  const { redact } = fields(record) as { redact?: (text: string) => unknown };
  try {
    if (record === false) sayInstead(error, kindOf(error));
    else if (redact !== undefined) {
      const { message = error } = fields(error);
      sayInstead(error, typeof message === 'string' ? String(redact(message)) : '');
    }
  } catch {
    sayInstead(error, '');
  }
}

/** Says what kind of error it is, in words without spaces: "status 429, code rate_limit_exceeded". */
function kindOf(error: unknown): string {
  const known = PLACES.map((path) => fields(pick(error, path)));
  const find = (key: string, accepts: (value: unknown) => boolean) =>
    known.map((it) => it[key]).find(accepts);
  const isStatus = (value: unknown) => Number.isInteger(value);
  const isWord = (value: unknown) =>
    isStatus(value) || (typeof value === 'string' && /^(?!error$)[\w.-]{1,60}$/.test(value));
  const facts = {
    status: find('status', isStatus) ?? find('statusCode', isStatus),
    code: find('code', isWord),
    type: find('type', isWord),
  };
  const told = Object.entries(facts).filter(([, value]) => value !== undefined);
  return told.map(([name, value]) => `${name} ${String(value)}`).join(', ');
}
