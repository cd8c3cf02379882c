import { parseJson } from '../fields.js';

export interface DocumentHandler {
  onDocument(value: unknown): void;
  /** Called for JSON that is damaged or cut, after what could be read of it was handed on. */
  onDamage(what: string): void;
  /** Makes a reader for a document that is too large to be parsed at once, or damaged. */
  openStream(): DocumentStream;
}

/** Reads JSON from pieces of it, and hands on what is in it as it comes. */
export interface DocumentStream {
  /** @returns false when it is not JSON from here on; further pieces are of no use */
  write(bytes: Buffer): boolean;
  /** @returns false when the JSON was not complete */
  end(): boolean;
}

/** A line is read faster at once than from pieces, and a damaged one ends by itself. */
const MAX_WHOLE_BYTES = 16 * 2 ** 20;

const NEWLINE = Buffer.from('\n');
const NOT_JSON = 'a line that is not JSON was left out';
const CUT_LINE = 'a line is damaged: what follows in it was left out';
const CUT_DOCUMENT = 'the JSON is damaged or cut: what follows was left out';

/**
 * Splits bytes into JSON values: one on each line, or one document over many lines, or several such one
 * after another. Parses lines one by one, and a document at once if it is small enough. Bounded memory,
 * whatever the bytes are.
 *
 * A first line that is no JSON by itself begins a document over many lines, unless the second is an
 * object by itself: then the first is damaged.
 */
export class DocumentSplitter {
  /** `start` until it is known whether each line is a value; `over` when the rest is of no use. */
  #state: 'start' | 'lines' | 'document' | 'stream' | 'rubbish' | 'over' = 'start';
  /** The line, or the document, that has not ended. */
  #pieces: Uint8Array[] = [];
  #size = 0;
  /** A first line that is no JSON by itself. */
  #firstLine: Buffer | undefined;
  #stream: DocumentStream | undefined;

  constructor(private readonly handler: DocumentHandler) {}

  write(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0 && this.#state !== 'over') {
      if (this.#state === 'stream' || this.#state === 'document') {
        if (this.#state === 'stream') this.#pass(rest);
        else this.#hold(rest);
        return;
      }
      const newline = rest.indexOf(NEWLINE);
      const piece = newline === -1 ? rest : rest.subarray(0, newline);
      rest = rest.subarray(piece.length + 1);
      if (this.#state !== 'rubbish') {
        if (newline === -1) this.#hold(piece);
        else this.#endLine(this.#take(piece));
      } else if (newline !== -1) {
        this.#state = 'lines';
      }
    }
  }

  end(): void {
    const rest = this.#take();
    const isLine = this.#state === 'start' || this.#state === 'lines';
    if (isLine && rest.length > 0) this.#endLine(rest);
    const document = this.#firstLine ?? (isLine ? this.#take() : rest);
    if (this.#state === 'stream') this.#endStream();
    else if (document.length > 0) this.#endDocument(document);
  }

  /** Returns all that is held, and one piece more. */
  #take(piece: Buffer = Buffer.alloc(0)): Buffer {
    if (this.#pieces.length === 0) return piece;
    const whole = Buffer.concat([...this.#pieces, piece]);
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
      this.#state = 'stream';
      this.#stream = this.handler.openStream();
      this.#pass(held);
    } else {
      this.handler.onDamage(NOT_JSON);
      this.#state = 'rubbish';
    }
  }

  #endLine(line: Buffer): void {
    const value = parseJson(line.toString());
    const first = this.#firstLine;
    if (this.#state === 'start' && value === undefined) {
      if (isBlank(line)) return;
      if (first === undefined && mayBeDocument(line)) {
        this.#firstLine = line;
        return;
      }
    }
    this.#firstLine = undefined;
    // After a line that only opens an array, each of the next may be a whole value.
    if (first !== undefined && (typeof value !== 'object' || first.toString().trim() === '[')) {
      this.#state = 'document';
      this.#hold(Buffer.concat([first, NEWLINE, line, NEWLINE]));
      return;
    }
    this.#state = 'lines';
    if (first !== undefined) this.#salvage(first, CUT_LINE);
    if (value !== undefined) this.handler.onDocument(value);
    else if (mayBeDocument(line)) this.#salvage(line, CUT_LINE);
    else if (!isBlank(line)) this.handler.onDamage(NOT_JSON);
  }

  #endDocument(bytes: Buffer): void {
    const value = parseJson(bytes.toString());
    if (value === undefined) this.#salvage(bytes, CUT_DOCUMENT);
    else this.handler.onDocument(value);
  }

  /** Reads what is before the damage; all, when it is only one document after another. */
  #salvage(bytes: Buffer, damage: string): void {
    const stream = this.handler.openStream();
    stream.write(bytes);
    if (!stream.end()) this.handler.onDamage(damage);
  }

  #pass(bytes: Buffer): void {
    if (this.#stream?.write(bytes) !== false) return;
    this.#endStream();
    this.#state = 'over';
  }

  #endStream(): void {
    if (this.#stream?.end() === false) this.handler.onDamage(CUT_DOCUMENT);
    this.#stream = undefined;
  }
}

function isBlank(line: Buffer): boolean {
  return line.toString().trim() === '';
}

function mayBeDocument(bytes: Buffer): boolean {
  return /^\s*[{[]/.test(bytes.toString('utf8', 0, 64));
}
