/** What calls of models are called, and how the values that tell it are told from each other. The first counts. */
const OPERATIONS: readonly (readonly [value: RegExp, operation: string])[] = [
  [/embed/i, 'embeddings'],
  [/rerank/i, 'rerank'],
  [/image/i, 'image_generation'],
  [/transcri|whisper/i, 'transcription'],
  [/speech/i, 'speech'],
  [/^generate_content$/, 'generate_content'],
  [/^(?:text_)?completion$/, 'text_completion'],
];

/**
 * Returns the operation of a call as the GenAI conventions name it, whatever its instrumentation does: `chat` for
 * `ai.generateText.doGenerate`, `LLM` and `generation`.
 *
 * @param kind what its instrumentation calls such a call
 */
export function callOperation(kind: string): string {
  return OPERATIONS.find(([value]) => value.test(kind))?.[1] ?? 'chat';
}
