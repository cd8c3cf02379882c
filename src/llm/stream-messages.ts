import { fields, items, pick, text } from '../fields.js';
import { finishReasonsOf } from '../cost/response.js';
import { partsOf, toolCall, type Message, type MessagePart } from './message-parts.js';
import { answer, outputMessages } from './messages.js';

/** Longer answers are not kept: what is cut off before it is redacted could show half of a secret. */
const MAX_LENGTH = 1_000_000;

interface Call {
  id?: unknown;
  name?: unknown;
  arguments: string;
}

/** Puts together what a model answers from the items of its stream; of the forms `llmCall` reads. */
export class StreamMessages {
  readonly #texts = new Map<unknown, string>();
  readonly #calls = new Map<unknown, Call>();
  readonly #parts: MessagePart[] = [];
  #whole: Message[] = [];
  #reason: string | undefined;
  #length = 0;

  /** Takes note of an item. */
  see(item: unknown): void {
    if (typeof item === 'string') {
      this.#say(0, item);
      return;
    }
    const { type, choices, candidates, delta, index, content_block: block } = fields(item);
    [this.#reason = this.#reason] = finishReasonsOf(item);
    // The last event of OpenAI's responses holds the whole answer.
    if (type === 'response.completed') this.#whole = outputMessages(fields(item).response);
    if (type === 'response.output_text.delta') this.#say(0, delta);
    if (type === 'text-delta') this.#say(0, fields(item).text ?? delta);
    if (type === 'tool-call') this.#keep(partsOf(item));
    if (type === 'content_block_start' && fields(block).type === 'tool_use') {
      const { id, name } = fields(block);
      this.#call(index, { id, name, arguments: '' });
    }
    if (type === 'content_block_delta') {
      this.#say(index, fields(delta).text);
      this.#call(index, { arguments: fields(delta).partial_json });
    }
    for (const choice of items(choices)) this.#choice(fields(choice));
    const [candidate] = items(candidates);
    for (const part of partsOf(pick(candidate, ['content', 'parts']))) {
      if (part.type === 'text') this.#say(0, part.content);
      else this.#keep([part]);
    }
  }

  /** What was answered so far; none when that is nothing, or too long. */
  messages(): Message[] {
    if (this.#length > MAX_LENGTH) return [];
    if (this.#whole.length > 0) return this.#whole;
    const parts = [
      ...[...this.#texts.values()].flatMap(partsOf),
      ...this.#parts,
      ...[...this.#calls.values()].map((call) => toolCall(call.id, call.name, call.arguments)),
    ];
    return parts.length === 0 ? [] : [answer(parts, this.#reason)];
  }

  #choice({ index, delta, text: words }: Readonly<Record<string, unknown>>): void {
    const { content, refusal, tool_calls } = fields(delta);
    this.#say(index, content ?? refusal ?? words);
    for (const call of items(tool_calls)) {
      const { name, arguments: args } = fields(fields(call).function);
      const key = `${String(index)} ${String(fields(call).index)}`;
      this.#call(key, { id: fields(call).id, name, arguments: args });
    }
  }

  #say(key: unknown, words: unknown): void {
    if (text(words) === undefined || this.#isFull(words)) return;
    this.#texts.set(key, (this.#texts.get(key) ?? '') + String(words));
  }

  #call(key: unknown, { id, name, arguments: args }: { [K in keyof Call]: unknown }): void {
    if ((id ?? name ?? text(args)) === undefined || this.#isFull(args)) return;
    const call = this.#calls.get(key) ?? { arguments: '' };
    this.#calls.set(key, {
      id: call.id ?? id,
      name: call.name ?? name,
      arguments: call.arguments + (text(args) ?? ''),
    });
  }

  #keep(parts: readonly MessagePart[]): void {
    if (!this.#isFull(JSON.stringify(parts))) this.#parts.push(...parts);
  }

  #isFull(words: unknown): boolean {
    this.#length += (text(words) ?? '').length;
    return this.#length > MAX_LENGTH;
  }
}
