import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import { BadInputError } from '../errors.js';
import { addressWithoutSecrets } from '../secrets.js';
import type { ReadOptions } from './read-options.js';

const STDIN = '-';
/** Larger chunks save no more time, and cost memory. */
const CHUNK_BYTES = 256 * 2 ** 10;

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'its permissions forbid reading it',
  ERR_INVALID_ARG_VALUE: 'that is not a file name',
};

export function isAddress(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/** How messages name a source: an address is named without its user and password. */
export function nameOf(source: string): string {
  return source === STDIN ? 'standard input' : addressWithoutSecrets(source);
}

export function requireOneStdin(sources: readonly string[]): void {
  if (sources.filter((source) => source === STDIN).length > 1) {
    throw new BadInputError('expected - only once: standard input can be read only once');
  }
}

/** Reads a file, or standard input for `-`, and unpacks gzip. */
export async function* readBytes(
  path: string,
  { signal, onProgress }: Pick<ReadOptions, 'signal' | 'onProgress'> = {},
): AsyncGenerator<Buffer> {
  try {
    const file = () => createReadStream(path, { signal, highWaterMark: CHUNK_BYTES });
    const bytes: AsyncIterable<Buffer> = path === STDIN ? process.stdin : file();
    yield* unpacked(onProgress === undefined ? bytes : watched(bytes, path, onProgress));
  } catch (error) {
    signal?.throwIfAborted();
    // Only the reader of the content knows what was read before the damage.
    if (isGzipError(error)) throw error;
    throw new BadInputError(whyUnreadable(path, error), { cause: error });
  }
}

async function* watched(
  bytes: AsyncIterable<Buffer>,
  path: string,
  onProgress: NonNullable<ReadOptions['onProgress']>,
): AsyncGenerator<Buffer> {
  const source = nameOf(path);
  const all = path === STDIN ? {} : { allBytes: (await stat(path)).size };
  let readBytes = 0;
  for await (const chunk of bytes) {
    readBytes += chunk.length;
    onProgress({ source, readBytes, ...all });
    yield chunk;
  }
}

function whyUnreadable(path: string, error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  const looksLikeAddress = /^(?:[^/\s]*@)?[\w.-]+:\d+(?:\/.*)?$/.test(path);
  if (code === 'ENOENT' && looksLikeAddress) {
    const name = addressWithoutSecrets(`http://${path}`).slice('http://'.length);
    return `${name}: there is no such file; the address of a server begins with http:// or https://`;
  }
  const why = UNREADABLE[code] ?? `it could not be read (${code})`;
  return `${nameOf(path)}: expected traces or a saved summary, but ${why}`;
}

export function isGzipError(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('Z_');
}

/** Unpacks bytes that begin as gzip does, and passes on all others. A cut file gives what it has. */
export async function* unpacked(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const { start, all } = await peekBytes(bytes, 2);
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  yield* isGzip ? gunzipped(all) : all;
}

function gunzipped(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  // Without this flush a cut file would give nothing.
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  // The reader gets the errors.
  return pipeline(Readable.from(bytes), gunzip, () => undefined);
}

/** The beginning of a source, which is not lost to those who read all of it. */
export interface Peeked {
  readonly start: Buffer;
  readonly all: AsyncGenerator<Buffer>;
  /** Gives up the source, when nobody reads it. */
  readonly close: () => Promise<unknown>;
}

/** Reads at least so many bytes ahead, unless there are fewer. An error is thrown by `all`. */
export async function peekBytes(bytes: AsyncIterable<Uint8Array>, length: number): Promise<Peeked> {
  const iterator = bytes[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  let failure: { readonly error: unknown } | undefined;
  try {
    while (start.length < length) {
      const next = await iterator.next();
      if (next.done === true) break;
      start = Buffer.concat([start, next.value]);
    }
  } catch (error) {
    failure = { error };
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      if (start.length > 0) yield start;
      if (failure !== undefined) throw failure.error;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        const { buffer, byteOffset, byteLength } = next.value;
        yield Buffer.from(buffer, byteOffset, byteLength);
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { start, all: all(), close: async () => iterator.return?.() };
}

/** Reads to the end, or until there are more than so many bytes. */
export async function readAll(bytes: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) break;
  }
  return Buffer.concat(chunks);
}
