import { providerName } from '../cost/provider-name.js';
import { text, type Fields } from '../fields.js';
import { modelApiOf, type ModelApi } from '../model-api.js';
import { readShallow } from '../answers/shallow-json.js';

/** A request that calls a model. Its prompt is not kept. */
export interface Asked {
  /** Nothing if neither the address nor the model's name tells it. */
  readonly provider: string | undefined;
  readonly operation: string;
  readonly model: string | undefined;
  /** `true` if that is a name that a user gave to a model of another name. */
  readonly isDeployment: boolean;
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

/** The body of a request: as it is sent, the fields of a form, or nothing if it cannot be read. */
export type SentBody = string | Fields | undefined;

/** Returns the request to a model that has this address, unless its body tells otherwise. */
export function readRequest(address: string, body: SentBody): Asked | undefined {
  const api = modelApiOf(address);
  if (api === undefined) return undefined;
  return body === undefined ? askedBlindly(address, api) : askedOf(address, api, body);
}

/** The same where the body is not known, or not yet. */
export function askedBlindly(address: string, api: ModelApi, marks: Marks = {}): Asked | undefined {
  return api.isCertain ? ask(address, api, api.model, marks) : undefined;
}

export function askedOf(address: string, api: ModelApi, body: string | Fields): Asked | undefined {
  const isSent = typeof body === 'string';
  const found = isSent ? (readShallow(body, MAX_MEMBER_LENGTH) ?? formIn(body)) : body;
  if (found === undefined) return undefined;
  const hasField = (names: string) => names.split('|').some((name) => found[name] !== undefined);
  if (!api.bodyFields.every(hasField)) return undefined;
  const marks = isSent ? { length: String(body.length), hash: hashOfBody(body) } : {};
  return ask(address, api, api.model ?? text(found.model), marks);
}

function ask(address: string, api: ModelApi, model: string | undefined, marks: Marks): Asked {
  const { operation, isDeployment } = api;
  const provider = providerName(api.provider, isDeployment ? undefined : model);
  return { provider, operation, model, isDeployment, address: withoutQuery(address), marks };
}

/** Where the short fields of a form are, which carries a recording or a picture as well. */
const FORM_EDGE = 64_000;

function formIn(body: string): Fields | undefined {
  if (!body.startsWith('--')) return undefined;
  const edges =
    body.length > 2 * FORM_EDGE ? [body.slice(0, FORM_EDGE), body.slice(-FORM_EDGE)] : [body];
  const field = /\bname="?(\w+)"?\r\n(?:[\w-]+:.*\r\n)*\r\n(.{1,200})\r\n--/g;
  const found = edges.flatMap((edge) => [...edge.matchAll(field)]);
  return Object.fromEntries(found.map(([, name = '', value]) => [name, value]));
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
