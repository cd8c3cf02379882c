import type { Transform } from 'node:stream';
import type { WatchedBody } from '../instrument/watch-stream.js';

/** Takes the bytes of a body as they come from the network, and hands them on as they were before. */
export function decompressed(encoding: string, body: WatchedBody): WatchedBody {
  if (encoding === '' || encoding === 'identity') return body;
  const unzip = unzipFor(encoding);
  // Its bytes tell nothing.
  if (unzip === undefined) {
    return {
      onChunk: () => undefined,
      onEnd: () => body.onEnd(),
      onError: (error) => body.onError(error),
      onLost: () => body.onLost(),
    };
  }
  unzip.on('data', (chunk: Buffer) => body.onChunk(chunk));
  unzip.on('end', () => body.onEnd());
  // What came so far is all there is.
  unzip.on('error', () => body.onEnd());
  return {
    onChunk: (chunk) => void unzip.write(Buffer.from(chunk)),
    onEnd: () => void unzip.end(),
    onError: (error) => {
      body.onError(error);
      unzip.destroy();
    },
    onLost: () => void unzip.end(),
  };
}

function unzipFor(encoding: string): Transform | undefined {
  const zlib = process.getBuiltinModule('node:zlib');
  switch (encoding.toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip();
    case 'deflate':
      return zlib.createInflate();
    case 'br':
      return zlib.createBrotliDecompress();
    default:
      return undefined;
  }
}
