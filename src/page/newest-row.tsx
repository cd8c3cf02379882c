import { Component } from 'preact';
import type { ListedTrace } from '../page-data.js';
import { Name } from './name.js';
import { useTrace } from './newest-list.js';
import { jaegerHref } from './span-link.js';
import { TraceCaption } from './trace-caption.js';
import { clockOf } from './trace-choices.js';
import type { Unit } from './units.js';
import { Waterfall } from './waterfall.js';

/** What the columns have in common. */
export interface NewestColumns {
  readonly time: Unit;
  readonly longest: number;
  /** Absent where nothing has a cost. */
  readonly money: Unit | undefined;
  readonly hasErrors: boolean;
}

interface RowProps {
  readonly trace: ListedTrace;
  readonly columns: NewestColumns;
  readonly hasService: boolean;
  readonly isOpen: boolean;
  readonly onToggle: (at: number) => void;
  readonly jaegerUrl: string | undefined;
}

/** One of the newest traces. It is drawn again only if it looks different: there may be thousands. */
export class NewestRow extends Component<RowProps> {
  override shouldComponentUpdate({ trace, columns, isOpen, hasService }: RowProps): boolean {
    const now = this.props;
    return (
      trace !== now.trace ||
      isOpen !== now.isOpen ||
      hasService !== now.hasService ||
      looksOf(columns) !== looksOf(now.columns)
    );
  }

  override render({ trace, columns, hasService, isOpen, jaegerUrl }: RowProps) {
    const { at, name, service, startEpochSeconds, seconds, spans, errors = 0, costUsd } = trace;
    const { time, longest, money, hasErrors } = columns;
    const canOpen = trace.isDrawn === true;
    const isService = hasService ? service : undefined;
    return (
      <>
        <tr class={canOpen ? 'row' : undefined} onClick={() => canOpen && this.props.onToggle(at)}>
          <td class="when">{clockOf(startEpochSeconds + seconds).replace(' UTC', '')}</td>
          <th scope="row">
            {canOpen ? (
              <button type="button" aria-expanded={isOpen}>
                <Name of={name} service={isService} />
              </button>
            ) : (
              <NotDrawn {...{ trace, jaegerUrl }} service={isService} />
            )}
          </th>
          <td class="bar">
            <svg aria-hidden="true" width="100%" height="14">
              <rect
                class={errors > 0 ? 'failed' : 'kept'}
                width={`${(100 * seconds) / longest}%`}
                height="14"
              />
            </svg>
          </td>
          <td class="figure took" data-label={time.unit}>
            {time.format(seconds)}
          </td>
          <td class="figure calls" data-label="spans">
            {spans > 0 && spans.toLocaleString('en-US')}
          </td>
          {hasErrors && (
            <td class="figure wasted" data-label="errors">
              {errors > 0 && errors.toLocaleString('en-US')}
            </td>
          )}
          {money !== undefined && (
            <td class="figure cost" data-label="$">
              {costUsd !== undefined && money.format(costUsd)}
            </td>
          )}
        </tr>
        {isOpen && (
          <tr class="opened">
            <td colSpan={5 + Number(hasErrors) + Number(money !== undefined)}>
              <OpenTrace {...{ trace, jaegerUrl }} />
            </td>
          </tr>
        )}
      </>
    );
  }
}

function looksOf({ time, longest, money, hasErrors }: NewestColumns): string {
  return [time.unit, time.format(longest), longest, money?.format(1), hasErrors].join();
}

/** Jaeger may have what is not kept here. */
function NotDrawn(props: {
  trace: ListedTrace;
  service: string | undefined;
  jaegerUrl: string | undefined;
}) {
  const { trace, service, jaegerUrl } = props;
  const href = jaegerHref(jaegerUrl, trace);
  const name = <Name of={trace.name} service={service} />;
  if (href !== undefined) return <a href={href}>{name}</a>;
  return <span title="Its spans are not kept">{name}</span>;
}

function OpenTrace({ trace, jaegerUrl }: Pick<RowProps, 'trace' | 'jaegerUrl'>) {
  const found = useTrace(trace);
  if (found === undefined) return <p class="caption">…</p>;
  if (typeof found === 'string') return <p role="status">{found}</p>;
  return (
    <>
      <p class="caption">
        <TraceCaption trace={found} jaegerUrl={jaegerUrl} />
      </p>
      <Waterfall trace={found} jaegerUrl={jaegerUrl} />
    </>
  );
}
