import { crc32 } from 'node:zlib';
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

/**
 * Whether the traces of an id fall into a shard: into one of them all, by the CRC-32 of the id, which ClickHouse has,
 * too. Without leading zeros, which some leave out.
 */
export function isInShard(traceId: string, { index, of }: Shard): boolean {
  let zeros = 0;
  while (traceId.charCodeAt(zeros) === 48) zeros += 1;
  const hash = crc32(zeros === 0 ? traceId : traceId.slice(zeros));
  return Math.floor((hash / 2 ** 32) * of) === index - 1;
}

/** The same in ClickHouse's SQL, with the parameters `shard` and `shards`. */
export const IS_IN_SHARD_SQL =
  "intDiv(CRC32(trim(LEADING '0' FROM lower(TraceId))) * {shards:UInt64}, 4294967296) + 1 = {shard:UInt64}";
