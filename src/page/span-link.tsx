import type { SlowSpan } from '../summary.js';

/** What a click on a span does: show its trace on this page where that is there, or else open Jaeger. */
export interface SpanTargets {
  readonly jaegerUrl?: string | undefined;
  /** The traces that are on this page. */
  readonly shown: ReadonlySet<string>;
  readonly onShow: (span: SlowSpan) => void;
}

const ID = /^[0-9a-f]{1,32}$/i;

/** The address of a trace, or of a span in it, in Jaeger; none for ids that Jaeger cannot have. */
export function jaegerHref(
  jaegerUrl: string | undefined,
  { traceId, spanId }: { readonly traceId: string; readonly spanId?: string },
) {
  if (jaegerUrl === undefined || !ID.test(traceId)) return undefined;
  const address = `${jaegerUrl}/trace/${traceId}`;
  if (spanId === undefined) return address;
  return ID.test(spanId) ? `${address}?uiFind=${spanId}` : undefined;
}

/** Enough of a trace id to tell it from others: `4bf92f35`, but `…0000002a` of one that begins with zeros. */
export function shortId(traceId: string): string {
  return traceId.startsWith('0000') ? `…${traceId.slice(-8)}` : traceId.slice(0, 8);
}

/** A link to a span; its text alone where nothing can be opened. */
export function SpanLink(props: {
  span: SlowSpan;
  text: string;
  targets: SpanTargets;
  /** Nothing at all where nothing can be opened. */
  isOptional?: boolean;
}) {
  const { span, text, targets, isOptional = false } = props;
  if (targets.shown.has(span.traceId)) {
    return (
      <button type="button" class="link" onClick={() => targets.onShow(span)}>
        {text}
      </button>
    );
  }
  const href = jaegerHref(targets.jaegerUrl, span);
  if (href === undefined) return isOptional ? null : <span class="name">{text}</span>;
  return (
    <a class="link" href={href}>
      {text}
    </a>
  );
}
