import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import type { Summary } from '../summary.js';
import { BadInputError } from '../errors.js';
import { readBytes } from './byte-source.js';
import { printable } from '../format.js';
import { checkSavedSummary } from './saved-summary.js';

const SNIFFED_BYTES = 64 * 1024;
/** Unpacked; far more than the largest has. What packs well may be larger than the memory. */
const MAX_SUMMARY_BYTES = 256 * 2 ** 20;

/**
 * How a file holds a saved summary: as it is, or packed with gzip; undefined when it holds none. Told only
 * by its beginning: a file of traces may be larger than the memory.
 */
export function savedSummaryKind(source: string): 'plain' | 'packed' | undefined {
  try {
    // What is read from a pipe is gone.
    if (!statSync(source).isFile()) return undefined;
    const start = startOf(source);
    const isPacked = start[0] === 0x1f && start[1] === 0x8b;
    const text = (isPacked ? unpackedStart(start) : start).toString('utf8');
    if (!/^\uFEFF?\s*\{/.test(text) || !/"schemaVersion"\s*:/.test(text)) return undefined;
    return isPacked ? 'packed' : 'plain';
  } catch {
    // An address, or what the reader of traces will say more about.
    return undefined;
  }
}

/**
 * Reads a saved summary from a file that is packed with gzip.
 *
 * @throws BadInputError when it cannot be unpacked or holds something else
 */
export async function readPackedSummary(file: string): Promise<Summary> {
  const problem = (what: string) =>
    new BadInputError(`${printable(file)}: expected a saved summary, but ${what}`);
  const chunks: Buffer[] = [];
  let size = 0;
  let value: unknown;
  try {
    for await (const chunk of readBytes(file)) {
      size += chunk.length;
      if (size > MAX_SUMMARY_BYTES) throw problem('it is larger than any is');
      chunks.push(chunk);
    }
    value = JSON.parse(
      Buffer.concat(chunks)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    ) as unknown;
  } catch (error) {
    throw error instanceof BadInputError ? error : problem('it is not JSON or is cut');
  }
  return checkSavedSummary(value, file);
}

function startOf(file: string): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(SNIFFED_BYTES);
    return bytes.subarray(0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}

/** Unpacks what there is: the rest is missing. */
function unpackedStart(start: Buffer): Buffer {
  return gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH });
}
