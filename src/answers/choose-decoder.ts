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
  // The first chunk may have no more than that.
  const begin = textOf(first.subarray(0, 100)).trimStart().slice(0, 1);
  if (/[[{]/.test(begin) || contentType.includes('json')) return new WholeDecoder(onJson);
  // Fields of events: data, event, id, retry, and comments.
  return /[deir:]/.test(begin) ? new EventsDecoder(onJson) : undefined;
}
