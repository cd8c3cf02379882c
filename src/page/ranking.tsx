import { keyOf } from '../sampled-times.js';
import { useMemo, useState } from 'preact/hooks';
import type { Bottleneck, Summary } from '../summary.js';
import { formatCount } from '../format.js';
import { inPercent, inTime } from './amounts.js';
import { ownTime } from './own-time.js';
import { RankingRow } from './ranking-row.js';
import {
  columnsOf,
  filtered,
  orderAfter,
  orderOf,
  sorted,
  type ColumnId,
  type Order,
} from './rows.js';
import { Find, Section } from './section.js';
import type { SpanTargets } from './span-link.js';

/** How many rows are shown at first, then, and with every click after it. */
const STEPS = [8, 50];
const MORE = 500;
/** What is known of a row in one entry point alone. */
const KNOWN_BY_ENTRY = new Set<ColumnId>(['critical', 'saving', 'cost', 'calls']);

export interface RankingProps {
  readonly summary: Summary;
  /** With all entry points, where `summary` is narrowed to one. */
  readonly whole?: Summary | undefined;
  readonly targets: SpanTargets;
  readonly chosenRow: string | undefined;
  readonly onChooseRow: (row: string | undefined) => void;
  readonly canTry: (row: string) => boolean;
  readonly onTry: (row: string) => void;
}

/** The ranking, to sort, to filter and to open. */
export function Ranking(props: RankingProps) {
  const { summary, whole, chosenRow, onChooseRow, canTry, onTry, targets } = props;
  const { bottlenecks, latency, services } = summary;
  const [order, setOrder] = useState<Order>();
  const [filter, setFilter] = useState('');
  const [most, setMost] = useState(STEPS[0]!);
  const columns = useMemo(() => {
    const all = columnsOf(bottlenecks);
    return whole === undefined ? all : all.filter(({ id }) => KNOWN_BY_ENTRY.has(id));
  }, [bottlenecks, whole]);
  const wholeRows = useMemo(
    () => whole && new Map(whole.bottlenecks.map((row) => [keyOf(row), row])),
    [whole],
  );
  const found = useMemo(() => {
    const all = filtered(bottlenecks, filter);
    return order === undefined ? all : sorted(all, order);
  }, [bottlenecks, filter, order]);
  const hasOwn = useMemo(() => bottlenecks.some((row) => ownTime(row).length > 0), [bottlenecks]);
  const current = order ?? orderOf(summary);
  const rows = found.slice(0, most);
  const largest = bottlenecks.reduce((share, row) => Math.max(share, row.criticalShare), 1e-9);
  return (
    <Section
      id="ranking"
      title="What users waited for"
      caption={`Shares of ${inTime(latency.totalSeconds)}. Dark is what would be saved if it took no time at all; pale, where something beside it would take over.`}
      controls={
        bottlenecks.length > STEPS[0]! && <Find what="rows" text={filter} onFind={setFilter} />
      }
    >
      <table class="ranking">
        <thead>
          <tr>
            <Head id="name" order={current} onOrder={setOrder} text="Segment" />
            <Head id="critical" order={current} onOrder={setOrder} text="Share" span={2} />
            {hasOwn && <th class="own">Its own time</th>}
            {columns.map(({ id, head }) => (
              <Head key={id} id={id} order={current} onOrder={setOrder} text={head} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = keyOf(row);
            const onRowTry = canTry(key) ? () => onTry(key) : undefined;
            return (
              <RankingRow
                key={key}
                {...{ row, columns, largest, targets, onTry: onRowTry }}
                {...{ hasService: services.length > 1, hasOwn }}
                whole={wholeRows?.get(key)}
                isOpen={key === chosenRow}
                onToggle={() => onChooseRow(key === chosenRow ? undefined : key)}
              />
            );
          })}
        </tbody>
      </table>
      <More found={found} shown={rows.length} onMore={setMost} />
    </Section>
  );
}

function Head(props: {
  id: ColumnId;
  text: string;
  order: Order;
  onOrder: (order: Order) => void;
  span?: number;
}) {
  const { id, text, order, onOrder, span = 1 } = props;
  // The share and the seconds are one order: the arrow stands at the seconds.
  const isBy = order.by === id && span === 1;
  const [label = '', unit] = text.split(', ');
  return (
    <th
      class={id === 'name' || span > 1 ? undefined : 'figure'}
      colSpan={span}
      aria-sort={isBy ? (order.isRising ? 'ascending' : 'descending') : undefined}
    >
      <button type="button" onClick={() => onOrder(orderAfter(order, id))}>
        {label}
        {unit !== undefined && `, ${unit}`}
        {isBy && <span aria-hidden="true"> {order.isRising ? '↑' : '↓'}</span>}
      </button>
    </th>
  );
}

function More(props: {
  found: readonly Bottleneck[];
  shown: number;
  onMore: (most: number) => void;
}) {
  const { found, shown, onMore } = props;
  const rest = found.slice(shown);
  if (found.length === 0) return <p class="caption">No row has that in its name.</p>;
  if (rest.length === 0) return null;
  const share = rest.reduce((sum, { criticalShare }) => sum + criticalShare, 0);
  const next = STEPS.find((step) => step > shown) ?? shown + MORE;
  const [which, them] =
    rest.length > next - shown
      ? [`${formatCount(next - shown)} of ${formatCount(rest.length)} more rows`, ', all of them']
      : [`${formatCount(rest.length)} more ${rest.length === 1 ? 'row' : 'rows'}`, ','];
  return (
    <button type="button" class="link more" onClick={() => onMore(next)}>
      {which}
      {them} {inPercent(share)} together
    </button>
  );
}
