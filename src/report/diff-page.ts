import type { DiffPageData, Mood, PageChange, PageDiff, PageDiffPath } from '../page-data.js';
import { isChanged, type FigureChange } from '../summaries/compare.js';
import type { PathDiff } from '../summaries/diff-paths.js';
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
import { jaegerBase } from './jaeger-link.js';

/** Returns what a page shows of a diff. */
export function diffPageDataOf(diff: SummaryDiff, jaegerUrl?: string): DiffPageData {
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
    paths: (diff.callPaths ?? []).map(pathOf),
    notes: diff.warnings.length > 0 ? diffNotesOf({ ...diff, added: [], removed: [] }, form) : [],
  };
  const links = jaegerUrl === undefined ? {} : { jaegerUrl: jaegerBase(jaegerUrl) };
  return { version: VERSION, ...links, diff: page };
}

function rowOf(row: RowDiff, verdict: string): PageDiff['rows'][number] {
  const { name, service, criticalSecondsPerTrace, slowest } = row;
  return {
    ...sidesOf(criticalSecondsPerTrace),
    name,
    service,
    verdict,
    mood: moodOf(toldOfRow(row)),
    slowest: defined({ before: slowest?.before[0], after: slowest?.after[0] }),
  };
}

function pathOf(path: PathDiff): PageDiffPath {
  const { name, service, parent, means, criticalSecondsPerTrace, callsPerTrace } = path;
  const { before = 0, after = 0 } = criticalSecondsPerTrace;
  return {
    ...{ name, service, ...defined({ parent, means }) },
    ...{ beforeSeconds: before, afterSeconds: after },
    ...{ beforeCalls: callsPerTrace.before, afterCalls: callsPerTrace.after },
    ...(isChanged(criticalSecondsPerTrace) ? {} : { isNoise: true }),
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
