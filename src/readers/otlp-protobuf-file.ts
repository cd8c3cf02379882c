import { readOtlpProtobuf } from './otlp-protobuf.js';
import type { SpanSink } from './span-sink.js';

/** Larger messages are damage: receivers take no more, either. */
const MAX_MESSAGE_BYTES = 256 * 2 ** 20;
/** The longest length is a varint of five bytes behind a tag. */
const MAX_HEAD_BYTES = 6;
/** The tag of `resource_spans`, in a request and of `resource` in what it holds. */
const FIRST = 0x0a;
/** The tags of what `ResourceSpans` may begin with. */
const INNER: ReadonlySet<unknown> = new Set([0x0a, 0x12, 0x1a]);

interface Head {
  /** Where the message begins that is handed on. */
  readonly from: number;
  readonly to: number;
}

/** How a message of a file is found; `undefined` where this is no such file. */
type Framing = (bytes: Buffer) => Head | undefined;

const FRAMINGS: readonly Framing[] = [
  // Requests one after another are one large request: each `resource_spans` of it is read by itself.
  (bytes) => {
    const length = varint(bytes, 1);
    if (bytes[0] !== FIRST || length === undefined) return undefined;
    return { from: 0, to: length.end + length.value };
  },
  // As the Collector's file exporter writes: a length in four bytes.
  (bytes) => (bytes.length < 4 ? undefined : { from: 4, to: 4 + bytes.readUInt32BE() }),
  // As `writeDelimitedTo` of Protocol Buffers writes.
  (bytes) => {
    const length = varint(bytes, 0);
    return length && { from: length.end, to: length.end + length.value };
  },
];

function varint(bytes: Buffer, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 5 && at + index < bytes.length; index += 1) {
    const byte = bytes[at + index]!;
    value += (byte & 127) * 2 ** (7 * index);
    if (byte < 128) return { value, end: at + index + 1 };
  }
  return undefined;
}

/** Whether a request begins here, and its first `ResourceSpans` fits into it. */
function isRequest(bytes: Buffer, { from, to }: Head): boolean {
  const length = varint(bytes, from + 1);
  if (bytes[from] !== FIRST || length === undefined) return false;
  const inner = varint(bytes, length.end + 1);
  const end = length.end + length.value;
  return (
    to <= MAX_MESSAGE_BYTES &&
    end <= to &&
    INNER.has(bytes[length.end]) &&
    inner !== undefined &&
    inner.end + inner.value <= end
  );
}

/** Finds how the messages of a file of OTLP in Protocol Buffers follow each other, from its beginning. */
export function framingOf(start: Buffer): Framing | undefined {
  // JSON has no such characters, and what names a service is short.
  if (!start.subarray(0, 200).some((byte) => byte < 9 || (byte > 13 && byte < 32)))
    return undefined;
  return FRAMINGS.find((framing) => {
    const head = framing(start);
    return head !== undefined && head.to > head.from && isRequest(start, head);
  });
}

/** Reads the messages of a file from its pieces, and holds no more than one of them. */
export class OtlpProtobufFile {
  #pieces: Buffer[] = [];
  #size = 0;
  /** So many bytes are needed to go on. */
  #needed = MAX_HEAD_BYTES;
  #isOver = false;

  constructor(
    private readonly framing: Framing,
    private readonly sink: SpanSink,
    private readonly onDamage: (what: string) => void,
  ) {}

  write(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#pieces.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= this.#needed) this.#read();
  }

  end(): void {
    if (!this.#isOver && this.#size > 0) this.#read();
    if (this.#size > 0 && !this.#isOver) this.onDamage('the last message is cut: it was left out');
  }

  #read(): void {
    let rest = Buffer.concat(this.#pieces);
    let head = this.framing(rest);
    while (head !== undefined && head.to <= rest.length && !this.#isOver) {
      const message = rest.subarray(head.from, head.to);
      if (!readOtlpProtobuf(message, this.sink)) {
        this.onDamage('a message is damaged: it was left out');
      }
      rest = rest.subarray(head.to);
      head = this.framing(rest);
      this.sink.makeRoom();
    }
    const isLost = head === undefined ? rest.length >= MAX_HEAD_BYTES : head.to > MAX_MESSAGE_BYTES;
    if (isLost) {
      this.onDamage('the messages are damaged: what follows was left out');
      this.#isOver = true;
      rest = rest.subarray(rest.length);
    }
    this.#pieces = [rest];
    this.#size = rest.length;
    this.#needed = head?.to ?? MAX_HEAD_BYTES;
  }
}
