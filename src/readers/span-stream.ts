import { fields, text } from '../fields.js';
import type { DocumentStream } from './document-splitter.js';
import { HeldTexts } from './held-texts.js';
import { readJaegerSpan, originsIn } from './jaeger-json.js';
import { readDocument } from './json-formats.js';
import { JsonScanner, type Container } from './json-scanner.js';
import { readOtlpSpan, RESOURCES, SCOPES, originOfResource } from './otlp.js';
import type { SpanSink } from './span-sink.js';

/** Where spans, and what says of which service they are, can stand in a document. */
const IN_SCOPE = String.raw`(${SCOPES.join('|')})\.\*\.(scope|instrumentationLibrary|spans\.\*)`;
const IN_ENTRY = String.raw`(resource|${IN_SCOPE})`;
const OTLP = String.raw`(\.(?:result|trace))?\.(${RESOURCES.join('|')})\.\*\.${IN_ENTRY}`;
const JAEGER = String.raw`(\.data\.\*)?\.(processes|spans\.\*)`;
const WANTED = new RegExp(String.raw`^\$(\.\*)?(${OTLP}|${JAEGER})$`);
const IS_JAEGER = new RegExp(String.raw`^\$(\.\*)?${JAEGER}$`);

/** So much is looked at to find out what the document is. */
const MAX_LOOK = 64 * 2 ** 10;
/** What documents begin with whose spans lie in lists of their resources or traces. */
const NESTED = new RegExp(
  String.raw`"(?:${[...RESOURCES, ...SCOPES, 'spans', 'processes', 'scope', 'resource'].join('|')})"\s*:\s*[[{]`,
);
/** Where whole values lie in all other documents, by what these begin with. */
const FLAT: readonly (readonly [start: RegExp, wanted: RegExp])[] = [
  [/^\s*\[/, /^\$\.\*$/],
  [/^\s*\{\s*"(?:meta|data)"/, /^\$\.data\.\*$/],
  [/"hits"\s*:\s*\{/, /^\$\.hits\.hits\.\*$/],
  [/^/, /^\$$/],
];

const IS_SCOPE = /\.(?:scope|instrumentationLibrary)$/;

/** So much without a span, or of one span, is not read to its end. */
const MAX_BYTES_WITHOUT_SPAN = 64 * 2 ** 20;

type Read = (span: unknown, scope?: string) => void;

/** Is in no JSON: stands between the name of a scope and a span of it that is held. */
const AFTER_SCOPE = '\u0001';

/**
 * Reads a document of any size from its pieces: the same documents that `readDocument` reads. It keeps no
 * more of it in memory than a span, and the spans that come before the name of their service, as Jaeger's do.
 */
export class SpanStream implements DocumentStream {
  #scanner: JsonScanner | undefined;
  #failed = false;
  #bytesWithoutSpan = 0;
  /** The resource entry, or the trace, that the last spans were in. */
  #owner: Container | undefined;
  /** Reads a span of the owner, when it is known of which service it is. */
  #read: Read | undefined;
  /** Of which kind the spans are that are held; absent if none is. */
  #isHeldOtlp: boolean | undefined;
  /** The entry of a scope that was last begun to be read, and the name of its instrumentation. */
  #scope: { readonly entry: Container | undefined; readonly name: string | undefined } | undefined;
  #held = new HeldTexts();

  constructor(private readonly sink: SpanSink) {}

  write(bytes: Buffer): boolean {
    this.#bytesWithoutSpan += bytes.length;
    if (!this.#failed) this.#try(() => this.#scannerOf(bytes).write(bytes));
    if (this.#bytesWithoutSpan > MAX_BYTES_WITHOUT_SPAN) this.#failed = true;
    return !this.#failed;
  }

  end(): boolean {
    if (!this.#failed) this.#try(() => this.#scanner?.end());
    this.#try(() => this.#own(undefined));
    return !this.#failed;
  }

  get rest(): Buffer {
    return this.#scanner?.rest ?? Buffer.alloc(0);
  }

  #scannerOf(bytes: Buffer): JsonScanner {
    return (this.#scanner ??= this.#scannerFor(bytes.toString('utf8', 0, MAX_LOOK)));
  }

  #scannerFor(start: string): JsonScanner {
    if (NESTED.test(start)) {
      return new JsonScanner(WANTED, (json, containers) => this.#take(json, containers));
    }
    const [, wanted] = FLAT.find(([pattern]) => pattern.test(start))!;
    return new JsonScanner(wanted, (json) => {
      this.#bytesWithoutSpan = 0;
      readDocument(JSON.parse(json), this.sink);
      this.sink.makeRoom();
    });
  }

  #try(read: () => unknown): void {
    try {
      if (read() === false) this.#failed = true;
    } catch {
      this.#failed = true;
    }
  }

  #take(json: string, containers: readonly Container[]): void {
    this.#bytesWithoutSpan = 0;
    const { isArray, next } = containers.at(-1)!;
    const isOtlp = !IS_JAEGER.test(next);
    if (!isArray && IS_SCOPE.test(next)) {
      this.#own(containers.at(-3));
      this.#scope = { entry: containers.at(-1), name: text(fields(JSON.parse(json)).name) };
      return;
    }
    this.#own(containers.at(isArray ? (isOtlp ? -4 : -2) : -1));
    if (!isArray) {
      this.#settle(this.#reader(isOtlp, JSON.parse(json)));
      return;
    }
    const scope = containers.at(-2) === this.#scope?.entry ? this.#scope?.name : undefined;
    if (this.#read !== undefined) {
      this.#read(JSON.parse(json), scope);
    } else {
      this.#isHeldOtlp = isOtlp;
      const held = `${scope ?? ''}${AFTER_SCOPE}${json}`;
      if (!this.#held.add(held)) this.#settle(this.#reader(isOtlp, undefined));
    }
  }

  /** Goes on to another resource or trace: what is held of the one before is of an unknown service. */
  #own(owner: Container | undefined): void {
    if (owner === this.#owner) return;
    if (this.#isHeldOtlp !== undefined) this.#settle(this.#reader(this.#isHeldOtlp, undefined));
    this.#owner = owner;
    this.#read = undefined;
  }

  #settle(read: Read): void {
    const held = this.#held;
    this.#held = new HeldTexts();
    this.#isHeldOtlp = undefined;
    this.#read = read;
    for (const list of held.lists()) {
      for (const each of list) {
        const at = each.indexOf(AFTER_SCOPE);
        read(JSON.parse(each.slice(at + 1)), each.slice(0, at) || undefined);
      }
      this.sink.makeRoom();
    }
  }

  #reader(isOtlp: boolean, owner: unknown): Read {
    if (isOtlp) {
      const origin = originOfResource(owner, this.sink);
      return (span, scope) => readOtlpSpan(span, origin, this.sink, scope);
    }
    const origins = originsIn(owner, this.sink);
    return (span) => readJaegerSpan(span, origins, this.sink);
  }
}
