import { useMemo } from 'preact/hooks';
import type { DrawnTrace } from '../page-data.js';
import { inMoney, inTime } from './amounts.js';
import { ribbonOf, sumPieces, type PieceKind } from './critical-pieces.js';
import { Name } from './name.js';
import { jaegerHref, shortId } from './span-link.js';
import { treeOf } from './span-tree.js';
import { clockOf } from './trace-choices.js';

interface CaptionProps {
  readonly trace: DrawnTrace;
  readonly jaegerUrl: string | undefined;
}

/** What most of the trace went into, in one sentence. */
export function TraceCaption({ trace, jaegerUrl }: CaptionProps) {
  const { byKind, byKey } = useMemo(() => {
    const nodes = treeOf(trace.spans);
    return sumPieces(nodes, ribbonOf(nodes, trace.seconds));
  }, [trace]);
  const [most] = [...byKey].sort(([, one], [, other]) => other - one);
  const told = (...kinds: PieceKind[]) => {
    const seconds = kinds.reduce((sum, kind) => sum + (byKind.get(kind) ?? 0), 0);
    return seconds > trace.seconds / 100 ? inTime(seconds) : undefined;
  };
  const [wasted, waits, idle] = [told('failed', 'backoff'), told('wait'), told('idle')];
  return (
    <>
      <TraceId {...{ trace, jaegerUrl }} /> at {clockOf(trace.startEpochSeconds)}
      {trace.costUsd !== undefined && ` · ${inMoney(trace.costUsd)}`}
      {most !== undefined && (
        <>
          {` · ${inTime(most[1])} was for `}
          <Name of={most[0].slice(most[0].indexOf('\n') + 1)} />
        </>
      )}
      {wasted !== undefined && <span class="wasted">{`, ${wasted} was wasted`}</span>}
      {waits !== undefined && `, ${waits} in waits`}
      {idle !== undefined && `, ${idle} idle`}
    </>
  );
}

function TraceId({ trace: { traceId, spans }, jaegerUrl }: CaptionProps) {
  const link = jaegerHref(jaegerUrl, { traceId, spanId: spans[0]?.spanId ?? '' });
  const id = <span class="name">{shortId(traceId)}</span>;
  return link === undefined ? id : <a href={link}>{id}</a>;
}
