import { AttemptTimeoutError } from './errors.js';
import { withoutSecrets } from './secrets.js';

export interface ErrorFacts {
  /** As `error.type` has it: `timeout` for a timed-out attempt, else the name, class or code. */
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

/** Reads any thrown value without the credentials in addresses. Never throws. */
export function errorFactsOf(error: unknown): ErrorFacts {
  let name = 'Error';
  try {
    name = typeOf(error);
    if (!(error instanceof Error)) {
      const message = typeof error === 'string' ? withoutSecrets(error) : `thrown: ${name}`;
      return { name, message };
    }
    const { message, stack } = error;
    const trace = stack === undefined ? {} : { stack: withoutSecrets(stack) };
    return { name, message: withoutSecrets(message), ...trace };
  } catch {
    return { name, message: '' };
  }
}

function typeOf(error: unknown): string {
  if (error instanceof AttemptTimeoutError) return 'timeout';
  if (!(error instanceof Error)) return error === null ? 'null' : typeof error;
  const className = (error.constructor as { name?: unknown } | undefined)?.name;
  const { code } = error as { code?: unknown };
  const telling = [error.name, className, code].find(
    (name): name is string => typeof name === 'string' && name !== '' && name !== 'Error',
  );
  return telling ?? 'Error';
}

/** Returns what a thrown value says to a person: its message, or its type. Never throws. */
export function messageOf(error: unknown): string {
  const { name, message } = errorFactsOf(error);
  return message === '' ? name : message;
}
