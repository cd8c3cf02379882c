import { AttemptTimeoutError } from './errors.js';
import { fields, isObject, text } from './fields.js';
import { withoutSecrets } from './secrets.js';

export interface ErrorFacts {
  /** As `error.type` has it: `timeout` for a timed-out attempt, else the name, class or code. */
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

const MAX_LENGTH = 256;
const WORD = /^[a-z][\w.-]{0,60}$/i;

/** What is said of a thrown value instead of its own message, which may quote a prompt. */
const saidInstead = new WeakMap<object, string>();
/** The same for thrown texts, of which only a few are under way at a time. */
const textsSaidInstead = new Map<unknown, string>();

export function sayInstead(error: unknown, text: string): void {
  if (isObject(error)) saidInstead.set(error, text);
  else if (typeof error === 'string') {
    if (textsSaidInstead.size >= 16) textsSaidInstead.clear();
    textsSaidInstead.set(error, text);
  }
}

/** Reads any thrown value, without secrets and not longer than a person reads. Never throws. */
export function errorFactsOf(error: unknown): ErrorFacts {
  let name = 'Error';
  try {
    name = withoutSecrets(typeOf(error), 100);
    if (!(error instanceof Error)) {
      const own = typeof error === 'string' ? error : `thrown: ${name}`;
      return { name, message: cut(said(error) ?? own) };
    }
    const message = cut(said(error) ?? withoutCauses(error.message, error));
    if (error.stack === undefined) return { name, message };
    const header = message === '' ? error.name : `${error.name}: ${message}`;
    return { name, message, stack: withoutSecrets(header) + framesOf(error.stack, error.message) };
  } catch {
    return { name, message: '' };
  }
}

function said(error: unknown): string | undefined {
  return isObject(error) ? saidInstead.get(error) : textsSaidInstead.get(error);
}

function cut(message: string): string {
  const given = process.env.HOTSPAN_ERROR_MESSAGE_LENGTH?.trim() ?? '';
  return withoutSecrets(message, /^\d{1,15}$/.test(given) ? Number(given) : MAX_LENGTH);
}

/** Errors around a failed call mostly repeat its message. */
function withoutCauses(message: string, error: Error): string {
  let rest = message;
  let { cause } = error;
  for (let depth = 0; depth < 5 && isObject(cause); depth += 1) {
    const { message: inner } = cause;
    const instead = said(cause);
    if (instead !== undefined && typeof inner === 'string' && inner !== '')
      rest = rest.replaceAll(inner, () => instead);
    ({ cause } = fields(cause));
  }
  return rest;
}

/** The calls of a stack, whose first lines are the message of the error when it was made. */
function framesOf(stack: string, message: string): string {
  const at = message === '' ? -1 : stack.indexOf(message);
  const rest = at < 0 ? stack : stack.slice(at + message.length);
  const frames = /(?:\n[^\S\n]+at [^\n]*)+\s*$/.exec(rest.slice(-10_000))?.[0] ?? '';
  return /[?=]|:\/\/[^\s/]*@/.test(frames) ? withoutSecrets(frames) : frames;
}

function typeOf(error: unknown): string {
  if (error instanceof AttemptTimeoutError) return 'timeout';
  if (!(error instanceof Error)) {
    // What the server of a model says of an error in its stream has a code, or a type.
    const told = [fields(error).code, fields(error).type].map((word) => text(word) ?? '');
    return told.find((word) => WORD.test(word)) ?? (error === null ? 'null' : typeof error);
  }
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
