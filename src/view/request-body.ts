import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { unzip } from 'node:zlib';

/** The most bytes of a request, as it comes and unpacked: as many as OpenTelemetry's Collector takes. */
export const MAX_BODY_BYTES = 20 * 2 ** 20;
/** The most bytes of all requests that are on their way. */
const MAX_HELD_BYTES = 4 * MAX_BODY_BYTES;

const unpack = promisify(unzip);
const PACKED = new Set(['gzip', 'x-gzip', 'deflate']);

/** Why a body is not read, as a status and a line. */
export class BodyProblem extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Reads the bodies of requests, in bounded memory. */
export class BodyReader {
  #heldBytes = 0;

  /**
   * Reads a body and unpacks it.
   *
   * @throws BodyProblem (rejects) if it is too large, damaged, or packed in an unknown way, or if there is no room now
   */
  async read<T>(request: IncomingMessage, use: (body: Buffer) => Promise<T>): Promise<T> {
    const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
    const isPacked = PACKED.has(encoding);
    if (!isPacked && encoding !== 'identity') {
      throw new BodyProblem(415, 'expected a body in gzip or deflate, or not packed');
    }
    if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
    let size = 0;
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of pieces(request)) {
        size += chunk.length;
        this.#heldBytes += chunk.length;
        if (size > MAX_BODY_BYTES) throw tooLarge();
        if (this.#heldBytes > MAX_HELD_BYTES) throw new BodyProblem(503, 'too much comes at once');
        chunks.push(chunk);
      }
      const body = Buffer.concat(chunks);
      return await use(isPacked && size > 0 ? await unpacked(body) : body);
    } finally {
      this.#heldBytes -= size;
    }
  }
}

/** Unlike the request's own iterator, leaves the connection open for an answer when nobody reads on. */
function pieces(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false });
}

async function unpacked(body: Buffer): Promise<Buffer> {
  try {
    return await unpack(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new BodyProblem(400, 'expected a body packed as its Content-Encoding says');
  }
}

function tooLarge(): BodyProblem {
  return new BodyProblem(413, `expected at most ${MAX_BODY_BYTES} bytes, also when unpacked`);
}
