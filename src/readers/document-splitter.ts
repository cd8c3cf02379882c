/** What a source is taken apart into. */
export interface DocumentHandler {
  /** A whole JSON value. */
  onDocument(value: unknown): void;
  /** Something that is not JSON, or not to its end; what could be read of it was handed on. */
  onDamage(what: string): void;
  /** Makes what reads a document that is too large, or damaged, from its pieces. */
  openStream(): DocumentStream;
}

/** Reads JSON from pieces of it, and hands on what is in it as it comes. */
export interface DocumentStream {
  /** @returns false when it is not JSON from here on; further pieces are of no use */
  write(bytes: Uint8Array): boolean;
  /** @returns false when the JSON was not complete */
  end(): boolean;
}

/**
 * A JSON value up to this size is parsed at once, which is ten times as fast as from pieces, and takes
 * some ten times its size in memory.
 */
const MAX_WHOLE_BYTES = 16 * 2 ** 20;

const NEWLINE = 0x0a;
const NOT_JSON = 'a line that is not JSON was left out';
const CUT_LINE = 'a line is damaged: what follows in it was left out';
const CUT_DOCUMENT = 'the JSON is damaged or cut: what follows was left out';

/**
 * Takes bytes apart into JSON values: one on each line, or one document over many lines, or several
 * such one after another. Lines are parsed one by one; a document, too, if it is small enough, and read
 * from its pieces if not. In bounded memory, whatever the bytes are.
 *
 * A first line that is no JSON by itself is taken for the start of a document over many lines, unless
 * the second is an object by itself: then the first is damaged.
 */
export class DocumentSplitter {
  readonly #handler: DocumentHandler;
  /** `start` until it is known whether there is one value a line; `over` when the rest is of no use. */
  #state: 'start' | 'lines' | 'document' | 'stream' | 'rubbish' | 'over' = 'start';
  /** Of a line, or a document, that has not ended. */
  #pieces: Uint8Array[] = [];
  #size = 0;
  /** Lines before it is known what they are; at most one. */
  #firstLine: Buffer | undefined;
  #stream: DocumentStream | undefined;

  constructor(handler: DocumentHandler) {
    this.#handler = handler;
  }

  /** Takes the next bytes. */
  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === 'over') return;
      if (this.#state === 'stream') {
        this.#pass(chunk.subarray(at));
        return;
      }
      if (this.#state === 'document') {
        this.#hold(chunk.subarray(at));
        return;
      }
      const newline = chunk.indexOf(NEWLINE, at);
      const end = newline === -1 ? chunk.length : newline;
      const piece = chunk.subarray(at, end);
      at = end + 1;
      if (this.#state === 'rubbish') {
        if (newline !== -1) this.#state = 'lines';
      } else if (newline === -1) {
        this.#hold(piece);
      } else {
        this.#endLine(this.#take(piece));
      }
    }
  }

  /** Ends the source. */
  end(): void {
    const rest = this.#take();
    if (this.#state === 'stream') this.#endStream();
    else if (this.#state === 'document') this.#endDocument(rest);
    else if (this.#state === 'start' || this.#state === 'lines') {
      if (rest.length > 0) this.#endLine(rest);
      const first = this.#firstLine;
      this.#firstLine = undefined;
      if (first !== undefined) this.#endDocument(first);
    }
  }

  /** Gives what is held, and one piece more. */
  #take(piece?: Buffer): Buffer {
    if (this.#pieces.length === 0) return piece ?? Buffer.alloc(0);
    if (piece !== undefined) this.#pieces.push(piece);
    const whole = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#size = 0;
    return whole;
  }

  #hold(piece: Buffer): void {
    // The reader of a file gives new memory for each chunk.
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size <= MAX_WHOLE_BYTES) return;
    const held = this.#take();
    if (this.#state === 'document' || mayBeDocument(held)) {
      this.#startStream(held);
    } else {
      this.#handler.onDamage(NOT_JSON);
      this.#state = 'rubbish';
    }
  }

  #endLine(line: Buffer): void {
    const text = line.toString('utf8');
    if (this.#state === 'lines') {
      this.#readLine(text, line);
      return;
    }
    if (text.trim() === '') return;
    const value = parse(text);
    const first = this.#firstLine;
    if (first !== undefined) {
      this.#firstLine = undefined;
      if (value === undefined || typeof value !== 'object' || isOpening(first)) {
        this.#state = 'document';
        this.#hold(Buffer.concat([first, Buffer.from('\n'), line, Buffer.from('\n')]));
        return;
      }
      this.#state = 'lines';
      this.#salvage(first, CUT_LINE);
      this.#handler.onDocument(value);
    } else if (value === undefined && mayBeDocument(line)) {
      this.#firstLine = line;
    } else {
      this.#state = 'lines';
      this.#readLine(text, line);
    }
  }

  #readLine(text: string, line: Buffer): void {
    const value = parse(text);
    if (value !== undefined) this.#handler.onDocument(value);
    else if (mayBeDocument(line)) this.#salvage(line, CUT_LINE);
    else if (text.trim() !== '') this.#handler.onDamage(NOT_JSON);
  }

  #endDocument(bytes: Buffer): void {
    const value = parse(bytes.toString('utf8'));
    if (value === undefined) this.#salvage(bytes, CUT_DOCUMENT);
    else this.#handler.onDocument(value);
  }

  /** Reads what is before the damage; all, when it is only one document after another. */
  #salvage(bytes: Buffer, damage: string): void {
    const stream = this.#handler.openStream();
    stream.write(bytes);
    if (!stream.end()) this.#handler.onDamage(damage);
  }

  #startStream(bytes: Buffer): void {
    this.#state = 'stream';
    this.#stream = this.#handler.openStream();
    this.#pass(bytes);
  }

  #pass(bytes: Buffer): void {
    if (this.#stream?.write(bytes) !== false) return;
    this.#endStream();
    this.#state = 'over';
  }

  #endStream(): void {
    if (this.#stream?.end() === false) this.#handler.onDamage(CUT_DOCUMENT);
    this.#stream = undefined;
  }
}

/** Undefined for what is not JSON. */
function parse(text: string): unknown {
  try {
    // Some editors put a mark before a text.
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text) as unknown;
  } catch {
    return undefined;
  }
}

const BYTES_OF_OPENING = 64;

/** Whether the first character is one that objects and arrays begin with. */
function mayBeDocument(bytes: Buffer): boolean {
  const start = bytes
    .toString('utf8', 0, BYTES_OF_OPENING)
    .replace(/^\ufeff/, '')
    .trimStart();
  return start.startsWith('{') || start.startsWith('[');
}

/** Whether a line does no more than open an array, so that whole values may stand on the next. */
function isOpening(line: Buffer): boolean {
  return (
    line
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .trim() === '['
  );
}
