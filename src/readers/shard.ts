import { BadInputError } from '../errors.js';

/** One of several parts of all traces. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

/** More parts than machines would take, and no more to list than a summary holds. */
const MAX_SHARDS = 10_000;

/**
 * Reads `3/16`.
 *
 * @throws BadInputError for anything else
 */
export function parseShard(text: string): Shard {
  const [, index = '', of = ''] = /^\s*(\d{1,5})\s*\/\s*(\d{1,5})\s*$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (shard.index >= 1 && shard.index <= shard.of && shard.of <= MAX_SHARDS) return shard;
  throw new BadInputError(
    `shard: expected one such as 3/16, from 1/16 to 16/16, got ${JSON.stringify(text.slice(0, 40))}`,
  );
}

/** Whether the traces of an id fall into a shard: into one of them all, whatever the bits of ids are like. */
export function isInShard(traceId: string, { index, of }: Shard): boolean {
  return Math.floor((hashOfId(traceId) / 2 ** 32) * of) === index - 1;
}

/** FNV-1a with 32 bits, without leading zeros, which some leave out, and mixed as MurmurHash3 does at its end. */
function hashOfId(traceId: string): number {
  let hash = 0x811c9dc5;
  let at = 0;
  while (traceId.charCodeAt(at) === 48) at += 1;
  for (; at < traceId.length; at += 1) hash = Math.imul(hash ^ traceId.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
