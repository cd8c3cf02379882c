import { MAX_BYTES, textOf, type BodyDecoder, type OnJson } from './body-decoder.js';

/** One JSON text. */
export class WholeDecoder implements BodyDecoder {
  readonly isStream = false;
  isTooLong = false;
  #length = 0;
  /** Copies: the reader may write over its chunks. */
  #pieces: string[] = [];

  constructor(private readonly onJson: OnJson) {}

  push(chunk: Uint8Array): void {
    if (this.isTooLong) return;
    this.#length += chunk.byteLength;
    this.isTooLong = this.#length > MAX_BYTES;
    if (this.isTooLong) this.#pieces = [];
    else this.#pieces.push(textOf(chunk));
  }

  end(): void {
    if (!this.isTooLong) this.onJson(this.#pieces.join(''));
    this.#pieces = [];
  }
}

/** JSON in lines, as Ollama streams it. */
export class LinesDecoder implements BodyDecoder {
  readonly isStream = true;
  isTooLong = false;
  #rest = '';

  constructor(private readonly onLine: OnJson) {}

  isWhole(text: string): boolean {
    return this.#rest === '' && text.endsWith('\n');
  }

  push(chunk: Uint8Array): void {
    if (this.isTooLong) return;
    const text = textOf(chunk);
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      const line = text.slice(start, end);
      this.onLine(this.#rest === '' ? line : this.#rest + line);
      this.#rest = '';
      start = end + 1;
    }
    if (start < text.length) this.#rest += start === 0 ? text : text.slice(start);
    this.isTooLong = this.#rest.length > MAX_BYTES;
    if (this.isTooLong) this.#rest = '';
  }

  end(): void {
    if (this.#rest !== '') this.onLine(this.#rest);
    this.#rest = '';
  }
}

/** Server-sent events: of each, its data. */
export class EventsDecoder implements BodyDecoder {
  readonly isStream = true;
  readonly #lines = new LinesDecoder((line) => this.#onLine(line));
  #data = '';
  #isDataTooLong = false;

  constructor(private readonly onJson: OnJson) {}

  isWhole(text: string): boolean {
    const hasEnd = text.endsWith('\n\n') || text.endsWith('\r\n\r\n');
    return hasEnd && this.#data === '' && this.#lines.isWhole(text);
  }

  get isTooLong(): boolean {
    return this.#lines.isTooLong || this.#isDataTooLong;
  }

  push(chunk: Uint8Array): void {
    if (!this.isTooLong) this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
    this.#dispatch();
  }

  #onLine(line: string): void {
    if (line.startsWith('data:')) {
      this.#data = this.#data === '' ? line.slice(5) : `${this.#data}\n${line.slice(5)}`;
      this.#isDataTooLong ||= this.#data.length > MAX_BYTES;
      if (this.#isDataTooLong) this.#data = '';
    } else if (line === '' || line === '\r') this.#dispatch();
  }

  #dispatch(): void {
    if (this.#data !== '') this.onJson(this.#data);
    this.#data = '';
  }
}
