import type { Summary } from '../summary.js';
import type { PageServer } from './page-server.js';
import type { PageSourceOptions } from './page-source.js';
import { defined } from '../sums.js';
import type { ReceiveOptions } from './receive-traces.js';
import type { FollowTraces } from './traces-list.js';

/** Where programs send OTLP by default. */
export const RECEIVER_PORT = 4318;
/** Where a page is that receives nothing: the port before is left to receivers. */
export const PAGE_PORT = RECEIVER_PORT + 1;

/** Says where a page is, and why it is elsewhere than asked. */
export function whereIs({ port, address }: PageServer, asked: number): string {
  const why = asked === 0 || asked === port ? '' : ` (${asked} is taken)`;
  return `the page is at ${address}${why}`;
}

/** Serves the page of what programs send. See {@link ReceiveOptions}. */
export async function viewTraces(options: ReceiveOptions): Promise<PageServer> {
  const { receiveTraces } = await import('./receive-traces.js');
  return receiveTraces(options);
}

export interface ServeOptions extends Omit<PageSourceOptions, 'list'> {
  readonly port: number;
  /** Has the traces that end listed while somebody looks. Default: none are. */
  readonly follow?: FollowTraces;
  /** The most of the time that making summaries may take, from 0 to 1. */
  readonly share: number;
  /** Let the process end while the page is served. Default false. */
  readonly isBackground?: boolean;
}

/**
 * Serves the page of a summary.
 *
 * @throws BadInputError (rejects) if no port is free
 */
export async function viewSummary(
  summary: () => Summary,
  options: ServeOptions,
): Promise<PageServer> {
  // Those who have no page do not load what makes it.
  const [{ servePage }, { pageSource }, { listWhileSeen }] = await Promise.all([
    import('./page-server.js'),
    import('./page-source.js'),
    import('./traces-list.js'),
  ]);
  const { follow, ...rest } = options;
  const list = follow && listWhileSeen(follow);
  return servePage(pageSource(summary, { ...rest, ...defined({ list }) }), options);
}
