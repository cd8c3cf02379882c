import { AttemptTimeoutError } from './errors.js';
import { withoutSecrets } from './secrets.js';

/**
 * The value of `error.type`: a class of errors with few members. `timeout` for an attempt that took
 * too long, otherwise the first that says something of: the error's name, its class, its code. Never
 * throws, whatever was thrown.
 */
export function errorTypeOf(error: unknown): string {
  try {
    if (error instanceof AttemptTimeoutError) return 'timeout';
    if (!(error instanceof Error)) return error === null ? 'null' : typeof error;
    const className = (error.constructor as { name?: unknown } | undefined)?.name;
    const { code } = error as { code?: unknown };
    const names = [error.name, className, code];
    const telling = names.find(
      (name) => typeof name === 'string' && name !== '' && name !== 'Error',
    );
    return typeof telling === 'string' ? telling : 'Error';
  } catch {
    return 'Error';
  }
}

/** What a thrown value says of itself, for a span. */
export interface ErrorFacts {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

/** What is recorded of a thrown value: no credentials that an address in it holds. Never throws. */
export function errorFactsOf(error: unknown): ErrorFacts {
  const name = errorTypeOf(error);
  try {
    if (!(error instanceof Error)) {
      const message = typeof error === 'string' ? withoutSecrets(error) : `thrown: ${name}`;
      return { name, message };
    }
    const { message, stack } = error;
    return {
      name,
      message: withoutSecrets(message),
      ...(stack === undefined ? {} : { stack: withoutSecrets(stack) }),
    };
  } catch {
    return { name, message: '' };
  }
}

/** What a thrown value says, for a person: its message, or what it is. Never throws. */
export function messageOf(error: unknown): string {
  const { name, message } = errorFactsOf(error);
  return message === '' ? name : message;
}
