import type { DrawnTrace } from '../page-data.js';
import { plural } from '../format.js';
import type { Piece } from './critical-pieces.js';
import { jaegerHref } from './span-link.js';
import { visible } from './visible.js';
import type { WaterfallRow } from './waterfall-layout.js';
import { rowFacts } from './waterfall-words.js';

interface ReadoutProps {
  readonly trace: DrawnTrace;
  readonly ribbon: readonly Piece[];
  readonly rowOf: readonly number[];
  readonly row: WaterfallRow;
  readonly at: number;
  readonly jaegerUrl?: string | undefined;
  readonly isZoomed: boolean;
  readonly onAll: () => void;
  readonly canClose: boolean;
  readonly onClose: () => void;
}

/** The figures of the row under the pointer or in focus, and the key of the picture. */
export function WaterfallReadout(props: ReadoutProps) {
  const { trace, ribbon, rowOf, row, at, jaegerUrl } = props;
  const { span } = row.spans[0]!;
  const critical = ribbon
    .filter((piece) => rowOf[piece.span] === at)
    .reduce((sum, { from, to }) => sum + to - from, 0);
  const ids = { traceId: trace.traceId, spanId: span.spanId, seconds: 0 };
  const link = row.spans.length === 1 ? jaegerHref(jaegerUrl, ids) : undefined;
  return (
    <>
      <p class="readout">
        {props.isZoomed && (
          <button type="button" class="link" onClick={props.onAll}>
            ← All
          </button>
        )}
        {props.canClose && (
          <button type="button" class="link" onClick={props.onClose}>
            Close again
          </button>
        )}
        <span aria-live="polite">
          <bdi class="name">{visible(span.name)}</bdi> {rowFacts(row, critical)}
        </span>
        {link !== undefined && (
          <a href={link} target="_blank" rel="noopener noreferrer">
            In Jaeger
          </a>
        )}
      </p>
      <Key {...props} />
    </>
  );
}

const KEY = [
  { look: 'own', words: 'was waited for' },
  { look: 'off', words: 'ran beside it' },
  { look: 'failed', words: 'failed attempt' },
  { look: 'backoff', words: 'backoff' },
  { look: 'wait', words: 'waits' },
  { look: 'idle', words: 'idle' },
  { look: 'token', words: 'first token' },
] as const;

function Key({ trace, ribbon }: ReadoutProps) {
  const kinds = new Set<string>(['own', 'off', ...ribbon.map(({ kind }) => kind)]);
  for (const { waits = [], firstTokenSeconds } of trace.spans) {
    for (const { name } of waits) kinds.add(name === undefined ? 'idle' : 'wait');
    if (firstTokenSeconds !== undefined) kinds.add('token');
  }
  return (
    <p class="key">
      {KEY.filter(({ look }) => kinds.has(look)).map(({ look, words }) => (
        <span key={look}>
          <i class={look} />
          {words}
        </span>
      ))}
      {trace.spans.some(({ waits = [] }) => waits.some(({ by }) => by !== undefined)) && (
        <span>an arrow comes from what ended the wait</span>
      )}
      {trace.leftOut !== undefined && trace.leftOut > 0 && (
        <span>{`${plural(trace.leftOut, 'span')} with the least time left out`}</span>
      )}
    </p>
  );
}
