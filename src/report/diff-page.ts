import type { DiffPageData, Mood, PageChange, PageDiff } from '../page-data.js';
import type { FigureChange } from '../summaries/compare.js';
import type { RowDiff, SummaryDiff } from '../summaries/diff.js';
import { defined } from '../sums.js';
import { VERSION } from '../version.js';
import {
  changesText,
  conclusion,
  hasMoved,
  diffNotesOf,
  restText,
  toldOf,
  toldOfRow,
  type Told,
} from './diff.js';
import { textForm } from './form.js';

/** Returns what a page shows of a diff. */
export function diffPageDataOf(diff: SummaryDiff): DiffPageData {
  const form = textForm();
  const page: PageDiff = {
    traces: diff.traces,
    conclusion: conclusion(diff, form),
    overall: toldOf(diff).map((told) => ({
      ...sidesOf(told.change),
      label: told.label,
      unit: told.unit,
      ...defined({ verdict: told.change.verdict }),
      mood: moodOf([told]),
    })),
    rows: [
      ...diff.rows.map((row) => rowOf(row, changesText(row) || (restText(row) ?? 'not known'))),
      ...diff.added.map((row) => rowOf(row, 'new')),
      ...diff.removed.map((row) => rowOf(row, 'gone')),
    ],
    notes: diff.warnings.length > 0 ? diffNotesOf({ ...diff, added: [], removed: [] }, form) : [],
  };
  return { version: VERSION, diff: page };
}

function rowOf(row: RowDiff, verdict: string): PageDiff['rows'][number] {
  const { name, service, criticalSecondsPerTrace } = row;
  return {
    ...sidesOf(criticalSecondsPerTrace),
    name,
    service,
    verdict,
    mood: moodOf(toldOfRow(row)),
  };
}

function sidesOf({ before, after, ratio }: FigureChange): PageChange {
  return defined({ before, after, ratio });
}

/** What got worse counts more. */
function moodOf(figures: readonly Told[]): Mood {
  if (figures.some((told) => hasMoved(told, false))) return 'worse';
  return figures.some((told) => hasMoved(told, true)) ? 'better' : 'none';
}
