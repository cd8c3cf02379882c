/** An object or an array that has begun and not ended. */
export interface Container {
  readonly isArray: boolean;
  readonly path: string;
  /** The path of its next value, as `$.key.*`: with a star for the values of an array. */
  next: string;
}

/** Deeper values are no traces. */
const MAX_DEPTH = 1_000;
/** Longer paths are cut, and not wanted. */
const MAX_PATH = 100;

const BLANKS = [...Buffer.from(' \t\n\r')];
const BETWEEN_DOCUMENTS = [...BLANKS, ...Buffer.from('\ufeff')];
const DELIMITERS = [...BLANKS, ...Buffer.from(',:"[]{}')];
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
/** Makes a brace of a bracket, so that one comparison finds both. */
const TO_BRACE = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** What may come next. */
const NEXT = { value: 1, key: 2, colon: 4, comma: 8, end: 16 } as const;

/**
 * Finds the wanted values in JSON, from pieces of it, and hands on the text of each. It checks all that is
 * around them, but of a wanted value it only finds the end: its text may be damaged.
 *
 *     {"spans":[{"name":"a"},{"name":"b"}],"more":1}
 *               └────1─────┘ └────2─────┘              wanted: $.spans.*
 */
export class JsonScanner {
  readonly #containers: Container[] = [];
  #next: number = NEXT.value;
  /** What has begun, and did not end in these. */
  #pieces: Buffer[] = [];
  #size = 0;
  /** It is looked through again when it has doubled, so that a long one costs no more than twice. */
  #enough = 0;

  constructor(
    private readonly wanted: RegExp,
    private readonly onValue: (json: string, containers: readonly Container[]) => void,
  ) {}

  /** @throws SyntaxError when it is not JSON, or too deep: nothing may follow */
  write(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#size += bytes.length;
    if (this.#size >= this.#enough) this.#scan();
  }

  /** Returns false when something did not end. @throws SyntaxError as {@link JsonScanner.write} */
  end(): boolean {
    this.#scan();
    if (this.#containers.length > 0) return false;
    // A number only ends where something else begins.
    this.#pieces.push(Buffer.from('\n'));
    this.#scan();
    return this.#size === 0;
  }

  /** What it holds behind the last value, or part of one, that it could read. */
  get rest(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  #scan(): void {
    const bytes = Buffer.concat(this.#pieces);
    let at = 0;
    try {
      for (let end: number | undefined = 0; end !== undefined; end = this.#read(bytes, at))
        at = end;
    } finally {
      const rest = bytes.subarray(at);
      this.#pieces = [rest];
      this.#size = rest.length;
      this.#enough = 2 * rest.length;
    }
  }

  /** Reads what begins here. Returns where it ends, or undefined when the bytes end before. */
  #read(bytes: Buffer, at: number): number | undefined {
    const byte = bytes[at];
    const top = this.#containers.at(-1);
    const path = top?.next ?? '$';
    if (byte === undefined) return undefined;
    if ((top === undefined ? BETWEEN_DOCUMENTS : BLANKS).includes(byte)) return at + 1;
    if (byte === COMMA) {
      this.#goOn(NEXT.comma, top?.isArray === true ? NEXT.value : NEXT.key);
    } else if (byte === COLON) {
      this.#goOn(NEXT.colon, NEXT.value);
    } else if ((byte | TO_BRACE) === CLOSE) {
      this.#containers.pop();
      this.#goOn(top?.isArray === (byte !== CLOSE) ? NEXT.end : 0);
    } else if ((byte | TO_BRACE) === OPEN && !this.wanted.test(path)) {
      this.#open(path, byte !== OPEN);
    } else {
      const end = endOf(bytes, at);
      if (end !== undefined) this.#take(bytes.toString('utf8', at, end), path, top);
      return end;
    }
    return at + 1;
  }

  #take(json: string, path: string, top: Container | undefined): void {
    if (top !== undefined && (this.#next & NEXT.key) !== 0) {
      this.#goOn(json.startsWith('"') ? NEXT.key : 0, NEXT.colon);
      top.next = pathOf(top.path, JSON.parse(json) as string);
      return;
    }
    this.#goOn(NEXT.value);
    if (this.wanted.test(path)) this.onValue(json, this.#containers);
    else JSON.parse(json);
  }

  #open(path: string, isArray: boolean): void {
    this.#goOn(NEXT.value, NEXT.end | (isArray ? NEXT.value : NEXT.key));
    this.#containers.push({ isArray, path, next: isArray ? pathOf(path, '*') : '' });
    if (this.#containers.length > MAX_DEPTH) throw new SyntaxError('the JSON is nested too deep');
  }

  /** Goes on behind what was found, if that was to come. By default it was a value, or the end of one. */
  #goOn(found: number, next?: number): void {
    if ((this.#next & found) === 0) throw new SyntaxError('the JSON is damaged');
    this.#next = next ?? (this.#containers.length === 0 ? NEXT.value : NEXT.comma | NEXT.end);
  }
}

const pathOf = (path: string, key: string) => `${path}.${key}`.slice(0, MAX_PATH);

/** Finds where a value ends; undefined when the bytes end before. */
function endOf(bytes: Buffer, from: number): number | undefined {
  const { length } = bytes;
  let at = from;
  let depth = 0;
  while (at < length && !DELIMITERS.includes(bytes[at]!)) at += 1;
  if (at > from) return at < length ? at : undefined;
  for (let inString = false; at < length; at += 1) {
    const byte = bytes[at]!;
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      if (byte !== QUOTE) continue;
      inString = false;
    } else if (byte === QUOTE) {
      inString = true;
    } else if ((byte | TO_BRACE) === OPEN) {
      depth += 1;
      if (depth > MAX_DEPTH) throw new SyntaxError('the JSON is nested too deep');
    } else if ((byte | TO_BRACE) === CLOSE) {
      depth -= 1;
    }
    if (depth === 0 && !inString) return at + 1;
  }
  return undefined;
}
