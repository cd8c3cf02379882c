import { finishReasonsOf } from '../cost/response.js';
import { fields, text } from '../fields.js';
import {
  answer,
  outputMessages,
  partsOf,
  toolCall,
  type Message,
  type MessagePart,
} from './messages.js';
import { deltasOf, type Delta } from './stream-deltas.js';

/** A longer answer is not recorded: to cut it before it is redacted could leave half of a secret. */
const MAX_LENGTH = 1_000_000;

export class StreamMessages {
  readonly #texts = new Map<unknown, string>();
  readonly #calls = new Map<unknown, NonNullable<Delta['call']>>();
  readonly #parts: MessagePart[] = [];
  #whole: Message[] = [];
  #reason: string | undefined;
  #length = 0;

  see(item: unknown): void {
    this.#reason = finishReasonsOf(item)[0] ?? this.#reason;
    const { type, response } = fields(item);
    // The last event of OpenAI's responses has the whole answer.
    if (type === 'response.completed') this.#whole = outputMessages(response);
    for (const { key, text: words, call, part } of deltasOf(item)) {
      const added = text(words);
      if (added !== undefined && this.#hasRoom(added)) {
        this.#texts.set(key, (this.#texts.get(key) ?? '') + added);
      }
      if (call !== undefined) this.#addCall(key, call);
      if (part !== undefined && this.#hasRoom(JSON.stringify(part))) this.#parts.push(part);
    }
  }

  messages(): Message[] {
    if (this.#length > MAX_LENGTH) return [];
    if (this.#whole.length > 0) return this.#whole;
    const parts = [
      ...[...this.#texts.values()].flatMap(partsOf),
      ...this.#parts,
      ...[...this.#calls.values()].map(toolCall),
    ];
    return parts.length === 0 ? [] : [answer(parts, this.#reason)];
  }

  #addCall(key: unknown, { id, name, arguments: args }: NonNullable<Delta['call']>): void {
    const json = text(args) ?? '';
    if ((id ?? name ?? text(args)) === undefined || !this.#hasRoom(json)) return;
    const {
      id: oldId = id,
      name: oldName = name,
      arguments: old = '',
    } = this.#calls.get(key) ?? {};
    this.#calls.set(key, { id: oldId, name: oldName, arguments: String(old) + json });
  }

  #hasRoom(words: string): boolean {
    this.#length += words.length;
    return this.#length <= MAX_LENGTH;
  }
}
