import { type Fields, fields, items } from '../fields.js';
import { plainOfText } from './attributes.js';
import { plainTag, readJaegerSpan } from './jaeger-json.js';
import type { SpanSink } from './span-sink.js';

/**
 * Reads a span as Jaeger stores it in Elasticsearch: it brings its process along, and its tags are a list, or an
 * object, `tag`, whose keys have `@` instead of dots, or both. Never throws.
 */
export function readJaegerDocument(span: Fields, sink: SpanSink): void {
  const process = fields(span.process);
  if (typeof process.serviceName !== 'string') sink.missesResource();
  const origin = {
    service: sink.service(process.serviceName),
    resource: sink.attributesIn(tagsOf(process), plainTag),
  };
  readJaegerSpan({ ...span, tags: tagsOf(span) }, () => origin, sink);
}

function tagsOf({ tags, tag }: Fields): unknown[] {
  const named = Object.entries(fields(tag)).map(([key, value]) => ({
    key: key.replaceAll('@', '.'),
    value: plainOfText(value),
  }));
  return [...items(tags), ...named];
}
