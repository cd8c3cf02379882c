import { AttemptTimeoutError } from '../errors.js';

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

/** What a thrown value says, for the status of a span. Never throws. */
export function errorMessageOf(error: unknown): string {
  try {
    if (error instanceof Error) return error.message;
    return typeof error === 'string' ? error : `thrown: ${errorTypeOf(error)}`;
  } catch {
    return '';
  }
}
