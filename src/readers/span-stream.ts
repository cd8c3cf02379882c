import { Tokenizer, TokenParser, TokenType } from '@streamparser/json';
import { fields } from '../fields.js';
import type { DocumentStream } from './document-splitter.js';
import { readJaegerSpan, servicesIn } from './jaeger-json.js';
import { readOtlpSpan, RESOURCES, SCOPES, serviceOfResource } from './otlp.js';
import type { SpanSink } from './span-sink.js';

/** Where spans, and what says of which service they are, can stand in a document. */
const PATHS = [
  ...['$', '$.*', '$.result', '$.*.result'].flatMap((start) =>
    RESOURCES.flatMap((resource) => [
      `${start}.${resource}.*.resource`,
      ...SCOPES.map((scope) => `${start}.${resource}.*.${scope}.*.spans.*`),
    ]),
  ),
  ...['$', '$.*', '$.data.*', '$.*.data.*'].flatMap((start) => [
    `${start}.processes`,
    `${start}.spans.*`,
  ]),
];

/** Deeper values are no traces. */
const MAX_DEPTH = 1_000;
/** So much without a span, or of one span, is not read to its end. */
const MAX_BYTES_WITHOUT_SPAN = 64 * 2 ** 20;
/** Spans that wait for the name of their service; Jaeger writes it after them. */
const MAX_HELD = 1_000_000;

type Read = (span: unknown) => void;

/**
 * Reads a document of any size from its pieces: the same documents that `readDocument` reads, some ten
 * times slower, and no more of it in memory than a span; of Jaeger's JSON the spans of one trace.
 */
export class SpanStream implements DocumentStream {
  readonly #tokenizer = new Tokenizer({
    separator: '',
    // Otherwise each digit, and each escaped character, of an endless one is kept as a string of its own.
    numberBufferSize: 64,
    stringBufferSize: 1024,
  });
  #depth = 0;
  #failed = false;
  #bytesWithoutSpan = 0;
  /** The resource, or the trace, that the last spans were of: what the parser keeps for it. */
  #owner: unknown;
  /** Reads a span of the owner, when it is known of which service it is. */
  #read: Read | undefined;
  #held: unknown[] = [];
  #readUnnamed: Read = () => undefined;

  constructor(private readonly sink: SpanSink) {
    const parser = new TokenParser({ paths: PATHS, keepStack: false, separator: '' });
    this.#tokenizer.onToken = (token) => {
      this.#countDepth(token.token);
      parser.write(token);
    };
    parser.onValue = ({ value, key, stack }) => {
      this.#bytesWithoutSpan = 0;
      if (typeof key !== 'number') {
        this.#own(stack.at(-1));
        this.#settle(key === 'processes' ? this.#jaegerReader(value) : this.#otlpReader(value));
        return;
      }
      const isOtlp = SCOPES.includes(String(stack.at(-3)?.key));
      this.#own(stack.at(isOtlp ? -4 : -2));
      if (this.#read !== undefined) {
        this.#read(value);
        return;
      }
      this.#readUnnamed = isOtlp ? this.#otlpReader(undefined) : this.#jaegerReader(undefined);
      if (this.#held.length >= MAX_HELD) this.#settle(this.#readUnnamed);
      else this.#held.push(isOtlp ? value : withoutLogs(value));
    };
  }

  write(bytes: Uint8Array): boolean {
    if (this.#failed) return false;
    this.#bytesWithoutSpan += bytes.length;
    try {
      this.#tokenizer.write(bytes);
    } catch {
      this.#failed = true;
    }
    if (this.#bytesWithoutSpan > MAX_BYTES_WITHOUT_SPAN) this.#failed = true;
    return !this.#failed;
  }

  end(): boolean {
    this.#own(undefined);
    if (this.#failed || this.#depth !== 0) return false;
    try {
      this.#tokenizer.end();
    } catch {
      return false;
    }
    return true;
  }

  #countDepth(token: TokenType): void {
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) this.#depth += 1;
    else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) this.#depth -= 1;
    if (this.#depth > MAX_DEPTH) throw new RangeError('the JSON is nested too deep');
  }

  /** Goes on to another resource or trace: what is held of the one before is of an unknown service. */
  #own(owner: unknown): void {
    if (owner === this.#owner) return;
    this.#settle(this.#readUnnamed);
    this.#owner = owner;
    this.#read = undefined;
  }

  #settle(read: Read): void {
    const held = this.#held;
    this.#held = [];
    for (const span of held) read(span);
    this.#read = read;
  }

  #otlpReader(resource: unknown): Read {
    const service = serviceOfResource(resource, this.sink);
    return (span) => readOtlpSpan(span, service, this.sink);
  }

  #jaegerReader(processes: unknown): Read {
    const services = servicesIn(processes, this.sink);
    return (span) => readJaegerSpan(span, services, this.sink);
  }
}

/** The logs of a span may be most of it, and nothing reads them. */
function withoutLogs(span: unknown): unknown {
  return { ...fields(span), logs: undefined };
}
