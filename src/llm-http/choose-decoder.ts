import { textOf, type BodyDecoder, type OnJson } from './body-decoder.js';
import { EventStreamDecoder } from './event-stream.js';
import { EventsDecoder, LinesDecoder, WholeDecoder } from './text-decoders.js';

/**
 * Chooses by the type, or else by how the body begins. Returns undefined for one that is not understood.
 *
 * @param onJson gets the JSON text of each item of a stream, or of the whole answer
 */
export function decoderFor(
  contentType: string,
  first: Uint8Array,
  onJson: OnJson,
): BodyDecoder | undefined {
  if (contentType.includes('text/event-stream')) return new EventsDecoder(onJson);
  if (contentType.includes('ndjson')) return new LinesDecoder(onJson);
  if (contentType.includes('vnd.amazon.eventstream')) return new EventStreamDecoder(onJson);
  const begin = textOf(first.subarray(0, 100)).trimStart();
  if (/^(?:data|event|id|retry)?:/.test(begin)) return new EventsDecoder(onJson);
  return /^[[{]/.test(begin) || contentType.includes('json') ? new WholeDecoder(onJson) : undefined;
}
