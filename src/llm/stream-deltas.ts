import { fields, items, pick, text } from '../fields.js';
import { partsOf, type MessagePart } from './messages.js';

export interface Delta {
  /** Tells the texts of a stream apart, and its tool calls. */
  readonly key: unknown;
  readonly text?: unknown;
  readonly call?: { readonly id?: unknown; readonly name?: unknown; readonly arguments?: unknown };
  /** A part that arrives as a whole. */
  readonly part?: MessagePart;
}

export function deltasOf(item: unknown): readonly Delta[] {
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
    ...partsOf(pick(candidate, ['content', 'parts'])).map((part) =>
      part.type === 'text' ? { key: 0, text: part.content } : { key: 0, part },
    ),
  ];
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

/** Events whose text arrives again as a whole, in another event. */
const PREVIEWS: readonly unknown[] = [
  'response.refusal.delta',
  'response.function_call_arguments.delta',
  'tool-input-delta',
];

/** Items that open a message, keep a connection alive, or bring reasoning have none. */
export function hasContent(item: unknown): boolean {
  const { type, delta } = fields(item);
  if (PREVIEWS.includes(type)) return delta !== '';
  if (type === 'content_block_start') return false;
  return deltasOf(item).some(
    ({ text: words, call, part }) =>
      text(words) !== undefined || call !== undefined || part?.type === 'tool_call',
  );
}
