import { parseJson } from '../fields.js';
import { IndentedParts } from './indented-parts.js';

export interface DocumentHandler {
  /** `isBehindDamage` when it may be any part of a document that is damaged before it. */
  onDocument(value: unknown, isBehindDamage?: true): void;
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
  /** What was given to it behind the last value that it could read. */
  readonly rest: Buffer;
}

/** A line is read faster at once than from pieces, and a damaged one ends by itself. */
const MAX_WHOLE_BYTES = 16 * 2 ** 20;

/** So often a document is begun anew behind damage: each time may cost as much as all that follows. */
const MAX_RESTARTS = 20;

const NOTHING = Buffer.alloc(0);
const NEWLINE = Buffer.from('\n');
const NOT_JSON = 'a line that is not JSON was left out';
const CUT_LINE = 'a line is damaged: what follows in it was left out';
const CUT_DOCUMENT = 'the JSON is damaged or cut: not all behind the damage could be read';
const CUT_PART = 'a part of the JSON is damaged: it was left out';

/**
 * Splits bytes into JSON values: one on each line, or one document over many lines, or several such one
 * after another. Parses lines one by one, and a document at once if it is small enough. Bounded memory,
 * whatever the bytes are.
 *
 * A first line that is no JSON by itself begins a document over many lines, unless the second is an
 * object by itself: then the first is damaged. Behind damage in a document, it reads what it finds on lines of their
 * own: whole values, parts between braces of one indentation, or the beginning of the next document.
 */
export class DocumentSplitter {
  /** `start` until it is known whether each line is a value; `mended` behind damage in a document. */
  #state: 'start' | 'lines' | 'document' | 'stream' | 'rubbish' | 'mended' = 'start';
  #afterRubbish: 'lines' | 'mended' = 'lines';
  /** Of a document that is damaged. */
  readonly #parts = new IndentedParts((value) => this.#endPart(value));
  /** Whether what is damaged next may be what was already told of. */
  #isDamageKnown = false;
  #restarts = 0;
  /** The line, or the document, that has not ended. */
  #pieces: Uint8Array[] = [];
  #size = 0;
  /** A first line that is no JSON by itself. */
  #firstLine: Buffer | undefined;
  #stream: DocumentStream | undefined;

  constructor(private readonly handler: DocumentHandler) {}

  write(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
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
        else this.#endAnyLine(this.#take(piece));
      } else if (newline !== -1) {
        this.#state = this.#afterRubbish;
      }
    }
  }

  end(): void {
    if (this.#state === 'stream') this.#endStream();
    // What is behind damage may be the beginning of another document.
    while (this.#size > 0 || this.#firstLine !== undefined) this.#endHeld();
  }

  #endHeld(): void {
    const rest = this.#take();
    const isLine = this.#state !== 'document';
    if (isLine && rest.length > 0) this.#endAnyLine(rest);
    const document = this.#firstLine ?? (isLine ? this.#take() : rest);
    this.#firstLine = undefined;
    if (document.length > 0) this.#endDocument(document);
  }

  /** Returns all that is held, and one piece more. */
  #take(piece: Buffer = NOTHING): Buffer {
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
      this.write(held);
    } else {
      if (this.#state === 'mended') this.#afterRubbish = 'mended';
      else this.handler.onDamage(NOT_JSON);
      this.#state = 'rubbish';
    }
  }

  #endAnyLine(line: Buffer): void {
    if (this.#state === 'mended') this.#endLineBehindDamage(line);
    else this.#endLine(line);
  }

  #endLineBehindDamage(line: Buffer): void {
    const json = line.toString().trimEnd();
    if (this.#parts.take(json)) return;
    if ((json === '{' || json === '[') && this.#restarts < MAX_RESTARTS) {
      this.#restarts += 1;
      this.#state = 'document';
      this.#hold(Buffer.concat([line, NEWLINE]));
      return;
    }
    const [, whole] = /^\s*,?\s*(\{.*\})\s*[\],]*$/s.exec(json) ?? [];
    if (whole === undefined) return;
    const value = parseJson(whole);
    if (value === undefined) this.handler.onDamage(CUT_LINE);
    else this.handler.onDocument(value, true);
  }

  #endPart(value: unknown): void {
    if (value !== undefined) this.handler.onDocument(value, true);
    else if (!this.#isDamageKnown) this.handler.onDamage(CUT_PART);
    this.#isDamageKnown = false;
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
    if (value === undefined) this.#mend(this.#salvage(bytes, CUT_DOCUMENT));
    else this.handler.onDocument(value);
  }

  /** Reads what is before the damage; all, when it is only one document after another. Returns what is behind. */
  #salvage(bytes: Buffer, damage: string): Buffer {
    const stream = this.handler.openStream();
    stream.write(bytes);
    if (stream.end()) return NOTHING;
    this.handler.onDamage(damage);
    return stream.rest;
  }

  #pass(bytes: Buffer): void {
    if (this.#stream?.write(bytes) === false) this.#endStream();
  }

  #endStream(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream === undefined || stream.end()) return;
    this.handler.onDamage(CUT_DOCUMENT);
    this.#mend(stream.rest);
  }

  /** Goes on behind the damaged line. */
  #mend(rest: Buffer): void {
    this.#isDamageKnown = true;
    this.#state = 'rubbish';
    this.#afterRubbish = 'mended';
    this.write(rest);
  }
}

function isBlank(line: Buffer): boolean {
  return line.toString().trim() === '';
}

function mayBeDocument(bytes: Buffer): boolean {
  return /^\s*[{[]/.test(bytes.toString('utf8', 0, 64));
}
