const MAX_LENGTH = 40;
/** A name is no shorter, unless it is. */
const MIN_NAME_LENGTH = 12;

/** What to do, by the kinds of insights and the forms of some; `{}` is the row. */
const TITLES: Readonly<Record<string, string>> = {
  'repeated-calls': 'Cache the answers of {}',
  'growing-context': 'Send less of the past to {}',
  'unused-prompt-cache': 'Cache the beginning of {}',
  'slow-reader': 'Read ahead of {}',
  'slow-reader: always behind': 'Make the reader of {} faster',
  'sequential-calls': 'Run {} side by side',
  'sequential-calls: tools': 'Call the tools of {} side by side',
  'independent-calls': 'Run the calls in {} side by side',
  'many-short-calls': 'Ask for all {} at once',
  'costly-retries': 'Give up {} sooner',
  'costly-retries: late success': 'Find out why {} fails at first',
  timeout: 'Shorten the timeout of {}',
  'timeout: too short': 'Allow {} more time',
  'slow-tail': 'Look at the slowest {}',
  straggler: 'Ask {} again when it is late',
  'straggler: always the same': 'Split the longest {}',
  'small-pool': 'Let more of {} run at a time',
  'small-pool: batches': 'Run {} without batches',
  'cold-start': 'Do {} before the first request',
  'cold-start: instances': 'Keep instances warm, or shorten {}',
  'agent-loop': 'Stop calling {} again',
  dominant: 'Make {} faster',
  'blocked-event-loop': 'Move {} to a worker thread',
};

/** Returns what to do about a row, in a few words. */
export function titleOf(kind: string, name: string): string | undefined {
  const title = TITLES[kind];
  if (title === undefined) return undefined;
  const room = Math.max(MIN_NAME_LENGTH, MAX_LENGTH - title.length + '{}'.length);
  const line = name.slice(0, 4 * MAX_LENGTH).replace(/\s+/g, ' ');
  // A letter of two halves is not cut in two.
  const head = line.slice(0, room - 1).replace(/[\uD800-\uDBFF]$/, '');
  const short = line.length <= room ? line : `${head}…`;
  return title.replace('{}', () => short);
}
