import { Fragment } from 'preact';
import type { Bottleneck } from '../summary.js';
import { inPercent } from './amounts.js';
import { Facts } from './facts.js';
import { Name } from './name.js';
import { ownTime, shareWords } from './own-time.js';
import type { RowColumn } from './rows.js';
import type { SpanTargets } from './span-link.js';

interface RowProps {
  readonly row: Bottleneck;
  /** The row in all entry points, where `row` is of one. */
  readonly whole?: Bottleneck | undefined;
  readonly columns: readonly RowColumn[];
  /** The largest share of all rows: its bar is as long as there is room. */
  readonly largest: number;
  readonly hasService: boolean;
  /** `false` where no row has words for its own time. */
  readonly hasOwn: boolean;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly targets: SpanTargets;
  readonly onTry: (() => void) | undefined;
}

export function RankingRow(props: RowProps) {
  const { row, whole, columns, largest, hasService, hasOwn, isOpen, onToggle, targets, onTry } =
    props;
  return (
    <>
      <tr class="row" onClick={onToggle}>
        <th scope="row">
          <button type="button" aria-expanded={isOpen}>
            <Name of={row.name} service={hasService ? row.service : undefined} />
          </button>
        </th>
        <td class="bar">
          <Bar row={row} largest={largest} />
        </td>
        <td class="figure share">{inPercent(row.criticalShare)}</td>
        {hasOwn && (
          <td class="own">
            <OwnWords row={row} />
          </td>
        )}
        {columns.map(({ id, head, figure, format, isWaste }) => {
          const value = figure(row);
          const isNone = value === undefined || value === 0;
          const label = head.split(', ')[0];
          return (
            <td key={id} class={`figure ${id}${isWaste ? ' wasted' : ''}`} data-label={label}>
              {isNone ? '' : format(value)}
              {id === 'saving' && row.savingDoubt !== undefined && (
                <abbr title="This may be wrong: open the row"> ?</abbr>
              )}
            </td>
          );
        })}
      </tr>
      {isOpen && (
        <tr class="opened">
          <td colSpan={columns.length + (hasOwn ? 4 : 3)}>
            {whole !== undefined && <p class="caption">In all entry points:</p>}
            <Facts row={whole ?? row} targets={targets} onTry={onTry} />
          </td>
        </tr>
      )}
    </>
  );
}

/** The share, pale, and in it what of it would be saved. */
function Bar({ row, largest }: { row: Bottleneck; largest: number }) {
  const { criticalSeconds, criticalShare, savingSeconds = 0 } = row;
  const width = (100 * criticalShare) / largest;
  const saved = criticalSeconds > 0 ? Math.min(savingSeconds / criticalSeconds, 1) : 0;
  return (
    <svg aria-hidden="true" width="100%" height="14">
      <rect class="kept" width={`${width}%`} height="14" />
      <rect class="saved" width={`${width * saved}%`} height="14" />
    </svg>
  );
}

function OwnWords({ row }: { row: Bottleneck }) {
  return (
    <>
      {ownTime(row).map(({ words, isWork, row: other, share }, at, all) => (
        <Fragment key={at}>
          <span>
            {isWork === true ? <b>{words}</b> : words} {other !== undefined && <Name of={other} />}{' '}
            {shareWords(share)}
            {at < all.length - 1 && ','}
          </span>{' '}
        </Fragment>
      ))}
    </>
  );
}
