import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import { BadInputError } from '../errors.js';
import { isBareAddress, nameOf, withoutUser } from './source-name.js';

const STDIN = '-';
/** Larger chunks save no more time, and cost memory. */
const CHUNK_BYTES = 256 * 2 ** 10;

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'it may not be read',
  ERR_INVALID_ARG_VALUE: 'that is no name of a file',
};

/**
 * The bytes of a file, or of standard input for `-`; unpacked when they are gzip.
 *
 * @throws BadInputError when the file cannot be read
 */
export async function* readBytes(path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  try {
    yield* unpacked(
      path === STDIN
        ? process.stdin
        : createReadStream(path, { signal, highWaterMark: CHUNK_BYTES }),
    );
  } catch (error) {
    signal?.throwIfAborted();
    const { code = '' } = error as NodeJS.ErrnoException;
    // What is wrong with packed data is said where it is known what was read of it.
    if (code.startsWith('Z_')) throw error;
    if (code === 'ENOENT' && isBareAddress(path)) {
      throw new BadInputError(
        `${withoutUser(`http://${path}`).slice('http://'.length)}: there is no such file; ` +
          'the address of a Jaeger begins with http:// or https://',
        { cause: error },
      );
    }
    const problem = UNREADABLE[code] ?? `it could not be read (${code})`;
    throw new BadInputError(`${nameOf(path)}: expected traces, but ${problem}`, { cause: error });
  }
}

/** The bytes, unpacked when they begin as gzip does. Of what is cut, all that is there. */
export async function* unpacked(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const iterator = bytes[Symbol.asyncIterator]();
  try {
    let start = Buffer.alloc(0);
    let done: boolean | undefined = false;
    while (start.length < 2 && done !== true) {
      const next = await iterator.next();
      done = next.done;
      if (next.done !== true) start = Buffer.concat([start, next.value]);
    }
    const whole = startingWith(start, iterator);
    yield* start[0] === 0x1f && start[1] === 0x8b ? gunzipped(whole) : whole;
  } finally {
    await iterator.return?.();
  }
}

async function* startingWith(
  start: Buffer,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Buffer> {
  if (start.length > 0) yield start;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    const { buffer, byteOffset, byteLength } = next.value;
    yield Buffer.from(buffer, byteOffset, byteLength);
  }
}

function gunzipped(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  // A cut file gives what is in it; that it was cut shows in the JSON.
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  // Who reads gets the errors.
  return pipeline(Readable.from(bytes), gunzip, () => undefined);
}
