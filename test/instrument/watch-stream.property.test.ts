import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { watchStream } from '../../src/instrument/watch-stream.js';

type Stream = ReadableStream<Uint8Array>;

/** A body as `fetch` has it, whose chunks are known. */
function bodyOf(chunks: readonly Uint8Array[], failure?: Error) {
  const rest = [...chunks];
  let pulls = 0;
  let cancelled: unknown;
  const stream: Stream = new ReadableStream(
    {
      type: 'bytes',
      pull: (controller) => {
        pulls += 1;
        const next = rest.shift();
        if (next !== undefined) controller.enqueue(Uint8Array.from(next));
        else if (failure !== undefined) controller.error(failure);
        else {
          controller.close();
          controller.byobRequest?.respond(0);
        }
      },
      cancel: (reason) => void (cancelled = reason),
    },
    { highWaterMark: 0 },
  );
  return { stream, pulls: () => pulls, cancelled: () => cancelled };
}

/** What a watcher was told. */
function watch(stream: Stream) {
  const seen: Uint8Array[] = [];
  const ends: unknown[] = [];
  watchStream(stream, {
    onChunk: (chunk) => void seen.push(Uint8Array.from(chunk)),
    onEnd: () => void ends.push('end'),
    onError: (error) => void ends.push(error),
    onLost: () => void ends.push('lost'),
  });
  return { seen: () => Buffer.concat(seen), ends };
}

async function byReader(stream: Stream): Promise<string> {
  const reader = stream.getReader();
  const found: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(found).toString('latin1');
    found.push(value);
  }
}

async function byOwnMemory(stream: Stream): Promise<string> {
  const reader = stream.getReader({ mode: 'byob' });
  const found: Uint8Array[] = [];
  let memory = new ArrayBuffer(3);
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(memory));
    if (done) return Buffer.concat(found).toString('latin1');
    found.push(Uint8Array.from(value));
    memory = value.buffer;
  }
}

async function byIterator(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const found: Uint8Array[] = [];
  for await (const chunk of chunks) found.push(chunk);
  return Buffer.concat(found).toString('latin1');
}

const latin1 = async (response: Response) =>
  Buffer.from(await response.arrayBuffer()).toString('latin1');

/** Every way to read a body to its end. */
const WAYS: Readonly<Record<string, (stream: Stream) => Promise<string>>> = {
  getReader: byReader,
  'getReader with memory of its own': byOwnMemory,
  'for await': (stream) => byIterator(stream),
  values: (stream) => byIterator(stream.values()),
  'values without a cancel': (stream) => byIterator(stream.values({ preventCancel: true })),
  pipeThrough: (stream) => byReader(stream.pipeThrough(new TransformStream())),
  pipeTo: async (stream) => {
    const { writable, readable } = new TransformStream<Uint8Array>();
    const [found] = await Promise.all([byReader(readable), stream.pipeTo(writable)]);
    return found;
  },
  tee: async (stream) => {
    const [one, other] = stream.tee();
    const [found, same] = await Promise.all([byReader(one), byReader(other)]);
    expect(same).toBe(found);
    return found;
  },
  'tee, then memory of its own': async (stream) => {
    const [one, other] = stream.tee();
    const [found, same] = await Promise.all([byOwnMemory(one), byReader(other)]);
    expect(same).toBe(found);
    return found;
  },
  arrayBuffer: (stream) => latin1(new Response(stream)),
  blob: async (stream) => latin1(new Response(await new Response(stream).blob())),
  'clone of a response': async (stream) => {
    const response = new Response(stream);
    const [found, same] = await Promise.all([latin1(response.clone()), latin1(response)]);
    expect(same).toBe(found);
    return found;
  },
  'Readable.fromWeb': async (stream) => {
    const readable = Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]);
    return byIterator(readable as AsyncIterable<Uint8Array>);
  },
};

const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 }), { maxLength: 6 });

describe.each(Object.entries(WAYS))('%s', (_name, read) => {
  it('gives what it gives unwatched, and each byte is seen once', async () => {
    await fc.assert(
      fc.asyncProperty(chunks, async (sent) => {
        const { stream } = bodyOf(sent);
        const { seen, ends } = watch(stream);
        const whole = Buffer.concat(sent);
        expect(await read(stream)).toBe(whole.toString('latin1'));
        expect(seen()).toEqual(whole);
        expect(ends[0]).toBe('end');
      }),
      { numRuns: 30 },
    );
  });

  it('passes the error of the stream on, the same object', async () => {
    const failure = new Error('broken');
    const { stream } = bodyOf([Uint8Array.of(1)], failure);
    const { ends } = watch(stream);
    await expect(read(stream)).rejects.toBe(failure);
    expect(ends[0]).toBe(failure);
  });
});

it('nothing is read before somebody reads, nor after the reader stops', async () => {
  const { stream, pulls, cancelled } = bodyOf([Uint8Array.of(1), Uint8Array.of(2)]);
  const { ends } = watch(stream);
  const piped = stream.pipeThrough(new TransformStream(), {}).getReader();
  await Promise.resolve();
  const before = pulls();
  await piped.read();
  expect(pulls() - before).toBeLessThanOrEqual(2);
  await piped.cancel('enough');
  expect(cancelled()).toBe('enough');
  expect(ends[0]).toBe('end');
});

it.each<[string, string, (stream: Stream) => Promise<unknown>]>([
  ['the stream', 'lost', (stream) => stream.cancel('enough')],
  ['its reader', 'end', (stream) => stream.getReader().cancel('enough')],
  [
    'a loop',
    'end',
    async (stream) => {
      for await (const chunk of stream) return chunk;
      return undefined;
    },
  ],
])('%s ends it when it wants no more', async (_who, end, stop) => {
  const { stream, cancelled } = bodyOf([Uint8Array.of(1), Uint8Array.of(2)]);
  const { ends } = watch(stream);
  await stop(stream);
  expect(ends).toEqual([end]);
  expect([undefined, 'enough']).toContain(cancelled());
});

it('the stream, its reader and its chunks stay what they were', async () => {
  const chunk = Uint8Array.of(1, 2, 3);
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(chunk),
  });
  watch(stream);
  expect(stream).toBeInstanceOf(ReadableStream);
  expect(stream.locked).toBe(false);
  const reader = stream.getReader();
  expect(reader).toBeInstanceOf(ReadableStreamDefaultReader);
  expect((await reader.read()).value).toBe(chunk);
  expect(() => stream.getReader()).toThrow(TypeError);
  reader.releaseLock();
  expect(stream.locked).toBe(false);
});
