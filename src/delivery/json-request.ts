import * as otlp from '../otlp-fields.js';
import {
  ATTRIBUTES,
  fixed32,
  IDS,
  message,
  nanos,
  OF_RESOURCE,
  OF_SPAN,
  readMessage,
  utf8,
  varint,
  type OtlpMessage,
} from '../otlp-json.js';
import { requestOf, type SpanBatch } from './span-batch.js';

const { EVENT, LINK, REQUEST, RESOURCE_SPANS, SCOPE, SCOPE_SPANS, SPAN, STATUS } = otlp;
const EVENTS: OtlpMessage = {
  [EVENT.time]: ['timeUnixNano', nanos],
  [EVENT.name]: ['name', utf8],
  [EVENT.attributes]: ATTRIBUTES,
  [EVENT.droppedAttributes]: ['droppedAttributesCount', varint],
};
const LINKS: OtlpMessage = {
  ...IDS,
  [LINK.traceState]: ['traceState', utf8],
  [LINK.attributes]: ATTRIBUTES,
  [LINK.droppedAttributes]: ['droppedAttributesCount', varint],
  [LINK.flags]: ['flags', fixed32],
};
/** With what hotspan writes and does not read. */
const SPANS: OtlpMessage = {
  ...OF_SPAN,
  [SPAN.traceState]: ['traceState', utf8],
  [SPAN.droppedAttributes]: ['droppedAttributesCount', varint],
  [SPAN.events]: ['events', message(EVENTS), true],
  [SPAN.droppedEvents]: ['droppedEventsCount', varint],
  [SPAN.links]: ['links', message(LINKS), true],
  [SPAN.droppedLinks]: ['droppedLinksCount', varint],
  [SPAN.status]: [
    'status',
    message({ [STATUS.message]: ['message', utf8], [STATUS.code]: ['code', varint] }),
  ],
};
const SCOPES: OtlpMessage = {
  [SCOPE_SPANS.scope]: [
    'scope',
    message({ [SCOPE.name]: ['name', utf8], [SCOPE.version]: ['version', utf8] }),
  ],
  [SCOPE_SPANS.spans]: ['spans', message(SPANS), true],
  [SCOPE_SPANS.schemaUrl]: ['schemaUrl', utf8],
};
const RESOURCES: OtlpMessage = {
  [RESOURCE_SPANS.resource]: ['resource', message(OF_RESOURCE)],
  [RESOURCE_SPANS.scopeSpans]: ['scopeSpans', message(SCOPES), true],
  [RESOURCE_SPANS.schemaUrl]: ['schemaUrl', utf8],
};

/** The same request in JSON, for receivers that read nothing else. */
export function jsonRequestOf(batch: SpanBatch): Uint8Array {
  const request = readMessage(requestOf(batch), {
    [REQUEST.resourceSpans]: ['resourceSpans', message(RESOURCES), true],
  });
  return Buffer.from(JSON.stringify(request));
}
