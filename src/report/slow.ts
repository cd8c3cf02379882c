import { FORMATS, formatSeconds, formatShare, plural } from '../format.js';
import type { SlowEntryPoint, SlowRow, SlowSpan, Summary } from '../summary.js';
import { nameColumn } from './columns.js';
import { paragraphs, rowName, type Form } from './form.js';
import { jaegerLink } from './jaeger-link.js';
import type { Column } from './table.js';

const TOO_FEW =
  'Too few traces have ended to say what makes the slow ones slow: an entry point needs 60 or more.';

/** Compares the slowest traces of each entry point with the typical ones. */
export function printSlow(
  { slow = [], services }: Summary,
  jaegerUrl: string | undefined,
  form: Form,
): string {
  if (slow.length === 0) return TOO_FEW;
  const several = services.length > 1;
  return paragraphs(
    slow.flatMap((point) => [
      `${form.name(rowName(point, several))}: ${comparison(point)}`,
      form.table(columnsOf(several, jaegerUrl, form), point.rows),
      ...(point.rows.some(({ isCause }) => isCause) ? [] : ['No row stands out.']),
    ]),
  );
}

function comparison(point: SlowEntryPoint): string {
  const { calls, slowTraces, slowSeconds, typicalTraces, typicalSeconds, beyondSeconds } = point;
  return (
    `its slowest 5 % take ${formatSeconds(slowSeconds)} on average, more than ${formatSeconds(beyondSeconds)} each; ` +
    `the typical ones ${formatSeconds(typicalSeconds)} (${slowTraces} and ${typicalTraces} of ${plural(calls, 'trace')})`
  );
}

function columnsOf(several: boolean, jaegerUrl: string | undefined, form: Form): Column<SlowRow>[] {
  return [
    { head: '', cell: ({ isCause }) => (isCause === true ? '▸' : ''), align: 'left' },
    nameColumn<SlowRow>(several, form),
    { head: 'Of slow', cell: ({ slowShare }) => formatShare(slowShare), paint: form.colors.yellow },
    { head: 'Of typical', cell: ({ typicalShare }) => formatShare(typicalShare) },
    { head: 'Slow', cell: ({ slowSeconds }) => formatSeconds(slowSeconds) },
    { head: 'Typical', cell: ({ typicalSeconds }) => formatSeconds(typicalSeconds) },
    { head: 'Traces', cell: ({ traces }) => (traces > 0 ? FORMATS.count(traces) : undefined) },
    {
      head: 'Slowest of them',
      cell: ({ slowest: [span] }) => span && traceText(span, jaegerUrl, form),
      align: 'left',
    },
  ];
}

function traceText(span: SlowSpan, jaegerUrl: string | undefined, form: Form): string {
  const link = jaegerUrl === undefined ? undefined : jaegerLink(jaegerUrl, span);
  return link ?? form.name(span.traceId);
}
