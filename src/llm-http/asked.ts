import { fields, text } from '../fields.js';
import { modelApiOf, type ModelApi } from '../model-api.js';
import { readShallow } from '../answers/shallow-json.js';

/** A request that calls a model. Its prompt is not kept. */
export interface Asked {
  readonly provider: string;
  readonly operation: string;
  readonly model: string | undefined;
  /** Host and path. */
  readonly address: string;
  readonly marks: Marks;
}

/** What a retry has in common with the request before it, as far as it is known. */
export interface Marks {
  /** The client's own id of the call. */
  readonly id?: string | undefined;
  readonly length?: string | undefined;
  readonly hash?: string | undefined;
}

/** A longer member of a request is a prompt. */
const MAX_MEMBER_LENGTH = 1_000;
/** To hash a longer body would hold up the process: its length stands for it. */
const MAX_HASHED = 1_000_000;

/** Returns the request to a model that has this address, unless its body tells otherwise. */
export function readRequest(address: string, body: string | undefined): Asked | undefined {
  const api = modelApiOf(address);
  if (api === undefined) return undefined;
  return body === undefined ? askedBlindly(address, api) : askedOf(address, api, body);
}

/** The same where the body is not known, or not yet. */
export function askedBlindly(address: string, api: ModelApi, marks: Marks = {}): Asked | undefined {
  if (!api.isCertain) return undefined;
  const { provider, operation, model } = api;
  return { provider, operation, model, address: withoutQuery(address), marks };
}

export function askedOf(address: string, api: ModelApi, body: string): Asked | undefined {
  const found = readShallow(body, MAX_MEMBER_LENGTH);
  if (found === undefined) return undefined;
  const hasField = (names: string) => names.split('|').some((name) => found[name] !== undefined);
  if (!api.bodyFields.every(hasField)) return undefined;
  const { provider, operation } = api;
  const model = api.model ?? text(fields(found).model);
  const marks = { length: String(body.length), hash: hashOfBody(body) };
  return { provider, operation, model, address: withoutQuery(address), marks };
}

/** Whether a request may be the same as an earlier one, sent again. */
export function isSameRequest(a: Asked, b: Asked): boolean {
  if (a.address !== b.address) return false;
  if (a.marks.id !== undefined && b.marks.id !== undefined) return a.marks.id === b.marks.id;
  return (['length', 'hash'] as const).every((mark) => {
    const [one, other] = [a.marks[mark], b.marks[mark]];
    return one === undefined || other === undefined || one === other;
  });
}

function hashOfBody(body: string): string | undefined {
  if (body.length > MAX_HASHED) return undefined;
  const { createHash } = process.getBuiltinModule('node:crypto');
  // Half of a SHA-256 in hex, as for other calls.
  return createHash('sha256').update(body).digest('hex').slice(0, 32);
}

function withoutQuery(address: string): string {
  return /^(?:[a-z]+:\/\/)?(?:[^/]*@)?([^?#]*)/i.exec(address)![1]!;
}
