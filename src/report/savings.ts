import { formatSeconds } from '../format.js';
import type { Bottleneck, SavingDoubt, Summary } from '../summary.js';
import { rowName, type Form } from './form.js';

const MARK = '~';
/** Why a saving may be wrong. */
const REASONS: Readonly<Record<SavingDoubt, string>> = {
  race: 'calls lose races, and would win if they were faster',
  timeout: 'a timer ended calls',
  'unknown-wait': 'calls waited for something that is not traced',
  stream: 'how fast a stream would come to a faster reader is not known',
};

export function doubtMark({ savingDoubt }: Bottleneck): string {
  return savingDoubt === undefined ? '' : MARK;
}

/** Explains the marks of the rows that are shown, if there are any. */
export function doubtLine(rows: readonly Bottleneck[]): string[] {
  const doubts = new Set(rows.flatMap(({ savingDoubt }) => savingDoubt ?? []));
  if (doubts.size === 0) return [];
  return [`${MARK} not a sure saving: ${[...doubts].map((doubt) => REASONS[doubt]).join('; or ')}`];
}

const MAX_LINES = 3;
/** Of all time: of less, nobody would ask what limits its saving. */
const MIN_SHARE = 0.05;

/** Says which branch would take over from rows of which little can be saved. */
export function takenOverLines({ bottlenecks, services }: Summary, form: Form): string[] {
  const nameOf = (name: string, service: string) =>
    form.name(rowName({ name, service }, services.length > 1), 44);
  return bottlenecks
    .filter(({ criticalShare, takenOverBy }) => takenOverBy && criticalShare >= MIN_SHARE)
    .slice(0, MAX_LINES)
    .flatMap(({ name, service, criticalSeconds, savingSeconds = 0, takenOverBy }) => {
      if (takenOverBy === undefined) return [];
      const other = nameOf(takenOverBy.row, takenOverBy.service);
      const saved = `${formatSeconds(savingSeconds)} of ${formatSeconds(criticalSeconds)}`;
      return `without ${nameOf(name, service)}, ${other} would take over: saves ${saved}`;
    });
}
