import { parseJson, type Fields } from '../fields.js';

/** Stands for a member that is too long to be read. */
const LONG = true;

/**
 * Reads the short members of a JSON object, and of the others that they are there: what tells a request
 * is short, and to parse a long prompt or a list of embeddings would hold up the process. Returns
 * undefined for any other text.
 */
export function readShallow(json: string, maxLength: number): Fields | undefined {
  if (json.length <= maxLength) return asObject(parseJson(json));
  const found: [key: string, value: unknown][] = [];
  let at = skipSpace(json, 0);
  if (json[at] !== '{') return undefined;
  at = skipSpace(json, at + 1);
  while (json[at] === '"') {
    const keyEnd = endOfString(json, at);
    const colon = keyEnd < 0 ? -1 : skipSpace(json, keyEnd);
    if (json[colon] !== ':') return undefined;
    const start = skipSpace(json, colon + 1);
    const end = endOfValue(json, start);
    if (end < 0) return undefined;
    const value = end - start > maxLength ? LONG : parseJson(json.slice(start, end));
    found.push([String(parseJson(json.slice(at, keyEnd))), value]);
    at = skipSpace(json, end);
    if (json[at] === '}') return Object.fromEntries(found);
    if (json[at] !== ',') return undefined;
    at = skipSpace(json, at + 1);
  }
  return undefined;
}

function asObject(value: unknown): Fields | undefined {
  const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
  return isObject ? (value as Fields) : undefined;
}

function skipSpace(json: string, at: number): number {
  let next = at;
  while (json.charCodeAt(next) <= 0x20) next += 1;
  return next;
}

/** Returns where it ends, or -1. */
function endOfValue(json: string, start: number): number {
  const first = json[start];
  if (first === '"') return endOfString(json, start);
  if (first === '{' || first === '[') return endOfNested(json, start);
  const word = /[\w.+-]+/y;
  word.lastIndex = start;
  return word.test(json) ? word.lastIndex : -1;
}

function endOfNested(json: string, start: number): number {
  const marks = /["{}[\]]/g;
  marks.lastIndex = start;
  let depth = 0;
  for (let found = marks.exec(json); found !== null; found = marks.exec(json)) {
    const [mark] = found;
    if (mark === '"') {
      const end = endOfString(json, found.index);
      if (end < 0) return -1;
      marks.lastIndex = end;
      continue;
    }
    depth += mark === '{' || mark === '[' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return -1;
}

function endOfString(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (json[at - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return at + 1;
  }
  return -1;
}
