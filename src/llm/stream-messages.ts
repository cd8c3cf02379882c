import { finishReasonsOf } from '../cost/response.js';
import { fields, items, pick, text, type Fields } from '../fields.js';
import {
  answer,
  outputMessages,
  partsOf,
  toolCall,
  type Message,
  type MessagePart,
} from './messages.js';

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
    const old = this.#calls.get(key);
    const all = (text(old?.arguments) ?? '') + json;
    this.#calls.set(key, { id: old?.id ?? id, name: old?.name ?? name, arguments: all });
  }

  #hasRoom(words: string): boolean {
    this.#length += words.length;
    return this.#length <= MAX_LENGTH;
  }
}

interface Delta {
  /** Tells the texts of a stream apart, and its tool calls. */
  readonly key: unknown;
  readonly text?: unknown;
  readonly call?: { readonly id?: unknown; readonly name?: unknown; readonly arguments?: unknown };
  readonly part?: MessagePart;
}

function deltasOf(item: unknown): readonly Delta[] {
  if (typeof item === 'string') return [{ key: 0, text: item }];
  const { type, choices, candidates, delta, index, content_block: block } = fields(item);
  switch (type) {
    case 'response.output_text.delta':
      return [{ key: 0, text: delta }];
    case 'text-delta':
      return [{ key: 0, text: fields(item).text ?? delta }];
    case 'tool-call':
      return partsOf(item).map((part) => ({ key: 0, part }));
    case 'content_block_start':
      return fields(block).type === 'tool_use' ? [{ key: index, call: fields(block) }] : [];
    case 'content_block_delta': {
      const { text: words, partial_json: args } = fields(delta);
      const isCall = text(args) !== undefined;
      return [{ key: index, text: words, ...(isCall ? { call: { arguments: args } } : {}) }];
    }
  }
  const [candidate] = items(candidates);
  return [
    ...items(choices).flatMap(choiceDeltas),
    ...otherDeltas(fields(item)),
    ...partsOf(pick(candidate, ['content', 'parts'])).map((part) =>
      part.type === 'text' ? { key: 0, text: part.content } : { key: 0, part },
    ),
  ];
}

/** The texts of Cohere, Bedrock and Ollama. */
function otherDeltas({ type, delta, message, response, contentBlockDelta, done }: Fields): Delta[] {
  if (type === 'content-delta') {
    return [{ key: 0, text: pick(delta, ['message', 'content', 'text']) }];
  }
  if (contentBlockDelta !== undefined) {
    const { contentBlockIndex } = fields(contentBlockDelta);
    return [{ key: contentBlockIndex, text: pick(contentBlockDelta, ['delta', 'text']) }];
  }
  return typeof done === 'boolean'
    ? [{ key: 0, text: text(fields(message).content, response) }]
    : [];
}

function choiceDeltas(choice: unknown): Delta[] {
  const { index, delta, text: words } = fields(choice);
  const { content, refusal, tool_calls } = fields(delta);
  return [
    { key: index, text: content ?? refusal ?? words },
    ...items(tool_calls).map((call) => ({
      key: `${String(index)} ${String(fields(call).index)}`,
      call: { ...fields(fields(call).function), id: fields(call).id },
    })),
  ];
}
